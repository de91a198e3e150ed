"""Models behind the protocols. torch and transformers are imported inside functions only."""

import os

#: oneDNN and torch's layer over it keep what they made for every shape of a batch, a thousand
#: of them, and a batch of texts hardly ever has the shape of another: 1 to 3 MB each, half a
#: gigabyte after some thousand texts. For batches a few are as quick; so many hold the products
#: of single texts (`fused`). Read by torch when it first computes.
FEW_SHAPES = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64", "LRU_CACHE_CAPACITY": "4"}

for _name, _value in FEW_SHAPES.items():
    os.environ.setdefault(_name, _value)

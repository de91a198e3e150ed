"""From what people wrote to better weights: data, training, measuring, versions.

torch is imported inside functions only, as in the backends: see docs/adr/0003.
"""

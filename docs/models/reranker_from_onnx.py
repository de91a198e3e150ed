"""Reads a BERT reranker with eight-bit weights out of an ONNX file, for `pack_reranker`.

    pip install onnx
    python docs/models/reranker_from_onnx.py FOLDER-WITH-model.onnx OUT
    python manage.py pack_reranker OUT --out qa_engine/weights/reranker

Such files name biases, norms and embeddings as the model does, but call the other matrices by
numbers: what they are stands in the name of the step that multiplies by them. Not a part of the
helpdesk: it made the weights that come along (docs/models/reranker.md), and stays so that they
can be made again.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

QUANTIZED = "_quantized"


def main(source: Path, out: Path) -> None:
    graph = onnx.load(source / "model.onnx").graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = {name: _float(stored, name) for name in stored if name.endswith(QUANTIZED)}
    named = {
        name: torch.tensor(array.astype(np.float32))
        for name, array in stored.items()
        if "." in name and "::" not in name and not name.endswith((QUANTIZED, "_scale", "_point"))
    }
    for name, array in weights.items():
        if "::" not in name:
            named[name.removesuffix(QUANTIZED)] = torch.tensor(array)
    for step in graph.node:
        if step.op_type == "MatMulInteger" and step.input[1] in weights:
            path = re.sub(r"/MatMul(_quant)?$", "", step.name).strip("/").replace("/", ".")
            named[f"{path}.weight"] = torch.tensor(weights[step.input[1]].T.copy())
    for head in ("classifier.weight", "bert.pooler.dense.weight"):
        named[head] = named[head].T.contiguous()
    layers = 1 + max(
        int(found[1]) for name in named if (found := re.search(r"layer\.(\d+)", name))
    )
    vocabulary, width = named["bert.embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        intermediate_size=4 * width,
        num_labels=1,
    )
    model = BertForSequenceClassification(config)
    missing, _ = model.load_state_dict(named, strict=False)
    if missing:
        sys.exit(f"{source} lacks {', '.join(missing)}")
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(source).save_pretrained(out)


def _float(stored: dict[str, Any], name: str) -> Any:
    base = name.removesuffix(QUANTIZED)
    zero = stored[f"{base}_zero_point"].astype(np.float32)
    return (stored[name].astype(np.float32) - zero) * stored[f"{base}_scale"]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Layers of BERT's kind in a few calls each: the sums of transformers' own, less Python around.

A question is a dozen tokens. A third of its time went into modules that call modules, and into
telling for each of six small products anew which number type it is computed in. Importing this
imports torch: only what has loaded a model does. No Django.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

# Of transformers: the layers whose sums are these.
KINDS = frozenset({"BertLayer", "RobertaLayer", "XLMRobertaLayer"})
GELU = "gelu"
# oneDNN prepares each product anew for each number of rows that it has not lately seen, and keeps
# a few (`backends.FEW_SHAPES`). That took a third of a single question's time (17 ms with lengths
# as they come, 11 with one length). Up to so many tokens they are filled up to a multiple of STEP.
SINGLE, STEP = 256, 16


class FusedLayer(torch.nn.Module):
    """Takes a layer's place in its encoder. Only computes: it has no dropout and no gradients."""

    def __init__(self, layer: Any, dtype: torch.dtype) -> None:
        super().__init__()
        own, out = layer.attention.self, layer.attention.output
        self.dtype = dtype
        self.heads = own.num_attention_heads
        projections = (own.query, own.key, own.value)
        self._keep("asked", [one.weight for one in projections], [one.bias for one in projections])
        self._keep("attended", [out.dense.weight], [out.dense.bias])
        self._keep("wide", [layer.intermediate.dense.weight], [layer.intermediate.dense.bias])
        self._keep("narrow", [layer.output.dense.weight], [layer.output.dense.bias])
        self.after_attention, self.after = out.LayerNorm, layer.output.LayerNorm

    def _keep(self, name: str, weights: list[torch.Tensor], biases: list[torch.Tensor]) -> None:
        for part, tensors in (("weight", weights), ("bias", biases)):
            kept = torch.cat([one.detach() for one in tensors]).to(self.dtype)
            self.register_buffer(f"{name}_{part}", kept, persistent=False)

    def forward(
        self, states: torch.Tensor, mask: torch.Tensor | None = None, *_: Any, **__: Any
    ) -> torch.Tensor:
        """Text, token, hidden; `mask` is what scaled_dot_product_attention takes."""
        texts, tokens, hidden = states.shape
        asked = self._linear("asked", states.to(self.dtype))
        parts = asked.view(texts, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        attended = attended.transpose(1, 2).reshape(texts, tokens, hidden)
        states = self.after_attention(states + self._linear("attended", attended))
        wide = functional.gelu(self._linear("wide", states.to(self.dtype)))
        result: torch.Tensor = self.after(states + self._linear("narrow", wide))
        return result

    def _linear(self, name: str, given: torch.Tensor) -> torch.Tensor:
        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        rows = given.shape[0] * given.shape[1]
        more = rounded(rows) - rows
        flat = functional.pad(given.reshape(rows, -1), (0, 0, 0, more)) if more else given
        found = functional.linear(flat, weight, bias)
        return found[:rows].view(*given.shape[:2], -1) if more else found


def rounded(rows: int) -> int:
    """So many rows are computed for `rows`: of single texts there are but a few sizes then."""
    return -(-rows // STEP) * STEP if rows <= SINGLE else rows


def fuse(model: Any, dtype: torch.dtype) -> None:
    """Puts fused layers in place of a model's own; whatever else it has stays as it is."""
    config: Any = getattr(model, "config", None)
    if getattr(config, "_attn_implementation", "") != "sdpa" or config.hidden_act != GELU:
        return
    for module in list(model.modules()):
        layers = getattr(module, "layer", None)
        if not isinstance(layers, torch.nn.ModuleList):
            continue
        for number, layer in enumerate(layers):
            if type(layer).__name__ in KINDS and not layer.is_decoder:
                layers[number] = FusedLayer(layer, dtype)

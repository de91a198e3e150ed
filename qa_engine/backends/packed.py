"""Weights of a model in a quarter of their size: a byte each, and a scale for every row.

Half precision would be twice as large, and nothing that was measured tells the two apart. Read
back they are float32, to be computed with like any others. torch is imported by the calls. No
Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import torch

FILE = "packed.safetensors"
_SCALE = ".scale"
_LARGEST = 127


def is_in(directory: Path | None) -> TypeGuard[Path]:
    return directory is not None and (directory / FILE).is_file()


def pack(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Matrices by row, symmetric about nought; what has one dimension stays as it is."""
    import torch

    packed: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        if tensor.dim() < 2:
            packed[name] = tensor.float().contiguous()
            continue
        scale = (tensor.abs().amax(dim=1, keepdim=True) / _LARGEST).clamp(min=1e-12).float()
        packed[name] = (tensor.float() / scale).round().to(torch.int8).contiguous()
        packed[f"{name}{_SCALE}"] = scale
    return packed


def unpack(packed: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """As float32; a matrix without a scale is one that was never packed."""
    return {
        name: tensor.float() * packed.get(f"{name}{_SCALE}", 1.0)
        for name, tensor in packed.items()
        if not name.endswith(_SCALE)
    }


def store(weights: Mapping[str, torch.Tensor], file: Path) -> None:
    from safetensors.torch import save_file

    save_file(pack(weights), file)


def load(file: Path) -> dict[str, torch.Tensor]:
    """Raises OSError or ValueError for a file that is none of ours."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return unpack(load_file(file))
    except (SafetensorError, RuntimeError) as exc:
        raise ValueError(f"{file} cannot be read: {exc}") from exc

"""A few weights of its own for a model that is kept as it is, in a directory of a megabyte.

Low-rank additions to linear weights (LoRA, Hu et al. 2021): W + scale · B A. The directory
names the fingerprint of the model that they were trained on; added to any other they would
mean nothing. torch is imported by the calls. No Django.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_engine.backends.loading import content_digest
from qa_engine.backends.locate import locate
from qa_engine.protocols import ModelUnavailable

if TYPE_CHECKING:
    import torch

MANIFEST = "tuned.json"
WEIGHTS = "tuned.safetensors"
_DOWN, _UP = ".A", ".B"


@dataclass(frozen=True)
class Tuned:
    """What a directory adds to which model. Reading it loads no weights."""

    directory: Path
    # The fingerprint of the model that it was trained on.
    base: str
    scale: float
    # Whether short questions are better asked without it.
    for_descriptions: bool = False
    about: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        own = f"{content_digest(self.directory / WEIGHTS)} {self.base} {self.scale}"
        if self.for_descriptions:
            own += " for descriptions"
        return hashlib.sha256(own.encode()).hexdigest()[:12]

    def add_to(self, model: Any) -> list[str]:
        """To a model in float32; returns the names of the modules that it changed.

        Raises ModelUnavailable where they do not belong together.
        """
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        modules = dict(model.named_modules())
        try:
            weights = load_file(self.directory / WEIGHTS)
            names = sorted(one.removesuffix(_DOWN) for one in weights if one.endswith(_DOWN))
            added = {
                name: self.scale * weights[name + _UP].float() @ weights[name + _DOWN].float()
                for name in names
            }
        except (OSError, KeyError, RuntimeError, SafetensorError) as exc:
            raise ModelUnavailable(f"{self.directory / WEIGHTS} cannot be read: {exc}") from exc
        with torch.no_grad():
            for name, addition in added.items():
                own = getattr(modules.get(name), "weight", None)
                if own is None or own.shape != addition.shape:
                    raise ModelUnavailable(f"{self.directory} adds to {name}, which is not there.")
                own += addition.to(own)
        return names


def read(value: str, *, setting: str) -> Tuned:
    """What a setting names: a directory, or `package:NAME/PATH`. Raises ModelUnavailable."""
    directory = locate(value, setting=setting).directory
    if directory is None:
        raise ModelUnavailable(f"{setting}={value!r} is no directory.")
    try:
        told = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        found = Tuned(
            directory,
            base=str(told["base"]),
            scale=float(told["scale"]),
            for_descriptions=bool(told.get("for_descriptions")),
            about=told.get("about", {}),
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelUnavailable(f"{setting}: {directory} holds no readable {MANIFEST}.") from exc
    if not (directory / WEIGHTS).is_file():
        raise ModelUnavailable(f"{setting}: {directory / WEIGHTS} is missing.")
    return found


def write(
    directory: Path,
    additions: Mapping[str, tuple[torch.Tensor, torch.Tensor]],
    *,
    base: str,
    scale: float,
    about: Mapping[str, Any],
    for_descriptions: bool = False,
) -> Tuned:
    """`additions`: of each linear layer by its name (A: rank × in, B: out × rank)."""
    from safetensors.torch import save_file

    directory.mkdir(parents=True, exist_ok=True)
    named = {
        name + part: tensor.detach().cpu().half().contiguous()
        for name, pair in additions.items()
        for part, tensor in zip((_DOWN, _UP), pair, strict=True)
    }
    save_file(named, directory / WEIGHTS)
    told = {
        "base": base,
        "scale": scale,
        "for_descriptions": for_descriptions,
        "about": dict(about),
    }
    (directory / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return Tuned(directory, base, scale, for_descriptions, about)

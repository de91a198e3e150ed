"""Two models that differ in their last layers compute the first ones once.

torch is imported by the calls. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# As BERT, RoBERTa, MPNet, DeBERTa and their kin name their layers in transformers.
_LAYER = re.compile(r"^encoder\.layer\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch of texts as far as both models are the same, for the other one to go on from."""

    # Tokens of each text, and all of them as the tokenizer padded them.
    texts: Sequence[Sequence[int]]
    tokens: Mapping[str, torch.Tensor]
    # What a layer was given, by its number: first of all the states.
    given: Mapping[int, tuple[tuple[Any, ...], Mapping[str, Any]]]

    def states(self, model: Any, first: int) -> torch.Tensor:
        """The last states of a model that differs from layer `first` on: text, token, hidden."""
        (states, *others), named = self.given[first]
        for layer in layers(model)[first:]:
            found = layer(states, *others, **named)
            states = found[0] if isinstance(found, tuple) else found
        result: torch.Tensor = states
        return result


def layers(model: Any) -> Any:
    """Those of an encoder that is nothing but its embeddings and these; else none."""
    return getattr(getattr(model, "encoder", None), "layer", ())


def first_changed(names: Iterable[str]) -> int | None:
    """The first layer that one of these modules lies in; None where one lies in no layer."""
    found = [_LAYER.match(name) for name in names]
    numbers = [int(one[1]) for one in found if one]
    return min(numbers) if numbers and len(numbers) == len(found) else None


def share(model: Any, other: Any, first: int) -> None:
    """From now on `model` has the other's embeddings and its layers before the `first`."""
    model.embeddings = other.embeddings
    for number in range(first):
        layers(model)[number] = layers(other)[number]

"""What an encoder says of each word, small enough to be kept beside a passage's vector.

A text's tokens as the encoder leaves them, turned onto the few axes along which the model's own
words differ most, and a byte a number. The axes follow from the weights alone (principal
components of the vocabulary, in double precision), so that every host finds the same ones and
nothing has to be trained or stored. Signs and words that say nothing are left out. torch is
imported by the calls. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa_engine.text import STOP_WORDS

if TYPE_CHECKING:
    import torch

#: Numbers of a token's vector, a byte each. See docs/adr/0030 for what it was chosen on.
WIDTH = 48
#: A byte's largest; a vector's length is one.
SCALE = 127
# Rows of the vocabulary that the axes are found from, spread over all of it.
ROWS = 8_192
# What tokenizers write before the first token of a word.
_MARKS = "▁Ġ "


def width(config: dict[str, Any]) -> int:
    """Of a model with this configuration; nought where its words are no states of it."""
    hidden = int(config["hidden_size"])
    words = int(config.get("embedding_size", hidden))
    return min(WIDTH, hidden) if words == hidden else 0


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The axes, (hidden, width), and which tokens are never kept and which mostly not."""

    axes: torch.Tensor
    special: torch.Tensor
    silent: torch.Tensor

    @classmethod
    def of(cls, model: Any, tokenizer: Any, count: int) -> TokenVectors:
        """Of a loaded model; `count` is the width."""
        import torch

        texts = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        special = torch.zeros(len(texts), dtype=torch.bool)
        special[sorted(tokenizer.all_special_ids)] = True
        silent = special | torch.tensor([_says_nothing(text) for text in texts])
        axes = _axes(model.get_input_embeddings().weight, count)
        place = model.device
        return cls(axes.to(place), special.to(place), silent.to(place))

    def packed(
        self, hidden: torch.Tensor, tokens: torch.Tensor, mask: torch.Tensor
    ) -> Iterator[bytes]:
        """Of states (text, token, hidden) each text's tokens that are kept, one after another."""
        from torch.nn.functional import normalize

        turned = normalize(normalize(hidden, dim=-1) @ self.axes, dim=-1)
        numbers = (turned * SCALE).round().char().cpu().numpy()
        own = mask.bool() & ~self.special[tokens]
        telling = own & ~self.silent[tokens]
        kept = telling.where(telling.any(1, keepdim=True), own).cpu().numpy()
        for text, which in zip(numbers, kept, strict=True):
            yield text[which].tobytes()


def _axes(vocabulary: torch.Tensor, count: int) -> torch.Tensor:
    """The first `count` principal components of directions, as columns; signs are settled."""
    import torch
    from torch.nn.functional import normalize

    step = max(1, len(vocabulary) // ROWS)
    rows = vocabulary.detach()[::step].cpu().double()
    rows = normalize(rows - rows.mean(0), dim=-1)
    _, found = torch.linalg.eigh(rows.T @ rows)
    axes = found.flip(1)[:, :count]
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    settled: torch.Tensor = (axes * largest.sign()).float()
    return settled


def _says_nothing(token: str) -> bool:
    word = token.strip(_MARKS).lower()
    return word in STOP_WORDS or not any(letter.isalnum() for letter in word)

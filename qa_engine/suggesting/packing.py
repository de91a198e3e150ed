"""What is kept of an article's claims: their values, and their words as numbers. No Django."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qa_engine.suggesting.claims import Claim
from qa_engine.text import STOP_WORDS, stem

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

#: Names what is kept of a claim; raise it to have every article read again.
RECIPE = "claims/1"

#: What a word is to a claim: stands in or over it, in it, beside its value; it is about it; a
#: name, a country. What is spoken in or over it may carry no meaning of its own.
AROUND, SAID, BESIDE, ABOUT, NAME, PLACE, SPOKEN = (1 << at for at in range(7))
#: What a claim is.
ROW, THRESHOLD, SEASONAL = (1 << at for at in range(3))
HEAD = [
    ("family", "<u4"), ("kind", "<u4"), ("low", "<f8"), ("high", "<f8"), ("is", "<u2"),
    ("count", "<u2"),
]  # fmt: skip
_STOP_STEMS = frozenset(map(stem, STOP_WORDS))


def packed(claims: Sequence[Claim]) -> bytes:
    """To be kept of an article: as many as its claims, their heads, words, and what these are."""
    import numpy as np

    words = [words_of(claim) for claim in claims]
    heads = np.array(
        [(*_head(claim), len(told)) for claim, told in zip(claims, words, strict=True)], HEAD
    )
    numbers = np.array([number for told in words for number in told], "<u4")
    roles = np.array([role for told in words for role in told.values()], "u1")
    return b"".join(
        (len(claims).to_bytes(4, "little"), heads.tobytes(), numbers.tobytes(), roles.tobytes())
    )


def _head(claim: Claim) -> tuple[int, int, float, float, int]:
    told = ROW * claim.is_row | THRESHOLD * claim.is_threshold | SEASONAL * claim.is_seasonal
    kind = claim.amount.kind if claim.amount is not None else ""
    return number_of(claim.family), number_of(kind), claim.low, claim.high, told


def words_of(claim: Claim) -> dict[int, int]:
    told: dict[int, int] = {}
    for role, found in (
        (AROUND, claim.around),
        (SAID, claim.stems),
        (BESIDE, claim.beside),
        (ABOUT, claim.about),
        (NAME, claim.names - _STOP_STEMS),
        (PLACE, claim.places),
        (SPOKEN, claim.spoken - _STOP_STEMS),
    ):
        for word in found:
            number = number_of(word)
            told[number] = told.get(number, 0) | role
    return told


@lru_cache(maxsize=50_000)
def number_of(text: str) -> int:
    return zlib.crc32(text.encode())


def unpacked(kept: bytes) -> tuple[Array, Array, Array]:
    import numpy as np

    count = int.from_bytes(kept[:4], "little")
    heads = np.frombuffer(kept, HEAD, count, 4)
    at, total = 4 + heads.nbytes, int(heads["count"].sum())
    words = np.frombuffer(kept, "<u4", total, at)
    return heads, words, np.frombuffer(kept, "u1", total, at + words.nbytes)

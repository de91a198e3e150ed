"""An article's Markdown cut into passages, the units of retrieval.

A passage never crosses a heading and never splits a sentence, a list item or a table
row, and `chunk.text == body[chunk.start:chunk.end]` always. Imports no Django.
"""

from __future__ import annotations

from dataclasses import dataclass

from qa_engine.markdown import Block, Kind, blocks, heading_text
from qa_engine.sentences import SEPARATOR, plain, split_sentences
from qa_engine.text import word_count

#: Raise it when the same text is cut or indexed differently: the sync then reads every
#: article anew.
RECIPE = 2

MIN_WORDS = 80
MAX_WORDS = 140
# A table or list somewhat longer than a passage is better whole than in two halves.
MAX_WORDS_TOGETHER = 220


@dataclass(frozen=True, slots=True)
class Chunk:
    heading_path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never split, with its length; `sticks` to what follows it."""

    start: int
    end: int
    words: int
    sticks: bool
    is_part: bool


def split(body: str, title: str = "") -> list[Chunk]:
    """The passages of a text in order. A first heading that repeats the title is dropped."""
    chunks: list[Chunk] = []
    path: list[tuple[int, str]] = []
    pieces: list[_Piece] = []
    for block in blocks(body):
        if block.kind is not Kind.HEADING:
            pieces += _pieces(body, block)
            continue
        chunks += _pack(body, path, pieces)
        pieces = []
        words = plain(heading_text(body[block.start : block.end]))
        path = [entry for entry in path if entry[0] < block.level]
        if words.casefold() != title.casefold():
            path.append((block.level, words))
    chunks += _pack(body, path, pieces)
    if not chunks and (text := body.strip()):  # nothing but headings
        start = body.index(text)
        chunks = [Chunk("", start, start + len(text), text)]
    return chunks


def _pieces(body: str, block: Block) -> list[_Piece]:
    text = body[block.start : block.end]
    cuts = [(0, len(text))]
    if block.kind is Kind.PARAGRAPH and word_count(text) > MAX_WORDS:
        cuts = split_sentences(text)
    is_part = block.kind in {Kind.ITEM, Kind.TABLE_ROW, Kind.TABLE_HEAD}
    return [
        _Piece(
            start=block.start + start,
            end=block.start + end,
            words=word_count(text[start:end]),
            sticks=block.kind is Kind.TABLE_HEAD or text[start:end].rstrip().endswith((":", "：")),  # noqa: RUF001
            is_part=is_part,
        )
        for start, end in cuts
    ]


def _pack(body: str, path: list[tuple[int, str]], pieces: list[_Piece]) -> list[Chunk]:
    heading_path = SEPARATOR.join(words for _, words in path if words)[:400]
    chunks: list[Chunk] = []
    held: list[_Piece] = []
    for piece in pieces:
        if held and _is_full(held, piece):
            chunks.append(_chunk(body, heading_path, held))
            held = []
        held.append(piece)
    if held:
        chunks.append(_chunk(body, heading_path, held))
    return chunks


def _is_full(held: list[_Piece], piece: _Piece) -> bool:
    if held[-1].sticks:
        return False
    words = sum(one.words for one in held)
    limit = MAX_WORDS_TOGETHER if piece.is_part and held[-1].is_part else MAX_WORDS
    return words + piece.words > limit and (words >= MIN_WORDS or piece.words > MIN_WORDS)


def _chunk(body: str, heading_path: str, held: list[_Piece]) -> Chunk:
    start, end = held[0].start, held[-1].end
    return Chunk(heading_path, start, end, body[start:end])

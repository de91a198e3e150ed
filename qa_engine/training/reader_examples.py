"""From what agents wrote to questions for the span reader. Pure.

A reply that repeats a sentence of a passage shows where the answer stands. A passage that an
agent turned down does not answer its question, however near it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qa_engine.messages import sentences
from qa_engine.training.examples import Example as Taught
from qa_engine.training.reader_data import Example

#: A sentence of fewer words may be repeated by chance; of more, production would cut it.
LEAST_WORDS, MOST_WORDS = 4, 30
SOURCE = "replies"


def from_examples(examples: Iterable[Taught]) -> Iterator[Example]:
    """One question for each passage that says what was replied, and for each turned down."""
    for one in examples:
        for passage in one.positives:
            if place := repeated(one.reply, passage.text):
                yield Example(
                    one.question, passage.text, *place, one.group, SOURCE, "sentence repeated"
                )
        for passage in one.negatives:
            yield Example(one.question, passage.text, -1, -1, one.group, SOURCE, "turned down")


def repeated(reply: str, passage: str) -> tuple[int, int] | None:
    """Where the passage says the first sentence of the reply that it says at all.

    Word for word; what stands between the words, such as Markdown's signs, may differ.
    """
    for sentence in sentences(reply):
        words = re.findall(r"\w+", sentence)
        if LEAST_WORDS <= len(words) <= MOST_WORDS:
            said = re.search(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", passage, re.I)
            if said:
                return said.span()
    return None

"""As many articles as one likes, made from a file of real ones. Pure.

The first are the file's own. Each further one has the title of one, with a product's name, and
paragraphs of many others with other numbers, so that no two of them say the same but each has
something in common with some: that is harder for a look for duplicates than real articles are.
One in a hundred is a true copy with a paragraph left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_engine.evaluation.articles import ArticleRecord

#: A further article has so many paragraphs.
SHORTEST, LONGEST = 4, 12
#: Shorter paragraphs are headings, longer ones tables and code.
PARAGRAPH = (60, 1200)
COPIES = 0.01
OTHER_NUMBERS = 0.5
_NAMES = ("Alder", "Birk", "Corran", "Dunmore", "Esker", "Fjell", "Glen", "Harbour", "Inlet")
_NUMBER = re.compile(r"\d+")


def grown(records: Sequence[ArticleRecord], count: int, seed: int) -> Iterator[ArticleRecord]:
    """The same for the same seed."""
    chance = random.Random(seed)  # no secret
    yield from records[:count]
    paragraphs = [
        paragraph
        for record in records
        for paragraph in record.body.split("\n\n")
        if PARAGRAPH[0] <= len(paragraph) <= PARAGRAPH[1]
    ]
    for number in range(len(records), count):
        one = chance.choice(records)
        made = _copy(one, chance) if chance.random() < COPIES else _mixed(one, paragraphs, chance)
        yield replace(made, key=f"made-{number}", issue="")


def _copy(record: ArticleRecord, chance: random.Random) -> ArticleRecord:
    told = record.body.split("\n\n")
    if len(told) > 4:
        del told[chance.randrange(1, len(told))]
    return replace(record, body="\n\n".join(told))


def _mixed(
    record: ArticleRecord, paragraphs: Sequence[str], chance: random.Random
) -> ArticleRecord:
    name = f"{chance.choice(_NAMES)} {chance.randrange(100, 10_000)}"
    told = []
    for _number in range(chance.randint(SHORTEST, LONGEST)):
        paragraph = chance.choice(paragraphs)
        if chance.random() < OTHER_NUMBERS:
            paragraph = _NUMBER.sub(lambda _found: str(chance.randrange(2, 400)), paragraph)
        told.append(paragraph)
    body = f"This page is about {name}.\n\n" + "\n\n".join(told)
    return replace(record, title=f"{record.title[:150]}: {name}", body=body)

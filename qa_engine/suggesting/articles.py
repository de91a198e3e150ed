"""An article in the house format from what agents replied: question, short answer, rest. Pure.

Only sentences that would be true for the next customer are taken: none with personal data,
none that speaks of this order. Each is traced to the reply that it was taken from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa_engine.messages import sentences
from qa_engine.protocols import Embedder
from qa_engine.redaction import redact
from qa_engine.suggesting.gaps import centroid
from qa_engine.suggesting.layout import lay_out
from qa_engine.text import content_stems, word_count

RECIPE = "article/2"
MOST_SENTENCES = 8
# Two sentences that share this much of their words say the same.
_SAME = 0.6
_ONE_OFF = re.compile(
    r"\b(?:your (?:order|parcel|refund|item|account|address|case|request)|i(?:'ve| have| will|'ll)"
    r"|we(?:'ve| have) (?:sent|refunded|cancelled|checked)|today|tomorrow|yesterday|sorry"
    r"|apolog\w+|thank(?:s| you)|regards|let me know|hope this"
    r"|(?:ihre?|deine?)[nmrs]? (?:bestellung|paket|rückzahlung|artikel|konto|adresse|fall|anfrage)"
    r"|ich|wir haben|heute|morgen|gestern|entschuldig\w+|leider|danke|vielen dank"
    r"|(?:freundlichen|viele) grüßen?|melden sie sich"
    r"|(?:je|jouw|uw) (?:bestelling|pakket|terugbetaling|artikel|account|adres|geval|vraag)"
    r"|ik|we hebben|vandaag|gisteren|excuses|helaas|bedankt|groet(?:en|jes)?|laat (?:het )?me)\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\[[A-Z_]+_\d+\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent sent, with the names and order numbers that must not stay."""

    key: int
    text: str
    people: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traced:
    text: str
    # Keys of the replies that say it, the one whose words these are first; and for each of
    # them its own words.
    replies: tuple[int, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    title: str
    body: str
    sentences: tuple[Traced, ...]

    @property
    def short_answer(self) -> str:
        return self.sentences[0].text


def draft_article(
    question: str, replies: Sequence[Reply], embedder: Embedder, language: str = "en"
) -> ArticleDraft | None:
    """None where the replies, which are in `language`, hold nothing that generalises."""
    told = _general(replies)
    if not told:
        return None
    vectors = embedder.embed_passages([one.text for one in told])
    asked = embedder.embed_queries([question])[0]
    middle = centroid(vectors)
    scores = [
        sum(a * (b + c) for a, b, c in zip(vector, asked, middle, strict=True))
        + 0.2 * (len(one.replies) - 1)
        for one, vector in zip(told, vectors, strict=True)
    ]
    best = sorted(range(len(told)), key=lambda at: (-scores[at], at))[:MOST_SENTENCES]
    first = told[best[0]]
    rest = [told[at] for at in sorted(best[1:])]
    body = lay_out([one.text for one in (first, *rest)], language)
    return ArticleDraft(_title(question), body, (first, *rest))


def _general(replies: Sequence[Reply]) -> list[Traced]:
    found: list[Traced] = []
    for reply in replies:
        for sentence in sentences(redact(reply.text, reply.people, reply.references)):
            is_usable = 4 <= word_count(sentence) <= 60 and not sentence.endswith("?")
            if not is_usable or _PLACEHOLDER.search(sentence) or _ONE_OFF.search(sentence):
                continue
            twin = next((n for n, one in enumerate(found) if _same(one.text, sentence)), None)
            if twin is None:
                found.append(Traced(sentence, (reply.key,), (sentence,)))
            elif reply.key not in (known := found[twin]).replies:
                found[twin] = Traced(
                    known.text, (*known.replies, reply.key), (*known.quotes, sentence)
                )
    return found


def _title(question: str) -> str:
    text = " ".join(question.split()).rstrip(" .!")
    return (text[:1].upper() + text[1:])[:200]


def _same(one: str, other: str) -> bool:
    """Of the words of both, how many both have; another number is another fact."""
    mine, theirs = content_stems(one), content_stems(other)
    numbers = {word for word in mine ^ theirs if word[:1].isdigit()}
    return not numbers and len(mine & theirs) >= _SAME * max(len(mine | theirs), 1)

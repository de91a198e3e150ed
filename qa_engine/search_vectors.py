"""The lexical side of a passage: its weighted search vector, and how common its words are.

The database keeps BM25's term weights beside the vector (a trigger, migrations 0006 and 0012).
Counting in how many passages each word stands reads them all, so that is done again once a
tenth of them has changed; meanwhile a word's rarity is off by a tenth of a logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from qa_engine.models import LexicalStatistics, Passage
from qa_engine.text import indexed

#: English stems without accents; migration 0002 creates it.
CONFIG = "qa_english"

#: Count words again once so many passages have changed, as a share of those counted.
STALE = 0.1
# Term weights divide by the mean lengths, and are written anew once these have moved so far.
MOVED = 0.2
# Any fixed number: whoever counts, counts alone.
_LOCK = 0x51_41_0002

#: Number of a word in a field → BM25's weight of it in one passage, without its rarity.
TermWeights = dict[int, float]
#: A word, its positions in title, headings and text, and whether it stands above the text.
WordPlaces = tuple[str, list[int], bool]

_VECTOR = f"""
    setweight(to_tsvector('{CONFIG}', given.title), 'A')
    || setweight(to_tsvector('{CONFIG}', given.headings), 'B')
    || setweight(to_tsvector('{CONFIG}', given.words), 'C')
    || setweight(to_tsvector('{CONFIG}', given.summary), 'D')
"""
_WRITE = f"""
UPDATE qa_engine_passage AS passage SET search = {_VECTOR}
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS given (id, title, headings, words, summary)
WHERE passage.id = given.id
"""
# The fallbacks are those of the trigger, for an index that nobody has counted yet.
_WEIGH = f"""
SELECT qa_bm25({_VECTOR},
    coalesce((SELECT mean_words FROM qa_engine_lexicalstatistics), 60),
    coalesce((SELECT mean_head_words FROM qa_engine_lexicalstatistics), 12))::text
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
    WITH ORDINALITY AS given (title, headings, words, summary, place)
ORDER BY place
"""
_PLACES = f"""
SELECT given.place, found.lexeme, found.positions, found.weights && '{{A,B}}'
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
    WITH ORDINALITY AS given (title, headings, words, summary, place)
CROSS JOIN LATERAL unnest(ts_filter({_VECTOR}, '{{a,b,c}}')) AS found
ORDER BY given.place, found.lexeme
"""
_LENGTHS = """
SELECT count(*), coalesce(max(id), 0),
       coalesce(avg(length.own), 0), coalesce(avg(nullif(length.head, 0)), 0)
FROM qa_engine_passage AS passage
CROSS JOIN LATERAL (
    SELECT sum(cardinality(array_positions(weights, 'A'))
               + cardinality(array_positions(weights, 'D'))) AS head,
           sum(cardinality(array_positions(weights, 'A'))
               + cardinality(array_positions(weights, 'B'))
               + cardinality(array_positions(weights, 'C'))) AS own
    FROM unnest(passage.search)
) AS length
WHERE search IS NOT NULL
"""
_COUNT = """
DELETE FROM qa_engine_term;
INSERT INTO qa_engine_term (lexeme, passages)
SELECT word, ndoc FROM ts_stat('SELECT search FROM qa_engine_passage');
"""
_WEIGH_AGAIN = """
UPDATE qa_engine_passageterms SET weights = qa_bm25(passage.search, %s, %s)
FROM qa_engine_passage AS passage
WHERE passage.id = passage_id AND passage.search IS NOT NULL
"""


def write_search_vectors(passages: Sequence[Passage], title: str, summary: str = "") -> None:
    """One statement for all of an article's passages."""
    if not passages:
        return
    columns: list[Any] = [
        [passage.pk for passage in passages],
        [indexed(title)] * len(passages),
        [indexed(passage.heading_path) for passage in passages],
        [indexed(passage.text) for passage in passages],
        [indexed(summary)] * len(passages),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)


def term_weights(texts: Sequence[tuple[str, str, str, str]]) -> list[TermWeights]:
    """What the trigger would keep of passages that are not stored.

    Each is (title, headings, words, summary); none is written.
    """
    if not texts:
        return []
    columns = [[indexed(part) for part in column] for column in zip(*texts, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WEIGH, columns)
        return [_parsed(literal) for (literal,) in cursor.fetchall()]


def word_places(texts: Sequence[tuple[str, str, str, str]]) -> list[list[WordPlaces]]:
    """Where the words stand in passages that are not stored, given as in `term_weights`."""
    found: list[list[WordPlaces]] = [[] for _ in texts]
    if not texts:
        return found
    columns = [[indexed(part) for part in column] for column in zip(*texts, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, columns)
        for place, lexeme, positions, is_above in cursor.fetchall():
            found[place - 1].append((lexeme, positions, is_above))
    return found


def _parsed(literal: str | None) -> TermWeights:
    """A sparsevec's literal, "{7:0.25,9:1}/100"; None for a text without words."""
    entries = literal.partition("}")[0].lstrip("{") if literal else ""
    pairs = (entry.partition(":") for entry in entries.split(",") if entry)
    return {int(number): float(weight) for number, _, weight in pairs}


def count_words_if_stale() -> bool:
    """Bring the words' counts up to date where they are worth it; whether they were not."""
    if not _are_stale():
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False  # another worker counts right now
        before = LexicalStatistics.objects.first()
        cursor.execute(_LENGTHS)
        passages, newest, words, head_words = cursor.fetchone()
        cursor.execute(_COUNT)
        LexicalStatistics.objects.update_or_create(
            pk=1,
            defaults={
                "passages": passages,
                "newest": newest,
                "mean_words": words,
                "mean_head_words": head_words,
            },
        )
        if before is None or _has_moved(before, float(words), float(head_words)):
            cursor.execute(_WEIGH_AGAIN, [words, head_words])
    return True


def _are_stale() -> bool:
    counted = LexicalStatistics.objects.first()
    if counted is None:
        return Passage.objects.exists()
    newer = Passage.objects.filter(pk__gt=counted.newest).count()
    gone = max(0, counted.passages + newer - Passage.objects.count())
    return newer + gone > STALE * counted.passages


def _has_moved(before: LexicalStatistics, words: float, head_words: float) -> bool:
    pairs = ((before.mean_words, words), (before.mean_head_words, head_words))
    return any(abs(now - then) > MOVED * max(then, 1.0) for then, now in pairs)

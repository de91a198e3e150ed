"""What people answered is kept, and found again when a like question comes.

Only what a person wrote or changed counts, as for training: an unedited draft is the engine's own
echo. Questions are redacted, and a vector is of the redacted words. Whose they are only the app
above knows, and it says when they go (`forget`). See docs/adr/0033.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from qa_engine.messages import sentences
from qa_engine.models import AnsweredQuestion, EmbeddingIndex
from qa_engine.policy import needs_order_data
from qa_engine.protocols import Embedder, ModelUnavailable, Vector
from qa_engine.questions import Question, split_questions
from qa_engine.registry import embedder_for
from qa_engine.spans import quotable
from qa_engine.told import telling_stems
from qa_engine.training.evidence import passage_that_says
from qa_engine.training.examples import Example
from qa_engine.types import Precedent

#: Like questions that are looked at. Those of one article may be many, and one is enough.
NEAREST = 20
#: Sentences that are kept, the newest: all their questions are compared with each new one, which
#: takes a millisecond for a thousand of them.
MOST_KEPT = 5_000
#: Questions that are given a vector at once.
AT_ONCE = 200

# Materialized: else a question's vector is read from its text again for each row.
_NEAREST = """
WITH question AS MATERIALIZED (
    SELECT number, vector::vector AS vector
    FROM unnest(%s::int[], %s::text[]) AS given (number, vector)
)
SELECT question.number, found.article_id, found.quote, 1 - found.distance
FROM question
CROSS JOIN LATERAL (
    SELECT answered.article_id, answered.quote, answered.vector <=> question.vector AS distance
    FROM qa_engine_answeredquestion AS answered
    WHERE answered.embedder = %s
    ORDER BY distance
    LIMIT %s
) AS found
ORDER BY question.number, found.distance
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question in its context, and a sentence of an article that answers it."""

    question: str
    article_id: int
    quote: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Those that are kept in the database, by the embedder that answers."""

    embedder: Embedder

    def nearest(self, questions: Sequence[Question]) -> list[list[Precedent]]:
        """None where the model cannot be had: whoever cannot do without says so itself."""
        found: list[list[Precedent]] = [[] for _ in questions]
        if not questions:
            return found
        try:
            own = in_context(self.embedder, questions)
        except ModelUnavailable:
            return found
        vectors = [f"[{','.join(map(repr, one))}]" for one in own]
        numbers = list(range(len(own)))
        parameters: list[Any] = [numbers, vectors, self.embedder.fingerprint, NEAREST]
        with connection.cursor() as cursor:
            cursor.execute(_NEAREST, parameters)
            for number, article_id, quote, similarity in cursor.fetchall():
                found[number].append(Precedent(article_id, quote, float(similarity)))
        return found


def kept(index: EmbeddingIndex | None) -> Kept | None:
    """By the embedder of the index that answers; None where there is none."""
    return Kept(embedder_for(index.model)) if index else None


def in_context(embedder: Embedder, questions: Sequence[Question]) -> list[Vector]:
    """Of each question with what it leans on. The reader asks for the very same texts next."""
    texts = list(dict.fromkeys(text for one in questions for text in (one.query, one.text)))
    vectors = dict(zip(texts, embedder.embed_queries(texts), strict=True))
    return [vectors[one.query] for one in questions]


def remember(source: str, examples: Iterable[Example], embedder: Embedder) -> int:
    """Keep what a person answered there, in place of what was kept of it; how many sentences."""
    return keep(source, [one for example in examples for one in _answered(example, embedder)])


@transaction.atomic
def keep(source: str, answered: Sequence[Answered]) -> int:
    """Without vectors: `embed_due` adds them. The oldest of too many go."""
    forget([source])
    AnsweredQuestion.objects.bulk_create(
        AnsweredQuestion(
            source=source,
            number=number,
            question=one.question,
            article_id=one.article_id,
            quote=one.quote,
        )
        for number, one in enumerate(dict.fromkeys(answered))
    )
    newest_first = AnsweredQuestion.objects.order_by("-pk").values_list("pk", flat=True)
    for oldest in newest_first[MOST_KEPT : MOST_KEPT + 1]:
        AnsweredQuestion.objects.filter(pk__lte=oldest).delete()
    return len(answered)


def forget(sources: Iterable[str]) -> int:
    """How many sentences that were."""
    deleted, _ = AnsweredQuestion.objects.filter(source__in=list(sources)).delete()
    return deleted


def embed_due(embedder: Embedder) -> int:
    """Give a vector to those that have none of this embedder, newest first; how many."""
    rows = list(AnsweredQuestion.objects.exclude(embedder=embedder.fingerprint)[:AT_ONCE])
    vectors = embedder.embed_queries([row.question for row in rows])
    for row, vector in zip(rows, vectors, strict=True):
        row.vector, row.embedder = list(vector), embedder.fingerprint
    AnsweredQuestion.objects.bulk_update(rows, ["vector", "embedder"])
    return len(rows)


def _answered(example: Example, embedder: Embedder) -> Iterator[Answered]:
    """Each sentence that the person wrote, with the question that it is nearest to."""
    asked = [
        one
        for one in split_questions(example.question)
        if not needs_order_data(one.text, one.context)
    ]
    if not asked:
        return
    said = sentences(example.reply)
    near = embedder.embed_passages(said)
    questions = {
        one.query: vector for one, vector in zip(asked, in_context(embedder, asked), strict=True)
    }
    for sentence, vector in zip(said, near, strict=True):
        passage = passage_that_says(sentence)
        if passage is None:
            continue
        stems = telling_stems(sentence)
        _, quote = max(
            quotable(passage.revision.body, passage.start, passage.end),
            key=lambda one: len(stems & telling_stems(one[1])),
            default=(None, ""),
        )
        if quote:
            best = max(questions, key=lambda text: _cosine(vector, questions[text]))
            yield Answered(best, passage.article_id, quote)


def _cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))

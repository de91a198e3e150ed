"""Pinned cases: questions whose answers must not get worse, asked of the whole engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext

from knowledge.types import CUSTOMER
from qa_engine import versions
from qa_engine.answering import answer_question
from qa_engine.text import fold
from qa_engine.training_models import ModelVersion, PinnedCase


def active() -> list[PinnedCase]:
    return list(PinnedCase.objects.filter(is_active=True).order_by("pk"))


def digest(cases: Sequence[PinnedCase]) -> str:
    """Equal for equal cases: a check of other cases says nothing about these."""
    lines = [
        f"{case.pk}\t{case.question}\t{case.article_id}\t{case.answer}\t{case.is_unanswerable}"
        for case in cases
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check(cases: Sequence[PinnedCase], version: ModelVersion | None = None) -> dict[int, bool]:
    """Which cases hold, by their id: with what answers now, or as if `version` did."""
    with versions.using(version) if version else nullcontext():
        return {case.pk: holds(case) for case in cases}


def holds(case: PinnedCase) -> bool:
    answer = answer_question(case.question, viewer=CUSTOMER)
    if case.is_unanswerable:
        return not answer.is_answered
    if not answer.is_answered:
        return False
    is_article = case.article_id in {None, *(one.article_id for one in answer.evidence)}
    said = " ".join([answer.text, *(one.quote for one in answer.evidence)])
    return is_article and _folded(case.answer) in _folded(said)


def _folded(text: str) -> str:
    return " ".join(fold(text).split())

"""Nobody is slowed down in tests, except where a test says so."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from helpdesk.drafting import store_result
from helpdesk.models import Draft
from qa_engine.types import DraftResult, Evidence, Sentence


@pytest.fixture(autouse=True)
def _forget_throttles():
    cache.clear()


def cited_result(revision, fingerprint: str = "test") -> DraftResult:
    """A result of one sentence that quotes the returns article."""
    quote = "within **30 days**"
    start = revision.body.index(quote)
    evidence = Evidence(
        article_id=revision.article_id,
        revision_id=revision.pk,
        title=revision.title,
        heading_path="Returns",
        start=start,
        end=start + len(quote),
        quote=quote,
        score=0.9,
    )
    body = "You can return it within 30 days."
    return DraftResult(
        body=body,
        sentences=(Sentence(text=body, start=0, end=len(body), evidence=(evidence,)),),
        questions=(),
        confidence=0.92,
        reason=None,
        fingerprint=fingerprint,
        seconds=0.2,
    )


@pytest.fixture
def draft(message, revision) -> Draft:
    """On rex's ticket, with one citation, waiting."""
    draft = store_result(message=message, attempt=1, result=cited_result(revision))
    assert draft is not None
    return draft

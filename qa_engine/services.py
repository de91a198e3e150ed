"""Placeholder so that the other apps import; being replaced by the real services."""

from collections.abc import Sequence

from knowledge.types import Viewer
from qa_engine.types import Answer, DraftRequest, DraftResult


def write_drafts(requests: Sequence[DraftRequest]) -> list[DraftResult]:
    raise NotImplementedError


def answer_live(question: str, *, viewer: Viewer, deadline: float = 1.5) -> Answer | None:
    raise NotImplementedError


def sync_article(article_id: int) -> None:
    raise NotImplementedError


def warm_up() -> None:
    raise NotImplementedError


def engine_fingerprint() -> str:
    raise NotImplementedError

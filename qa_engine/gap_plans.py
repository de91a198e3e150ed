"""What would close a gap: an edit of the article that nearly answers it, or a new article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.models import Revision
from knowledge.types import CUSTOMER
from qa_engine.protocols import Vector
from qa_engine.redaction import redact
from qa_engine.registry import get_embedder
from qa_engine.retrieval import HybridRetriever
from qa_engine.suggesting.articles import Reply, Traced, draft_article
from qa_engine.suggesting.editing import Fact, propose_edit

#: An article whose best passage is this near to the question is mended, not joined by another.
NEAR = 0.62


@dataclass(frozen=True, slots=True)
class GapPlan:
    """`revision_id` None: a new article. `paragraph_at`: an offset in the revision's body.

    `nearest_id` is the article that is nearest to the question, though it does not answer it.
    """

    title: str
    body: str
    sentences: tuple[Traced, ...]
    confidence: float
    revision_id: int | None = None
    paragraph_at: int | None = None
    nearest_id: int | None = None


def plan_for_gap(question: str, replies: Sequence[Reply], language: str = "en") -> GapPlan | None:
    """None where the replies say nothing that would be true for the next customer.

    An article in another language than `language`, the replies', is not mended with them.
    """
    embedder = get_embedder()
    draft = draft_article(question, replies, embedder, language)
    if draft is None:
        return None
    twice = sum(len(one.replies) > 1 for one in draft.sentences) / len(draft.sentences)
    confidence = min(0.9, 0.4 + 0.1 * len(replies) + 0.3 * twice)
    found = HybridRetriever().retrieve([question], viewer=CUSTOMER, top_k=1)[0]
    nearest = found[0] if found else None
    if nearest is not None and nearest.lanes.get("dense", 0.0) >= NEAR:
        revision = Revision.objects.select_related("article").get(pk=nearest.revision_id)
        edit = (
            propose_edit(
                revision.body, Fact(draft.short_answer), title=revision.title, embedder=embedder
            )
            if _language(revision.article.language) == _language(language)
            else None
        )
        if edit is not None:
            return GapPlan(
                revision.title,
                edit.body,
                draft.sentences[:1],
                confidence,
                revision.pk,
                edit.anchors[0].start,
                nearest.article_id,
            )
    return GapPlan(
        draft.title,
        draft.body,
        draft.sentences,
        confidence,
        nearest_id=nearest.article_id if nearest else None,
    )


def _language(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()


def embed(texts: Sequence[str]) -> list[Vector]:
    return get_embedder().embed_queries(texts)


def embedder_fingerprint() -> str:
    return get_embedder().fingerprint


def redacted(text: str, *, people: Sequence[str] = (), references: Sequence[str] = ()) -> str:
    return redact(text, [one for one in people if one], references)

"""Drafts anew what waits, once the articles that it rests on have changed, or who reads them.

Queues jobs; the present draft stays until the new one is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, Q

from helpdesk import drafting, holding, jobs
from helpdesk.models import Draft, Job
from helpdesk.querysets import DraftQuerySet
from knowledge.models import Article, SuggestionEvidence
from knowledge.types import Viewer


def redraft_touched(article_id: int) -> int:
    """Queue waiting drafts that the article's present text may change; how many.

    A draft with an answer is touched when words that it quotes are no longer there, or no
    longer for its requester; one without when the article was among the nearest, or answers
    the ticket's gap.
    """
    article = Article.objects.select_related("published_revision").filter(pk=article_id).first()
    if article is None:
        return 0
    shown = article.published_revision
    body = shown.body if shown and article.is_published() else ""
    touched = [
        draft
        for draft in _citing(article_id).prefetch_related("citations__revision")
        if not _requester_of(draft).is_meant_by(article.visibility, article.reader_groups)
        or any(
            row.revision.article_id == article_id and row.quote not in body
            for row in draft.citations.all()
        )
    ]
    if body:
        touched += _without_answer(article_id, since_revision=shown.pk if shown else 0)
    return redraft(touched)


def redraft_for(user_id: int) -> int:
    """Queue the person's waiting drafts once they read more or less than before; how many.

    Touched are those that quote what is not for them any more, and those without an answer.
    """
    waiting = Draft.objects.waiting().filter(ticket__requester=user_id)
    drafts = waiting.select_related("message", "ticket__requester").order_by("pk")
    return redraft(draft for draft in drafts if not draft.body or holding.unread(draft))


def redraft(drafts: Iterable[Draft]) -> int:
    """Queue a further attempt at each waiting draft's message; how many drafts there were."""
    waiting = {draft.pk: draft for draft in drafts if draft.is_waiting}
    latest = dict(
        Draft.objects.filter(message__in=[draft.message_id for draft in waiting.values()])
        .order_by()
        .values_list("message")
        .annotate(most=Max("attempt"))
    )
    for draft in waiting.values():
        attempt = latest[draft.message_id] + 1
        jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(draft.message, attempt))
    return len(waiting)


def _citing(article_id: int) -> DraftQuerySet:
    cited = Draft.objects.waiting().filter(citations__revision__article=article_id)
    cited = cited.select_related("message", "ticket__requester")
    return cited.prefetch_related("ticket__requester__reader_groups").distinct()


def _requester_of(draft: Draft) -> Viewer:
    return Viewer.as_customer(draft.ticket.requester)


def _without_answer(article_id: int, since_revision: int) -> list[Draft]:
    """Abstained drafts that were near the article, or whose ticket asked for what it says."""
    empty = Draft.objects.waiting().filter(body="").select_related("message")
    near = Q(questions__contains=[{"runners_up": [{"article_id": article_id}]}])
    asked = Q(
        ticket__number__in=SuggestionEvidence.objects.filter(
            suggestion__revision=since_revision, ticket_number__isnull=False
        ).values("ticket_number")
    )
    return list(empty.filter(near | asked))

"""Articles whose drafts agents keep changing or turning down, by what they decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.models import Draft, DraftDecision
from knowledge.likelihood import surely_above
from knowledge.models import Article, Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Origin, Proposal
from knowledge.querysets import settled_at
from knowledge.staleness import DAYS, checking, since_key
from qa_engine import services as engine

CHANGED_DRAFTS = "drafts:"
#: So many decided drafts there must be, and the share of bad ones surely be above this.
FEWEST_DRAFTS = 5
MOST_CHANGED = 0.5
MOST_EVIDENCE = 20
#: Turned down for what is not in the article.
_NOT_THE_ARTICLE = frozenset({Draft.RejectReason.TONE, Draft.RejectReason.NOT_ASKED})


def often_changed(at: datetime) -> Iterator[Proposal]:
    """Most drafts that rest on the article alone were edited heavily or turned down.

    More of them than of all such drafts, too: where agents rewrite everything, no article is
    to blame. Left out where an edit that agents taught waits already.
    """
    since = at - timedelta(days=DAYS)
    settled = dict(
        Article.objects.published(at)
        .annotate(since=settled_at())
        .exclude(suggestions__in=Suggestion.objects.open().filter(origin=Origin.AGENTS))
        .values_list("pk", "since")
    )
    bad: defaultdict[int, list[int]] = defaultdict(list)
    decided: Counter[int] = Counter()
    everywhere = [0, 0]
    for draft, article, written_at, verdict, reason in _of_one_article(since):
        is_bad = verdict not in DraftDecision.RIGHT and reason not in _NOT_THE_ARTICLE
        everywhere[0] += is_bad
        everywhere[1] += 1
        if article not in settled or written_at < (settled[article] or since):
            continue
        decided[article] += 1
        if is_bad:
            bad[article].append(draft)
    usual = everywhere[0] / max(1, everywhere[1])
    for pk, drafts in sorted(bad.items()):
        sure = surely_above(len(drafts), decided[pk])
        if decided[pk] >= FEWEST_DRAFTS and sure > max(MOST_CHANGED, usual):
            yield _proposal(pk, drafts, decided[pk], sure, settled[pk], at)


def _of_one_article(since: datetime) -> Iterator[tuple[int, int, datetime, str, str]]:
    """Decided drafts that cite one article only: its id, the article's, when, and how."""
    rows = (
        Draft.objects.filter(decision__decided_at__gte=since)
        # Whoever objected to their words being learnt from is left out.
        .filter(ticket__requester__objected_to_training_at=None)
        .annotate(
            articles=Count("citations__revision__article", distinct=True),
            of_article=Min("citations__revision__article"),
        )
        .filter(articles=1)
        .order_by("pk")
        .values_list("pk", "of_article", "created_at", "decision__verdict", "reject_reason")
    )
    yield from rows.iterator(2000)


def _proposal(
    article_id: int,
    drafts: list[int],
    decided: int,
    sure: float,
    settled_at: datetime | None,
    at: datetime,
) -> Proposal:
    article = Article.objects.select_related("published_revision").get(pk=article_id)
    rows = Draft.objects.filter(pk__in=drafts)
    first = rows.aggregate(at=Min("created_at"), minutes=Avg("ticket__queue__handling_minutes"))
    weeks = max(1.0, (at - first["at"]) / timedelta(weeks=1))
    told = {
        "bad": len(drafts),
        "decided": decided,
        "day": date_format(timezone.localtime(first["at"]).date(), "j F Y"),
    }
    return checking(
        article,
        rationale=_(
            "Agents rewrote or turned down %(bad)d of %(decided)d drafts that rest on it"
            " since %(day)s."
        )
        % told,
        fact_key=f"{CHANGED_DRAFTS}{since_key(settled_at)}",
        confidence=sure,
        at=at,
        evidence=[_said(draft) for draft in _newest(drafts)],
        effect={"drafts": decided, "changed": len(drafts)},
        tickets_per_week=len(drafts) / weeks,
        handling_minutes=first["minutes"] or 0.0,
    )


def _newest(drafts: list[int]) -> list[Draft]:
    rows = Draft.objects.filter(pk__in=drafts)
    return list(
        rows.select_related("ticket__requester", "message", "reply", "decision").order_by(
            "-created_at"
        )[:MOST_EVIDENCE]
    )


def _said(draft: Draft) -> EvidenceItem:
    """What the agent sent in the draft's place; of a rejected one, what had been asked."""
    message = draft.reply or draft.message
    quote = engine.redacted(message.body, people=(draft.ticket.requester.name,))[:1000]
    return EvidenceItem(
        EvidenceKind.REPLY if draft.reply else EvidenceKind.QUESTION,
        quote or draft.ticket.subject,
        draft.decision.decided_at,
        draft.ticket.number,
        message.pk,
        label=draft.decision.get_verdict_display(),
    )

"""Holds back drafts that rest on words which a source contradicts, until that is settled, and
those that quote what their requester may not read.

Whatever a hold is for stands in `knowledge.FactPlace`. Holding costs an agent one look, a
wrong answer costs a customer: so drafts are also held for places that nobody is sure of.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.models import Citation, Draft, DraftHold, User
from knowledge.models import Article, FactPlace, SourceVersion
from knowledge.types import Viewer


@transaction.atomic
def hold_waiting(drafts: Iterable[Draft] | None = None) -> int:
    """Hold the waiting drafts that quote an open place; how many holds are new."""
    citations = Citation.objects.filter(
        draft__state=Draft.State.WAITING,
        revision__in=FactPlace.objects.filter(settled_at=None).values("revision"),
    )
    if drafts is not None:
        citations = citations.filter(draft__in=[draft.pk for draft in drafts])
    quoting = list(citations)
    places: dict[int, list[FactPlace]] = {}
    open_places = FactPlace.objects.filter(
        settled_at=None, field="body", revision__in={one.revision_id for one in quoting}
    )
    for place in open_places.select_related("change__version__document") if quoting else ():
        places.setdefault(place.revision_id, []).append(place)
    held = {
        (citation.draft_id, place.pk): DraftHold(
            draft_id=citation.draft_id, place=place, reason=reason_for(place)
        )
        for citation in quoting
        for place in places.get(citation.revision_id, ())
        if place.start < citation.end and place.end > citation.start
    }
    if not held:
        return 0
    touched = DraftHold.objects.filter(draft__in={draft for draft, _place in held})
    before = touched.count()
    DraftHold.objects.bulk_create(held.values(), ignore_conflicts=True)
    return touched.count() - before


def reason_for(place: FactPlace) -> str:
    change = place.change
    told = {
        "quote": " ".join(place.quote.split())[:150],
        "source": change.version.document.name,
        "new": (change.new or _("nothing about it any more"))[:200],
    }
    if place.is_sure:
        return _("It quotes “%(quote)s”, but %(source)s now says: %(new)s") % told
    return _("It quotes “%(quote)s”. Please check it: %(source)s now says: %(new)s") % told


def open_reasons(draft: Draft) -> list[str]:
    """Why the draft is held back; empty where it may be sent."""
    return [*(reason_unread(article) for article in unread(draft)), *_open_holds(draft)]


def unread(draft: Draft) -> list[Article]:
    """What it quotes and its requester may not read, or no longer: internal, or for others.

    Looked up and not kept, so that it holds from the moment on in which an article or a
    membership changes.
    """
    quoted = Article.objects.filter(revisions__citations__draft=draft).distinct().order_by("pk")
    closed = list(
        quoted.exclude(visibility=Article.Visibility.PUBLIC).select_related(
            "published_revision", "head"
        )
    )
    if not closed:
        return []
    requester = Viewer.as_customer(draft.ticket.requester)
    return [one for one in closed if not requester.is_meant_by(one.visibility, one.reader_groups)]


def reason_unread(article: Article) -> str:
    return _("It quotes “%(title)s”, which the requester may not read.") % {"title": article.title}


def _open_holds(draft: Draft) -> list[str]:
    holds = DraftHold.objects.filter(draft=draft, released_at=None).order_by(
        F("place__is_sure").desc(nulls_last=True), "pk"
    )
    return list(holds.values_list("reason", flat=True))


def is_unsettled(draft: Draft) -> bool:
    """It is held, or nobody knows yet what a new version of a source makes wrong."""
    comparing = SourceVersion.objects.filter(state__in=["waiting", "comparing"])
    return comparing.exists() or bool(open_reasons(draft))


def override(draft: Draft, by: User) -> None:
    """An agent has read why and sends it all the same. Call within the transaction."""
    DraftHold.objects.filter(draft=draft, released_at=None).update(
        released_at=timezone.now(), released_by=by, outcome=DraftHold.Outcome.OVERRIDDEN
    )

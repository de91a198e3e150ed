"""When the places of a changed fact are settled: nothing else lets go what rests on them.

A place with an edit is settled when the edit is decided. Where nobody was sure, it is settled
with the fact's other places, once its words are gone, or when a person says that it is about
something else. Until then it follows its words into the article's newer texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import NotAllowed
from knowledge.models import FactPlace, Revision, SourceDocument, Suggestion
from knowledge.models.suggestions import DECIDED_BY_A_PERSON
from knowledge.signals import places_settled

if TYPE_CHECKING:
    from helpdesk.models import User

SETTLE = "knowledge.change_sourcedocument"


def may_settle(user: User) -> bool:
    """May say that a place is about something else."""
    return user.has_perm(SETTLE)


@transaction.atomic
def say_not_about_it(*, document: SourceDocument, places: Iterable[int], by: User) -> int:
    """A person has read these places: they state something else. How many were open.

    Places whose edit waits are not touched: the edit is to be decided. Raises NotAllowed.
    """
    if not may_settle(by):
        raise NotAllowed(_("You may not decide what a source makes untrue."))
    named = FactPlace.objects.filter(pk__in=list(places), change__version__document=document)
    without_edit = named.exclude(suggestion__state=Suggestion.State.OPEN).values("pk")
    settled = FactPlace.objects.filter(pk__in=without_edit, settled_at=None).update(
        settled_at=timezone.now(), settled_by=by
    )
    if settled:
        places_settled.send(FactPlace)
    return settled


@transaction.atomic
def settle_places() -> list[int]:
    """Close the places whose question is answered, and move the others to their article's
    present text; the ids of those that were closed."""
    rows = FactPlace.objects.filter(settled_at=None).select_related(
        "suggestion", "article__published_revision"
    )
    open_places = list(rows.select_for_update(of=("self",)).order_by("pk"))
    answered = _answered({place.change_id for place in open_places})
    settled = [place.pk for place in open_places if _is_settled(place, answered)]
    left = [place for place in open_places if place.pk not in set(settled)]
    settled += _move_along(left)
    FactPlace.objects.filter(pk__in=settled).update(settled_at=timezone.now())
    return settled


def _answered(changes: Collection[int]) -> set[int]:
    """Facts of which a person has decided every edit that waited for one."""
    sure = FactPlace.objects.filter(change__in=changes, is_sure=True)
    decided = sure.filter(suggestion__state__in=DECIDED_BY_A_PERSON)
    waiting = sure.filter(suggestion__state=Suggestion.State.OPEN)
    return set(decided.values_list("change", flat=True)) - set(
        waiting.values_list("change", flat=True)
    )


def _is_settled(place: FactPlace, answered: Collection[int]) -> bool:
    shown = place.article.published_revision
    suggestion = place.suggestion
    if suggestion is None:
        return place.change_id in answered or not _is_said(place, shown)
    if suggestion.is_open:
        return not _is_said(place, shown)
    if suggestion.is_accepted:
        return shown is None or shown.pk != place.revision_id
    return True


def _is_said(place: FactPlace, shown: Revision | None) -> bool:
    """Readers still see the words."""
    return shown is not None and place.quote in getattr(shown, place.field)


def _move_along(places: Iterable[FactPlace]) -> list[int]:
    """Have open places name the text that readers see, so that drafts on it are held too.

    Returns those that found no words of their own there: others stand for them.
    """
    behind = [place for place in places if _is_behind(place)]
    known = FactPlace.objects.filter(
        revision__in={place.article.published_revision_id for place in behind}
    )
    taken = set(known.values_list("change", "revision", "field", "start")) if behind else set()
    lost = []
    for place in behind:
        shown = place.article.published_revision
        assert shown is not None
        starts = [
            found.start()
            for found in re.finditer(re.escape(place.quote), getattr(shown, place.field))
            if (place.change_id, shown.pk, place.field, found.start()) not in taken
        ]
        if not starts:
            lost.append(place.pk)
            continue
        start = min(starts, key=lambda at: abs(at - place.start))
        taken.add((place.change_id, shown.pk, place.field, start))
        place.revision, place.start, place.end = shown, start, start + len(place.quote)
        place.save(update_fields=["revision", "start", "end"])
    return lost


def _is_behind(place: FactPlace) -> bool:
    """Of an accepted edit the old text stays named: it is settled when another one shows."""
    is_accepted = place.suggestion is not None and place.suggestion.is_accepted
    return not is_accepted and place.article.published_revision_id != place.revision_id

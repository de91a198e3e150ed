"""What deciding on a suggestion is worth: tickets a week that rest on what it would change.

For suggestions that come from no ticket: a source that changed, two articles that say the
same. Counted in the drafts of the last weeks, in a constant number of queries.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from helpdesk.models import Citation, Message
from knowledge.models import FactChange, FactPlace, Suggestion
from knowledge.querysets import SuggestionQuerySet
from knowledge.services.suggestions import Effect, estimate
from qa_engine.suggesting.facts import spoken

WEEKS = 4
#: A feed that is read for the first time may bring thousands of products; the others of them
#: are counted when they are next looked at.
MOST_NAMES = 200

#: A ticket that counts for a suggestion, and the minutes that its queue says one costs.
Counted = tuple[int, int, int]  # suggestion, ticket, minutes


@dataclass(frozen=True, slots=True)
class Cited:
    """Words that a ticket's draft quotes."""

    ticket_id: int
    minutes: int
    article_id: int
    revision_id: int
    start: int
    end: int
    quote: str

    def touches(self, revision_id: int, start: int, end: int, quote: str) -> bool:
        """Of the same text by where they stand, of an earlier one by the words."""
        if self.revision_id == revision_id:
            return self.start < end and start < self.end
        return bool(quote) and (quote in self.quote or self.quote in quote)


def price_version(version_id: int) -> int:
    """Estimate what a version of a source has proposed; how many suggestions that was."""
    keys = FactChange.objects.filter(version=version_id).values("fact_key")
    return _price(Suggestion.objects.open().filter(origin="source", fact_key__in=keys))


def price_open() -> int:
    """Estimate anew all that wait and come from no ticket; how many."""
    return _price(Suggestion.objects.open().filter(Q(origin="source") | Q(kind="merge")))


def _price(rows: SuggestionQuerySet) -> int:
    waiting = list(rows.select_related("base_revision").order_by("pk"))
    since = timezone.now() - timedelta(weeks=WEEKS)
    minutes: dict[int, dict[int, int]] = defaultdict(dict)
    for suggestion, ticket, cost in (*_citing(waiting, since), *_naming(waiting, since)):
        minutes[suggestion][ticket] = cost
    estimate(
        {
            one.pk: Effect(len(tickets) / WEEKS, sum(tickets.values()) / len(tickets))
            if (tickets := minutes.get(one.pk))
            else Effect(0.0, 0.0)
            for one in waiting
        }
    )
    return len(waiting)


def _citing(waiting: list[Suggestion], since: datetime) -> Iterator[Counted]:
    """Tickets whose drafts quote what would change, or of a whole article any of it."""
    places: dict[int, list[FactPlace]] = defaultdict(list)
    of_sources = [one.pk for one in waiting if one.origin == Suggestion.Origin.SOURCE]
    for place in FactPlace.objects.filter(suggestion__in=of_sources):
        places[place.suggestion_id or 0].append(place)
    by_article: dict[int, list[Suggestion]] = defaultdict(list)
    for one in waiting:
        for article_id in filter(None, (one.article_id, one.other_article_id)):
            by_article[article_id].append(one)
    for cited in _cited(list(by_article), since) if by_article else ():
        for one in by_article[cited.article_id]:
            if _concerns(one, places.get(one.pk, []), cited):
                yield one.pk, cited.ticket_id, cited.minutes


def _cited(articles: list[int], since: datetime) -> Iterator[Cited]:
    rows = (
        Citation.objects.filter(revision__article__in=articles, draft__created_at__gte=since)
        .order_by()
        .values_list(
            "draft__ticket", "draft__ticket__queue__handling_minutes",
            "revision__article", "revision", "start", "end", "quote",
        )
        .distinct()
    )  # fmt: skip
    for row in rows.iterator(2000):
        yield Cited(*row)


def _concerns(suggestion: Suggestion, places: list[FactPlace], cited: Cited) -> bool:
    if places:
        return any(
            cited.touches(place.revision_id, place.start, place.end, place.quote)
            for place in places
            if place.field == "body"
        )
    base, start, end = (
        suggestion.base_revision, suggestion.paragraph_start, suggestion.paragraph_end,
    )  # fmt: skip
    if suggestion.kind != Suggestion.Kind.EDIT or base is None or start is None or end is None:
        return True
    return cited.touches(base.pk, start, end, base.body[start:end])


def _naming(waiting: list[Suggestion], since: datetime) -> Iterator[Counted]:
    """Tickets that speak of a product that no article is about yet."""
    new = [one for one in waiting if one.kind == Suggestion.Kind.NEW_ARTICLE]
    products = set(
        FactChange.objects.filter(
            kind=FactChange.Kind.NEW_PRODUCT, fact_key__in=[one.fact_key for one in new]
        ).values_list("fact_key", flat=True)
        if new
        else ()
    )
    named = [one for one in new if one.fact_key in products][:MOST_NAMES]
    names = {one.pk: re.escape(spoken(one.title).casefold()) for one in named}
    if not names:
        return
    patterns = {pk: re.compile(rf"(?<!\w){name}(?!\w)") for pk, name in names.items()}
    said = "|".join(sorted(set(names.values())))
    messages = (
        Message.objects.from_requester()
        .filter(Q(body__iregex=said) | Q(ticket__subject__iregex=said), created_at__gte=since)
        .values_list("ticket", "ticket__queue__handling_minutes", "ticket__subject", "body")
    )
    for ticket_id, minutes, subject, body in messages.iterator(2000):
        text = f"{subject}\n{body}".casefold()
        for suggestion, pattern in patterns.items():
            if pattern.search(text):
                yield suggestion, ticket_id, minutes

"""The numbers of the start page: aggregates that PostgreSQL computes, a fixed number of
queries however many tickets there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Lower, TruncDate

from helpdesk.models import Draft, Gap, GapNight, Ticket, TicketRating
from helpdesk.models.tickets import ACTIVE_STATUSES
from knowledge.models import SearchLog

GAPS = 10


class Median(Aggregate):
    template = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False


@dataclass(frozen=True, slots=True)
class Period:
    """The days looked at, and as many before to compare with."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def before(self) -> Period:
        return Period(self.start - self.length, self.start)

    def holds(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})


@dataclass(frozen=True, slots=True)
class Measures:
    """What one period came to. A share is None where there was nothing to share."""

    first_reply: timedelta | None
    tickets: int
    drafted: int
    answered: int
    approved: int
    edited: int
    rejected: int
    rated: int
    rated_good: int

    @property
    def decided(self) -> int:
        return self.approved + self.edited + self.rejected

    @property
    def unchanged_share(self) -> float | None:
        return _share(self.approved, self.decided)

    @property
    def accepted_share(self) -> float | None:
        return _share(self.approved + self.edited, self.decided)

    @property
    def edited_share(self) -> float | None:
        return _share(self.edited, self.decided)

    @property
    def answered_share(self) -> float | None:
        return _share(self.answered, self.drafted)

    @property
    def csat(self) -> float | None:
        return _share(self.rated_good, self.rated)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that nothing published answers, in the words of one who asked it."""

    question: str
    reason: str
    tickets: int


def measure(period: Period) -> tuple[Measures, Measures]:
    """This period and the one before, in three queries."""
    both = Period(period.before.start, period.end)
    waited = ExpressionWrapper(F("first_replied_at") - F("created_at"), DurationField())
    tickets: dict[str, Any] = Ticket.objects.filter(both.holds("created_at")).aggregate(
        **_twice(period, "created_at", "first_reply", waited),
        **_counts(period, "created_at", {"tickets": Q()}),
    )
    drafts = Draft.objects.filter(both.holds("created_at")).aggregate(
        **_counts(
            period,
            "created_at",
            {
                "drafted": Q(attempt=1),
                "answered": Q(attempt=1) & ~Q(body=""),
                "approved": Q(state=Draft.State.APPROVED),
                "edited": Q(state=Draft.State.EDITED),
                "rejected": Q(state=Draft.State.REJECTED),
            },
        )
    )
    ratings = TicketRating.objects.filter(both.holds("created_at")).aggregate(
        **_counts(period, "created_at", {"rated": Q(), "rated_good": Q(rating="good")})
    )
    found = tickets | drafts | ratings
    names = [name.removesuffix("_now") for name in found if name.endswith("_now")]
    now = Measures(**{name: found[f"{name}_now"] for name in names})
    return now, Measures(**{name: found[f"{name}_then"] for name in names})


def tickets_by_status() -> dict[str, int]:
    """Of those that are not done yet; served by the inbox's partial index."""
    rows = Ticket.objects.filter(status__in=ACTIVE_STATUSES).order_by()
    return dict(rows.values_list("status").annotate(Count("pk")))


def tickets_by_day(period: Period) -> dict[date, Counter[str]]:
    """For each day's new tickets, how they were answered first."""
    sent = Draft.objects.filter(ticket=OuterRef("pk"), reply__isnull=False)
    how = Case(
        When(Exists(sent.filter(state=Draft.State.APPROVED)), then=Value("approved")),
        When(Exists(sent.filter(state=Draft.State.EDITED)), then=Value("edited")),
        When(first_replied_at__isnull=False, then=Value("written")),
        default=Value("waiting"),
        output_field=CharField(),
    )
    rows = (
        Ticket.objects.filter(period.holds("created_at"))
        .order_by()
        .annotate(day=TruncDate("created_at"), how=how)
        .values_list("day", "how")
        .annotate(Count("pk"))
    )
    days: dict[date, Counter[str]] = {}
    for day, way, count in rows:
        days.setdefault(day, Counter())[way] += count
    return days


_GAPS = """
SELECT min(found.question), found.reason, count(DISTINCT found.ticket_id) AS tickets
  FROM (SELECT draft.ticket_id, item ->> 'reason' AS reason, item ->> 'question' AS question,
               btrim(regexp_replace(lower(item ->> 'question'), '[^[:alnum:]]+', ' ', 'g'))
                   AS plain
          FROM helpdesk_draft AS draft, jsonb_array_elements(draft.questions) AS item
         WHERE draft.created_at >= %s AND draft.created_at < %s
           AND NOT (item ->> 'is_answered')::boolean
           AND item ->> 'reason' IN ('no_passage', 'low_confidence')) AS found
 WHERE found.plain <> ''
 GROUP BY found.reason, found.plain
 ORDER BY tickets DESC, min(found.question) LIMIT %s
"""


def knowledge_gaps() -> list[Gap] | None:
    """The dearest gaps that are open; None before the first night has looked for any."""
    gaps = Gap.objects.exclude(state=Gap.State.ANSWERED).select_related("suggestion")
    found = list(gaps.order_by("-weekly_minutes", "-question_count", "-pk")[:GAPS])
    is_known = found or GapNight.objects.filter(stage=GapNight.Stage.DONE).exists()
    return found if is_known else None


def unanswered(period: Period) -> list[Unanswered]:
    """What requesters asked and no article answers, most often asked first."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [period.start, period.end, GAPS])
        return [Unanswered(*row) for row in cursor.fetchall()]


def searches_in_vain(period: Period) -> list[tuple[str, int]]:
    """What readers searched for and found nothing."""
    rows = SearchLog.objects.filter(period.holds("created_at"), result_count=0).order_by()
    counted = rows.annotate(words=Lower("query")).values_list("words").annotate(n=Count("pk"))
    return list(counted.order_by("-n", "words")[:GAPS])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _counts(period: Period, field: str, what: dict[str, Q]) -> dict[str, Aggregate]:
    return {
        f"{name}_{suffix}": Count("pk", filter=condition & part.holds(field))
        for name, condition in what.items()
        for suffix, part in (("now", period), ("then", period.before))
    }


def _twice(period: Period, field: str, name: str, value: Any) -> dict[str, Aggregate]:
    return {
        f"{name}_now": Median(value, filter=period.holds(field)),
        f"{name}_then": Median(value, filter=period.before.holds(field)),
    }

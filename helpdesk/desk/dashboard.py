"""The staff's start page: what the figures say, in words and with their trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.desk import figures
from helpdesk.desk.charts import stacked
from helpdesk.desk.figures import Measures, Period
from helpdesk.desk.wording import reason_in_short, span_in_words
from helpdesk.health import read_health
from helpdesk.models import Gap, Ticket

PERIODS = (7, 28, 90)  # days
SERIES = {
    "approved": gettext_lazy("Draft approved"),
    "edited": gettext_lazy("Draft edited"),
    "written": gettext_lazy("Written by an agent"),
    "waiting": gettext_lazy("Not answered yet"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: str
    hint: str
    # "▲ 4 points", and whether that is good; empty where there is nothing to compare with.
    trend: str = ""
    is_better: bool = False


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by unfold for the admin's index."""
    if not request.user.is_authenticated or not request.user.has_perm("helpdesk.view_ticket"):
        return context
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 28
    now = timezone.now()
    period = Period(now - timedelta(days=days), now)
    current, before = figures.measure(period)
    by_status = figures.tickets_by_status()
    gaps = figures.knowledge_gaps()
    asked_in_vain = figures.unanswered(period) if gaps is None else []
    chart = stacked(
        figures.tickets_by_day(period),
        list(SERIES),
        first=timezone.localdate(period.start),
        last=timezone.localdate(period.end),
    )
    return context | {
        "title": _("Start"),
        "days": days,
        "periods": PERIODS,
        "figures": four_figures(current, before),
        "measures": current,
        "rates": [
            (_("approved as they were"), percent(current.unchanged_share)),
            (_("edited and sent"), percent(current.edited_share)),
            (_("accepted together"), percent(current.accepted_share)),
        ],
        "counts": Ticket.objects.visible_to(request.user).tab_counts(request.user),
        "by_status": [
            (value, label, by_status.get(value, 0))
            for value, label in Ticket.Status.choices
            if value in Ticket.ACTIVE
        ],
        "chart": chart,
        "series": [(key, str(label)) for key, label in SERIES.items()],
        "gaps": [(gap, weekly_in_words(gap)) for gap in gaps or []],
        "has_gaps": gaps is not None,
        "unanswered": [(one, reason_in_short(one.reason)) for one in asked_in_vain],
        "searches": figures.searches_in_vain(period),
        "health": health_line(),
        "can_write": request.user.has_perm("knowledge.add_article"),
        "article_add_url": reverse("admin:knowledge_article_add"),
    }


def four_figures(now: Measures, before: Measures) -> list[Figure]:
    return [
        _reply_time(now, before),
        _share_figure(
            _("Drafts approved unchanged"), now.unchanged_share, before.unchanged_share,
            _("%d drafts decided") % now.decided,
        ),
        _share_figure(
            _("Answered by the knowledge base"), now.answered_share, before.answered_share,
            _("%d messages drafted for") % now.drafted,
        ),
        _share_figure(
            _("Customers content (CSAT)"), now.csat, before.csat, _("%d ratings") % now.rated
        ),
    ]  # fmt: skip


def health_line() -> dict[str, Any]:
    """The engine's state in one line: a word, and what is behind it."""
    health = read_health()
    waits = span_in_words(timedelta(seconds=health.oldest_job_s or 0))
    parts = [
        _("worker alive") if health.worker else _("no worker"),
        _("oldest job waits %s") % waits if health.oldest_job_s else _("queue empty"),
    ]
    if health.dead_jobs:
        parts.append(_("%d jobs given up") % health.dead_jobs)
    if not health.broker:
        parts.append(_("broker does not answer"))
    return {
        "is_ready": health.is_ready,
        "has_dead_jobs": bool(health.dead_jobs),
        "word": _("The engine works") if health.is_ready else _("The engine needs a look"),
        "text": " · ".join(parts),
        "fingerprint": health.fingerprint,
    }


def weekly_in_words(gap: Gap) -> str:
    """ "2.5 tickets, 0.3 h a week"."""
    return _("%(tickets)s tickets, %(hours)s h a week") % {
        "tickets": f"{gap.tickets_per_week:.1f}",
        "hours": f"{(gap.weekly_minutes or 0) / 60:.1f}",
    }


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def _reply_time(now: Measures, before: Measures) -> Figure:
    value = span_in_words(now.first_reply) if now.first_reply is not None else "–"
    name, hint = _("Median time to first reply"), _("%d tickets opened") % now.tickets
    if now.first_reply is None or not before.first_reply:
        return Figure(name, value, hint)
    change = (now.first_reply - before.first_reply) / before.first_reply
    if abs(change) < 0.01:
        return Figure(name, value, hint, _("as before"), True)
    return Figure(name, value, hint, f"{_arrow(change)} {abs(change) * 100:.0f} %", change < 0)


def _share_figure(name: str, now: float | None, before: float | None, hint: str) -> Figure:
    if now is None or before is None:
        return Figure(name, percent(now), hint)
    points = round((now - before) * 100)
    if points == 0:
        return Figure(name, percent(now), hint, _("as before"), True)
    text = _("%(arrow)s %(n)d points") % {"arrow": _arrow(points), "n": abs(points)}
    return Figure(name, percent(now), hint, text, points > 0)


def _arrow(change: float) -> str:
    return "▲" if change > 0 else "▼"

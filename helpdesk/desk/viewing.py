"""Who else looks at a ticket right now."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from helpdesk.models import Ticket, TicketViewing, User

#: An agent whose page has not spoken for this long has gone.
GONE_AFTER = timedelta(seconds=45)


def saw(ticket: Ticket, agent: User) -> None:
    """Remember that `agent` has the page open; one row each, however often."""
    TicketViewing.objects.bulk_create(
        [TicketViewing(ticket=ticket, user=agent, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=["seen_at"],
    )


def others(ticket: Ticket, agent: User) -> list[User]:
    """The other agents on the page."""
    present = TicketViewing.objects.filter(
        ticket=ticket, seen_at__gte=timezone.now() - GONE_AFTER
    ).exclude(user=agent)
    return [row.user for row in present.select_related("user").order_by("user__name", "pk")]

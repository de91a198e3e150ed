"""What requesters think of the help they got."""

from __future__ import annotations

from django.db import transaction

from helpdesk.exceptions import RatingNotPossible
from helpdesk.models import Ticket, TicketEvent, TicketRating, User
from helpdesk.services.state import locked, record
from helpdesk.texts import clean_text


@transaction.atomic
def rate_ticket(*, ticket: Ticket, by: User, rating: str, comment: str = "") -> TicketRating:
    """Rate a solved ticket; the newest rating counts. Raises RatingNotPossible."""
    ticket = locked(ticket)
    if ticket.is_active:
        raise RatingNotPossible
    row, _ = TicketRating.objects.update_or_create(
        ticket=ticket,
        defaults={
            "rating": TicketRating.Rating(rating),
            "comment": clean_text(comment)[:2000],
        },
    )
    record(ticket, TicketEvent.Kind.RATED, by, {"rating": rating})
    return row

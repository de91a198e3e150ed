"""Erasing a person reaches the evidence: their words go, that they were seen stays."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from knowledge.models import SuggestionEvidence


@transaction.atomic
def forget_tickets(numbers: Iterable[int]) -> int:
    """Take every quotation of these tickets out of the evidence; how many there were.

    A deleted ticket or message needs no call: the database does the same by itself.
    """
    quoted = SuggestionEvidence.objects.filter(ticket_number__in=list(numbers), forgotten_at=None)
    return quoted.update(quote="", before="", label="", forgotten_at=timezone.now())

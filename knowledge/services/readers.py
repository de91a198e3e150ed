"""Who is in which group of readers. What they may read changes with the row, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction

from knowledge.models import ReaderGroup, ReaderGroupMember
from knowledge.signals import membership_changed

if TYPE_CHECKING:
    from helpdesk.models import User


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of a list of addresses."""

    # How many could not read what is for the group before.
    added: int
    # Addresses of nobody, or of somebody whose account is closed.
    unknown: tuple[str, ...]


@transaction.atomic
def join_group(*, group: ReaderGroup, person: User) -> bool:
    """Let `person` read what is for the group; whether they could not before."""
    _row, is_new = ReaderGroupMember.objects.get_or_create(group=group, person=person)
    if is_new:
        membership_changed.send(ReaderGroup, user_id=person.pk)
    return is_new


@transaction.atomic
def join_by_address(*, group: ReaderGroup, addresses: Iterable[str]) -> Joined:
    """Let everybody with one of these e-mail addresses read what is for the group.

    Addresses that nobody has are told and change nothing.
    """
    wanted = {address.lower() for address in addresses}
    people = list(get_user_model().objects.filter(email__in=wanted, is_active=True))
    added = sum(join_group(group=group, person=person) for person in people)
    return Joined(added, tuple(sorted(wanted - {person.email for person in people})))


@transaction.atomic
def leave_group(*, group: ReaderGroup, person: User) -> bool:
    """The other way round."""
    gone, _rows = ReaderGroupMember.objects.filter(group=group, person=person).delete()
    if gone:
        membership_changed.send(ReaderGroup, user_id=person.pk)
    return bool(gone)

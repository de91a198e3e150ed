"""Who is in which group of readers. What they may read changes with the row, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from knowledge.models import ReaderGroup, ReaderGroupMember
from knowledge.signals import membership_changed

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def join_group(*, group: ReaderGroup, person: User) -> bool:
    """Let `person` read what is for the group; whether they could not before."""
    _row, is_new = ReaderGroupMember.objects.get_or_create(group=group, person=person)
    if is_new:
        membership_changed.send(ReaderGroup, user_id=person.pk)
    return is_new


@transaction.atomic
def leave_group(*, group: ReaderGroup, person: User) -> bool:
    """The other way round."""
    gone, _rows = ReaderGroupMember.objects.filter(group=group, person=person).delete()
    if gone:
        membership_changed.send(ReaderGroup, user_id=person.pk)
    return bool(gone)

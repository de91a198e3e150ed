"""A request that is sent twice takes effect once (the header `Idempotency-Key`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from helpdesk.exceptions import HelpdeskError
from helpdesk.models import IdempotentRequest, User


class IdempotencyKeyReused(HelpdeskError):
    code = "idempotency_key_reused"
    default = "This Idempotency-Key was used for a different request."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered, now or the first time."""

    status: int
    content: Any
    is_replay: bool = False


@transaction.atomic
def once(*, user: User, key: str, digest: str, act: Callable[[], Outcome]) -> Outcome:
    """`act`, unless the same request has been acted on; then what was answered to it.

    Two at once: the second waits at the unique key until the first has committed. One
    that is refused leaves nothing behind and may be sent again. Raises
    IdempotencyKeyReused where the key came with another content.
    """
    IdempotentRequest.objects.expired().filter(user=user, key=key).delete()
    row, is_new = IdempotentRequest.objects.get_or_create(
        user=user, key=key, defaults={"digest": digest}
    )
    if not is_new:
        if row.digest != digest:
            raise IdempotencyKeyReused
        return Outcome(row.status, row.content, is_replay=True)
    outcome = act()
    row.status, row.content = outcome.status, outcome.content
    row.save(update_fields=["status", "content"])
    return outcome

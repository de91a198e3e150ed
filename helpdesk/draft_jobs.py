"""How the job that drafts for a message is named."""

from __future__ import annotations

from helpdesk.models import Message


def job_key(message: Message, attempt: int) -> str:
    """Names the attempt too, so that a job that runs twice writes one draft."""
    return f"{message.pk}:{attempt}"

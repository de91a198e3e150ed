"""Receivers of what happens in the apps below.

A changed article is indexed by a job, so that no change is lost while the worker is away.
"""

from __future__ import annotations

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from helpdesk import jobs
from helpdesk.models import Job
from helpdesk.roles import sync_groups
from knowledge.signals import article_changed


@receiver(article_changed, dispatch_uid="helpdesk.queue_index")
def queue_index(article_id: int, **_kwargs: object) -> None:
    jobs.enqueue(Job.Kind.INDEX, article_id)


@receiver(post_migrate, dispatch_uid="helpdesk.groups")
def create_groups(using: str, **_kwargs: object) -> None:
    """Permissions exist only after every app has migrated; the last call has them all."""
    sync_groups(using)

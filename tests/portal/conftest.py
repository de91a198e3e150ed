"""What the portal's tests share: a fresh cache, and articles that can be found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.utils import timezone

if TYPE_CHECKING:
    from helpdesk.models import Message, Ticket, User
    from knowledge.models import Revision


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _files_in(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def findable(revision: Revision) -> Revision:
    """The article on returns, where search finds it."""
    from qa_engine.services import sync_article

    sync_article(revision.article_id)
    return revision


@pytest.fixture
def answered(ticket: Ticket, ada: User) -> Message:
    """Ada's reply on Rex's ticket, past the moment in which she could take it back."""
    from helpdesk.services.messages import post_reply

    message = post_reply(ticket=ticket, author=ada, body="You have 30 days.")
    message.send_after = timezone.now() - timedelta(minutes=1)
    message.save(update_fields=["send_after"])
    return message


@pytest.fixture
def solved(ticket: Ticket, ada: User) -> Ticket:
    from helpdesk.services.tickets import set_status

    return set_status(ticket=ticket, status="solved", by=ada)


@pytest.fixture
def closed(ticket: Ticket, ada: User) -> Ticket:
    from helpdesk.services.tickets import set_status

    return set_status(ticket=ticket, status="closed", by=ada)


@pytest.fixture
def eager_worker():
    """The worker's task runs where it is called, and its result is stored as a worker's."""
    from helpdesk.celery import app

    kept = {name: app.conf[name] for name in ("task_always_eager", "task_store_eager_result")}
    app.conf.update(task_always_eager=True, task_store_eager_result=True)
    yield
    app.conf.update(kept)

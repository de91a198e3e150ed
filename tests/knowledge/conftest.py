"""What the knowledge base's tests share."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from knowledge.models import ReaderGroup
from knowledge.signals import article_changed
from tests.knowledge.factories import make_article, restricted


@pytest.fixture
def article(db):
    return make_article()


@pytest.fixture
def club(db):
    return ReaderGroup.objects.create(name="Trail Club")


@pytest.fixture
def prices(wholesale):
    return restricted("Trade prices", wholesale)


@pytest.fixture
def changes():
    """The ids of the articles of which readers were told to see something new."""
    told: list[int] = []

    def note(article_id: int, **_kwargs: object) -> None:
        told.append(article_id)

    article_changed.connect(note)
    yield told
    article_changed.disconnect(note)


@pytest.fixture
def run(capsys):
    """Runs a management command and gives back what it said on stdout and stderr."""

    def call(*arguments: object) -> tuple[str, str]:
        call_command(*map(str, arguments))
        said = capsys.readouterr()
        return said.out, said.err

    return call

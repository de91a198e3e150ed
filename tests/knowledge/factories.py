"""Articles as the services make them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factory
from django.utils import timezone

from helpdesk.models import User
from knowledge.models import Article, Category, ReaderGroup, Revision
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services import create_article, publish
from knowledge.types import ArticleDetails, ArticleText

BODY = "Unused items can be returned within **30 days**."


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Shelf {n}")
    slug = factory.Sequence(lambda n: f"shelf-{n}")


def make_article(
    title: str = "Returns",
    body: str = BODY,
    *,
    summary: str = "",
    category: Category | None = None,
    is_published: bool = True,
    external_id: str = "",
    **details: object,
) -> Article:
    """A published public article, unless told otherwise."""
    article = create_article(
        text=ArticleText(title, body, summary),
        category=category or CategoryFactory(),
        external_id=external_id,
        details=ArticleDetails(**details),
    )
    return publish(article=article) if is_published else article


def restricted(title: str, *groups: ReaderGroup, **details: Any) -> Article:
    """A published article for these groups."""
    ids = tuple(group.pk for group in groups)
    return make_article(title, visibility="restricted", reader_groups=ids, **details)


def again(person: User) -> User:
    """As the next request finds them."""
    return User.objects.get(pk=person.pk)


def make_proposal(revision: Revision | None = None, **changes: Any) -> Proposal:
    """An edit of the article's first number, seen on ticket 1042, unless told otherwise."""
    body = revision.body if revision else "Yes, to Norway too."
    proposal = Proposal(
        kind=Kind.EDIT if revision else Kind.NEW_ARTICLE,
        origin=Origin.AGENTS,
        title=revision.title if revision else "Do you ship to Norway?",
        body=body.replace("30 days", "60 days"),
        rationale="Agents say 60 days; the article says 30.",
        fact_key="60 day",
        fingerprint="test/1",
        evidence=(make_evidence(1042),),
        confidence=0.8,
        base_revision_id=revision.pk if revision else None,
        paragraph_at=0 if revision else None,
        tickets_per_week=2.0,
        handling_minutes=8.0,
    )
    return replace(proposal, **changes)


def make_evidence(ticket_number: int, quote: str = "You have 60 days.") -> EvidenceItem:
    return EvidenceItem(
        kind=EvidenceKind.REPLY,
        quote=quote,
        seen_at=timezone.now(),
        ticket_number=ticket_number,
        message_id=ticket_number * 10,
        label="Ada",
        before="You have 30 days.",
    )

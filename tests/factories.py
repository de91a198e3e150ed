"""Rows for tests, made as the services make them where that matters."""

from __future__ import annotations

import factory
from django.utils import timezone
from django.utils.text import slugify

from helpdesk.models import Message, Queue, Ticket, User
from helpdesk.texts import to_html
from knowledge.models import Article, Category, Revision

#: What a person's page in the admin sends where they join and leave no group of readers.
NO_GROUPS = {"reader_memberships-TOTAL_FORMS": 0, "reader_memberships-INITIAL_FORMS": 0}


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return User.objects.create_user(*args, **kwargs)


class QueueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Queue

    name = factory.Sequence(lambda n: f"Queue {n}")
    slug = factory.Sequence(lambda n: f"queue-{n}")
    signature = "Kind regards\nThe team"


class TicketFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Ticket

    subject = factory.Sequence(lambda n: f"Problem {n}")
    requester = factory.SubFactory(UserFactory)
    queue = factory.SubFactory(QueueFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        ticket = super()._create(model_class, *args, **kwargs)
        ticket.refresh_from_db()
        return ticket


class MessageFactory(factory.django.DjangoModelFactory):
    """A requester's message, unless told otherwise."""

    class Meta:
        model = Message

    ticket = factory.SubFactory(TicketFactory)
    author = factory.SelfAttribute("ticket.requester")
    is_from_requester = True
    body = "How long do I have to return a jacket?"
    body_html = factory.LazyAttribute(lambda message: to_html(message.body))
    created_at = factory.LazyFunction(timezone.now)


def publish_article(title: str, body: str, category: str = "Help") -> Revision:
    """A published public article with one revision."""
    shelf, _ = Category.objects.get_or_create(name=category, defaults={"slug": slugify(category)})
    article = Article.objects.create(slug=slugify(title, allow_unicode=True), category=shelf)
    revision = Revision.objects.create(article=article, number=1, title=title, body=body)
    article.head = article.published_revision = revision
    article.state = Article.State.PUBLISHED
    article.save()
    return revision

"""Whom a step of an article concerns, and whose articles are due for a look.

Only decides and queues: one job a person and matter, written in the transaction of the step.
`mail.notices` looks again whether it still concerns them, and mails it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from helpdesk import jobs
from helpdesk.models import Job, User
from knowledge.models import Article, ArticleEvent, ScheduledPublication
from knowledge.owning import categories_of, owner_of, owners_of_categories
from knowledge.querysets import ArticleQuerySet
from knowledge.services import may_publish, may_review

#: A digest tells of what is overdue, and of what comes due until the next one.
AHEAD = timedelta(days=7)
_Kind = ArticleEvent.Kind
_REVIEWERS = (User.EditorialRole.REVIEWER, User.EditorialRole.PUBLISHER)


def tell_of(event: ArticleEvent) -> None:
    """Queue a mail to each person whom the step concerns, but for who took it."""
    match event.kind:
        case _Kind.SUBMITTED:
            people = _keepers(_REVIEWERS) | _owner(event.article)
        case _Kind.APPROVED:
            people = _writers(event)
            if not may_publish(event.by):
                people |= _keepers((User.EditorialRole.PUBLISHER,))
        case _Kind.SENT_BACK:
            people = _writers(event)
        case _Kind.PUBLISHED if not _was_approved(event):
            people = _writers(event) if _askers(event) else set()
        case _Kind.REFUSED:
            people = _planner(event)
        case _:
            return
    for person in sorted(people - {event.by_id}):
        jobs.enqueue(Job.Kind.NOTICE, f"event:{event.pk}:{person}")


def still_concerns(event: ArticleEvent, user: User) -> bool:
    """Whether the mail is still worth sending: nobody else did it, the person may act on it."""
    article, asked = event.article, event.revision_id
    if not can_be_told(user):
        return False
    wrote = user.pk in _writers(event)
    is_open = article.review_revision_id == asked
    match event.kind:
        case _Kind.SUBMITTED:
            return is_open and article.approved_at is None and may_review(user) and not wrote
        case _Kind.APPROVED:
            return wrote or (is_open and may_publish(user))
        case _:
            return True


def can_be_told(user: User) -> bool:
    return user.is_agent and user.wants_editorial_mail


def remind_owners(on: date | None = None) -> int:
    """Queue this week's digest for each owner with something due; return for how many.

    Once a calendar week and person, however often this runs: a job that is done is kept for
    a week and its key names the week.
    """
    on = on or timezone.localdate()
    by_category = owners_of_categories()
    rows = _due(on).order_by().values_list("owner_id", "category_id").distinct()
    owners = {owner or by_category.get(category, 0) for owner, category in rows}
    people = User.objects.filter(
        pk__in=owners, is_staff=True, is_active=True, wants_editorial_mail=True
    )
    year, week, _day = on.isocalendar()
    keys = {f"digest:{pk}:{year}-{week:02}" for pk in people.values_list("pk", flat=True)}
    known = Job.objects.filter(kind=Job.Kind.NOTICE, key__in=keys).values_list("key", flat=True)
    missing = sorted(keys - set(known))
    for key in missing:
        jobs.enqueue(Job.Kind.NOTICE, key)
    return len(missing)


def due_for(user: User, on: date | None = None) -> list[Article]:
    """What the person looks after and is to look at within a week, the longest overdue first."""
    theirs = Q(owner=user) | Q(owner=None, category__in=categories_of(user.pk))
    return list(_due(on or timezone.localdate()).filter(theirs).for_list())


def _due(on: date) -> ArticleQuerySet:
    return Article.objects.filter(
        state=Article.State.PUBLISHED, review_by__lte=on + AHEAD
    ).order_by("review_by", "pk")


def _keepers(roles: Iterable[str]) -> set[int]:
    """Those with such a role in the knowledge base; where nobody is to be told, the admins."""
    people = User.objects.filter(is_active=True, wants_editorial_mail=True)
    found = people.filter(role=User.Role.AGENT, editorial_role__in=roles)
    admins = people.filter(role=User.Role.ADMIN)
    return set(found.values_list("pk", flat=True)) or set(admins.values_list("pk", flat=True))


def _owner(article: Article) -> set[int]:
    owner = owner_of(article)
    return {owner.pk} if owner is not None else set()


def _writers(event: ArticleEvent) -> set[int]:
    """Who wrote the text and who asked for its review: mostly one person."""
    wrote = {event.revision.author_id} if event.revision is not None else set()
    return {pk for pk in wrote | _askers(event) if pk is not None}


def _askers(event: ArticleEvent) -> set[int | None]:
    asked = ArticleEvent.objects.filter(revision=event.revision_id, kind=_Kind.SUBMITTED)
    return set(asked.order_by().values_list("by_id", flat=True)) if event.revision_id else set()


def _was_approved(event: ArticleEvent) -> bool:
    """Then its author has been told already that it is good."""
    return ArticleEvent.objects.filter(
        revision=event.revision_id, kind=_Kind.APPROVED, created_at__lte=event.created_at
    ).exists()


def _planner(event: ArticleEvent) -> set[int]:
    plans = ScheduledPublication.objects.filter(
        article=event.article_id, revision=event.revision_id
    )
    newest = plans.order_by("-created_at", "-pk").values_list("planned_by_id", flat=True).first()
    return {newest} if newest is not None else set()

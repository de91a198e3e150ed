"""What published articles point to, and what came of looking: each step in its own transaction.

A night may stop anywhere: what is read or checked says so on its row, and the next look goes on
with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from knowledge.linking.fetching import Answer
from knowledge.linking.inside import Inside, reasons_inside
from knowledge.linking.reading import Pointer, pointers_in
from knowledge.models import Article, ArticleLink, Link

BATCH = 200
#: A link that works is looked at again after so long; one that does not, on the next day.
WELL_FOR = timedelta(days=7)
#: Within this time another server must have answered, or it may be us who cannot get out.
SAME_NIGHT = timedelta(hours=12)
#: What a text with a link has somewhere; others need not be parsed.
_LINKED = r"\]\(|\]:|<(a|img)\s|<https?:|\]\["


def read_links() -> int:
    """Note what newly published texts point to, and forget what none does; texts read."""
    count, after = read_some(0)
    while after is not None:
        more, after = read_some(after)
        count += more
    return count


def read_some(after: int) -> tuple[int, int | None]:
    """A step of `read_links`: how many texts, and behind which article it goes on, if it does."""
    if after == 0:
        gone = ~Q(article__state=Article.State.PUBLISHED) | ~Q(
            revision=F("article__published_revision")
        )
        ArticleLink.objects.filter(gone).delete()
    noted = ArticleLink.objects.filter(article=OuterRef("pk"))
    unread = (
        Article.objects.filter(state=Article.State.PUBLISHED, pk__gt=after)
        .filter(published_revision__body__iregex=_LINKED)
        .filter(~Exists(noted))
        .order_by("pk")
    )
    batch = list(unread.select_related("published_revision")[:BATCH])
    if batch:
        _note(batch)
    if len(batch) == BATCH:
        return len(batch), batch[-1].pk
    Link.objects.filter(uses=None).delete()
    return len(batch), None


@transaction.atomic
def _note(articles: Sequence[Article]) -> None:
    found: list[tuple[Article, Pointer]] = [
        (article, pointer)
        for article in articles
        if article.published_revision is not None
        for pointer in pointers_in(
            article.published_revision.body,
            page=article.get_absolute_url(),
            site=settings.SITE_URL,
        )
    ]
    Link.objects.bulk_create(
        [
            Link(
                url=pointer.url,
                host=pointer.host,
                kind=Link.Kind.INTERNAL if pointer.is_inside else Link.Kind.EXTERNAL,
            )
            for pointer in {pointer.url: pointer for _article, pointer in found}.values()
        ],
        ignore_conflicts=True,
    )
    urls = {pointer.url for _article, pointer in found}
    known = dict(Link.objects.filter(url__in=urls).values_list("url", "pk"))
    ArticleLink.objects.bulk_create(
        [
            ArticleLink(
                article=article,
                revision=article.published_revision,
                link_id=known[pointer.url],
                text=pointer.text,
                is_image=pointer.is_image,
            )
            for article, pointer in found
        ],
        ignore_conflicts=True,
    )


def check_inside(at: datetime | None = None) -> int:
    """Look up every address inside; return how many lead nowhere."""
    broken, after = check_some_inside(0, at)
    while after is not None:
        more, after = check_some_inside(after, at)
        broken += more
    return broken


def check_some_inside(after: int, at: datetime | None = None) -> tuple[int, int | None]:
    """A step of `check_inside`: how many lead nowhere, and behind which link it goes on."""
    at = at or timezone.now()
    batch = list(Link.objects.internal().filter(pk__gt=after).order_by("pk")[:BATCH])
    reasons = reasons_inside(
        [Inside(link.url, link.is_for_readers, link.is_for_groups) for link in batch]
    )
    unchanged: list[int] = []
    broken = 0
    for link, reason in zip(batch, reasons, strict=True):
        if link.state == Link.State.WORKS and not reason:
            unchanged.append(link.pk)
            continue
        record(link, Answer(reason), at)
        broken += bool(reason)
    Link.objects.filter(pk__in=unchanged).update(checked_at=at)
    return broken, batch[-1].pk if len(batch) == BATCH else None


def count_inside() -> tuple[int, int]:
    """How many addresses inside have been looked up today, and how many there are."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    counted = Link.objects.internal().aggregate(
        total=Count("pk"), done=Count("pk", filter=Q(checked_at__gte=today))
    )
    return counted["done"], counted["total"]


def due_outside(limit: int, at: datetime | None = None) -> list[Link]:
    """What is to be asked next, of each server one; those that worked come first.

    So that it is known whether this machine gets out before anything is called unreachable.
    """
    at = at or timezone.now()
    is_well = Q(state=Link.State.WORKS) | Q(state=Link.State.SKIPPED, reason="")
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    due = (
        Link.objects.external()
        .filter(
            Q(checked_at=None)
            | is_well & Q(checked_at__lt=at - WELL_FOR)
            | ~is_well & Q(checked_at__lt=today)
        )
        .alias(turn=Case(When(is_well, then=Value(0)), default=Value(1)))
    )
    rows = due.order_by("turn", "host", "pk").values_list("pk", "host")
    first_of_host: dict[str, int] = {}
    for pk, host in rows.iterator(BATCH):
        first_of_host.setdefault(host, pk)
        if len(first_of_host) == limit:
            break
    found = Link.objects.in_bulk(list(first_of_host.values()))
    return [found[pk] for pk in first_of_host.values()]


def record(link: Link, answer: Answer, at: datetime | None = None) -> Link:
    """Write down what came of looking at the link."""
    at = at or timezone.now()
    link.checked_at = at
    link.http_status = answer.status
    if answer.has_answered:
        link.answered_at = at
    is_lone = answer.is_unreachable and link.kind == Link.Kind.EXTERNAL and not _gets_out(link, at)
    if is_lone and link.state in {Link.State.FAILING, Link.State.BROKEN}:
        pass  # nothing new is known
    elif is_lone or not answer.is_known:
        _set_well(link, Link.State.SKIPPED, answer.reason)
    elif not answer.reason:
        _set_well(link, Link.State.WORKS, "")
    else:
        _set_failing(link, answer.reason, at)
    link.save()
    return link


def _set_well(link: Link, state: Link.State, reason: str) -> None:
    link.state, link.reason = state, reason
    link.failing_since = link.last_failed_on = None


def _set_failing(link: Link, reason: str, at: datetime) -> None:
    today = timezone.localdate(at)
    link.reason = reason
    link.failing_since = link.failing_since or today
    link.last_failed_on = today
    is_sure = link.kind == Link.Kind.INTERNAL or today > link.failing_since
    link.state = Link.State.BROKEN if is_sure else Link.State.FAILING


def _gets_out(link: Link, at: datetime) -> bool:
    """Whether a server elsewhere answered lately."""
    others = Link.objects.external().exclude(host=link.host)
    return others.filter(answered_at__gte=at - SAME_NIGHT).exists()

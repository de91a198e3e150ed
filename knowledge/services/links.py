"""What published articles point to, and what came of looking: each step in its own transaction.

A night may stop anywhere: what is read or checked says so on its row, and the next look goes on
with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
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
    gone = ~Q(article__state=Article.State.PUBLISHED) | ~Q(
        revision=F("article__published_revision")
    )
    ArticleLink.objects.filter(gone).delete()
    noted = ArticleLink.objects.filter(article=OuterRef("pk"))
    unread = (
        Article.objects.filter(state=Article.State.PUBLISHED)
        .filter(published_revision__body__iregex=_LINKED)
        .filter(~Exists(noted))
        .order_by("pk")
    )
    count, last = 0, 0
    while batch := list(unread.filter(pk__gt=last).select_related("published_revision")[:BATCH]):
        _note(batch)
        count, last = count + len(batch), batch[-1].pk
    Link.objects.filter(uses=None).delete()
    return count


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
    at = at or timezone.now()
    broken = 0
    unchanged: list[int] = []
    last = 0
    while batch := list(Link.objects.internal().filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        reasons = reasons_inside(
            [Inside(link.url, link.is_for_readers, link.is_for_groups) for link in batch]
        )
        for link, reason in zip(batch, reasons, strict=True):
            if link.state == Link.State.WORKS and not reason:
                unchanged.append(link.pk)
                continue
            record(link, Answer(reason), at)
            broken += bool(reason)
    Link.objects.filter(pk__in=unchanged).update(checked_at=at)
    return broken


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

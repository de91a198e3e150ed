"""How the knowledge base fares: what is read, what helps, what wants somebody's attention.

A fixed number of queries however many articles there are: each list asks for the ids and
figures of its first rows, and all titles come in one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.models import (
    Article,
    ArticleFeedback,
    ArticleLink,
    ArticleUse,
    ArticleViews,
    Suggestion,
)

#: Rows of a list, and days that figures look back.
TOP = 8
DAYS = 28


@dataclass(frozen=True, slots=True)
class Row:
    article_id: int
    # In words: "214 times", "helpful to 2 of 9".
    said: str
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class List:
    title: str
    help: str
    rows: tuple[Row, ...]
    # Where all of them are: the query of the list of articles.
    query: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Articles, but for reads and votes of the last days and of as many days before."""

    published: int
    in_review: int
    overdue: int
    without_day: int
    outdated: int
    over: int
    unused: int
    with_suggestions: int
    with_broken_links: int
    reads: int
    reads_before: int
    helpful: int
    votes: int

    @property
    def helpful_share(self) -> float | None:
        return self.helpful / self.votes if self.votes else None


@dataclass(frozen=True, slots=True)
class Health:
    counts: Counts
    lists: tuple[List, ...]


def look() -> Health:
    """Everything the page shows, as of now."""
    now, today = timezone.now(), timezone.localdate()
    counts = _count(now, today)
    lists = [
        _most_read(today),
        _unhelpful(),
        _to_change(now),
        replace(_overdue(today), total=counts.overdue),
        replace(_in_review(), total=counts.in_review),
        _most_used(),
        replace(_never_used(), total=counts.unused),
        replace(_broken(), total=counts.with_broken_links),
    ]
    return Health(counts, tuple(_with_articles(lists)))


def _count(now: datetime, today: date) -> Counts:
    is_published = Q(state=Article.State.PUBLISHED)
    of_articles = Article.objects.aggregate(
        published=Count("pk", filter=is_published),
        in_review=Count("pk", filter=Q(review_revision__isnull=False)),
        overdue=Count("pk", filter=is_published & Q(review_by__lt=today)),
        without_day=Count("pk", filter=is_published & Q(review_by=None)),
        outdated=Count(
            "pk", filter=Q(outdated_since__isnull=False) & ~Q(state=Article.State.ARCHIVED)
        ),
        over=Count("pk", filter=is_published & Q(valid_until__lte=now)),
        unused=Count("pk", filter=is_published & Q(use=None)),
    )
    start = today - timedelta(days=DAYS)
    before = start - timedelta(days=DAYS)
    reads = ArticleViews.objects.filter(day__gt=before).aggregate(
        reads=Sum("count", filter=Q(day__gt=start), default=0),
        reads_before=Sum("count", filter=Q(day__lte=start), default=0),
    )
    votes = ArticleFeedback.objects.filter(created_at__gte=now - timedelta(days=DAYS)).aggregate(
        votes=Count("pk"), helpful=Count("pk", filter=Q(is_helpful=True))
    )
    suggestions = Suggestion.objects.open().aggregate(n=Count("article", distinct=True))
    broken = _broken_links().aggregate(n=Count("article", distinct=True))
    return Counts(
        **of_articles,
        **reads,
        **votes,
        with_suggestions=suggestions["n"],
        with_broken_links=broken["n"],
    )


def _most_read(today: date) -> List:
    since = today - timedelta(days=DAYS)
    counted = (
        ArticleViews.objects.filter(day__gt=since)
        .order_by()
        .values_list("article")
        .annotate(n=Sum("count"))
        .order_by("-n", "article")[:TOP]
    )
    rows = [Row(pk, ngettext("%d time", "%d times", n) % n) for pk, n in counted]
    return List(_("Most read"), _("By readers, in the last 28 days."), tuple(rows), "")


def _unhelpful() -> List:
    found = (
        Article.objects.filter(state=Article.State.PUBLISHED)
        .with_feedback()
        .found_unhelpful()
        .only("pk")[:TOP]
    )
    said = [Row(article.pk, _helpful_to(article)) for article in found]
    help_text = _("To most of at least three readers since its last major change.")
    return List(_("Readers find it unhelpful"), help_text, tuple(said), "needs=votes")


def _helpful_to(article: Article) -> str:
    votes = article.helpful_count + article.unhelpful_count
    return _("helpful to %(good)d of %(all)d") % {"good": article.helpful_count, "all": votes}


def _to_change(now: datetime) -> List:
    """Open suggestions first, the most first; then translations and what is over."""
    suggested = (
        Suggestion.objects.open()
        .filter(article__isnull=False)
        .order_by()
        .values_list("article")
        .annotate(n=Count("pk"))
        .order_by("-n", "article")[:TOP]
    )
    rows = [
        Row(pk, ngettext("%d open suggestion", "%d open suggestions", n) % n)
        for pk, n in suggested
        if pk is not None
    ]
    outdated = Article.objects.outdated().order_by("outdated_since")
    for pk, since in outdated.values_list("pk", "outdated_since")[:TOP]:
        rows.append(Row(pk, _("translation out of date since %s") % _day(since)))
    over = Article.objects.over(now).order_by("valid_until")
    for pk, until in over.values_list("pk", "valid_until")[:TOP]:
        rows.append(Row(pk, _("was valid until %s") % _day(until)))
    help_text = _("A suggestion waits, the original has changed, or its dates are over.")
    return List(_("Needs a change"), help_text, tuple(rows[: 2 * TOP]), "needs=change")


def _overdue(today: date) -> List:
    due = Article.objects.to_review(today - timedelta(days=1)).order_by("review_by", "pk")
    rows = [
        Row(pk, _("due on %s") % date_format(day, "j M Y"))
        for pk, day in due.values_list("pk", "review_by")[:TOP]
        if day is not None
    ]
    help_text = _("The day by which somebody wanted to see whether it still holds has passed.")
    return List(_("Review overdue"), help_text, tuple(rows), "due=past")


def _in_review() -> List:
    waiting = Article.objects.filter(review_revision__isnull=False).order_by("review_asked_at")
    rows = [
        Row(pk, (_("approved %s") % _day(done)) if done else (_("asked %s") % _day(asked)))
        for pk, asked, done in waiting.values_list("pk", "review_asked_at", "approved_at")[:TOP]
    ]
    help_text = _("For a reviewer, or once approved for a publisher.")
    return List(_("Waits for a person"), help_text, tuple(rows), "needs=review")


def _most_used() -> List:
    used = ArticleUse.objects.filter(drafts__gt=0).order_by("-drafts", "article")[:TOP]
    rows = [Row(use.article_id, _use_in_words(use)) for use in used]
    help_text = _("Drafts of the last 90 days that quote it, and how many of them agents took.")
    return List(_("Most used in answers"), help_text, tuple(rows), "answers=used")


def _use_in_words(use: ArticleUse) -> str:
    drafts = ngettext("%d draft", "%d drafts", use.drafts) % use.drafts
    if use.acceptance is None:
        return _("%s, none decided") % drafts
    share = {"drafts": drafts, "share": round(use.acceptance * 100), "n": use.decided}
    return _("%(drafts)s, %(share)d %% of %(n)d decided were accepted") % share


def _never_used() -> List:
    unused = Article.objects.never_quoted().order_by(F("published_at").asc(nulls_first=True))
    rows = [
        Row(pk, (_("published %s") % _day(at)) if at else _("published"))
        for pk, at in unused.values_list("pk", "published_at")[:TOP]
    ]
    help_text = _("No draft ever quoted it: nobody asks for it, or it is not found.")
    return List(_("Never used in an answer"), help_text, tuple(rows), "answers=never")


def _broken() -> List:
    counted = (
        _broken_links()
        .values_list("article")
        .annotate(n=Count("pk"))
        .order_by("-n", "article")[:TOP]
    )
    rows = [Row(pk, ngettext("%d broken link", "%d broken links", n) % n) for pk, n in counted]
    help_text = _("Looked at every night; outside ones after they failed on two days.")
    return List(_("Broken links"), help_text, tuple(rows), "needs=links")


def _broken_links() -> QuerySet[ArticleLink]:
    return ArticleLink.objects.broken().order_by()


def _with_articles(lists: Iterable[List]) -> list[List]:
    lists = list(lists)
    wanted = {row.article_id for one in lists for row in one.rows}
    found = Article.objects.for_list().in_bulk(wanted)
    return [
        replace(
            one,
            rows=tuple(
                replace(row, article=found[row.article_id])
                for row in one.rows
                if row.article_id in found
            ),
        )
        for one in lists
    ]


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j M Y") if at else ""

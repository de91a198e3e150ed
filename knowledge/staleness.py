"""Articles that show their age, and why: past their dates, or unhelpful to their readers.

Each is proposed for a person to retire or to look at again. What was said before the last
major change, or before somebody found the article still right, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from knowledge.likelihood import surely_above
from knowledge.models import Article, ArticleFeedback, Revision
from knowledge.paragraphs import paragraphs
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal

FINGERPRINT = "staleness/1"
#: What the names of these facts begin with.
EXPIRED, TO_REVIEW, UNHELPFUL = "expired:", "to-review:", "unhelpful:"
#: How far back votes count, and how many there must be.
DAYS = 180
FEWEST_VOTES = 5
#: The share of readers that surely found it unhelpful must be above this.
MOST_UNHELPFUL = 0.5
MOST_COMMENTS = 20


def expired(at: datetime) -> Iterator[Proposal]:
    """Published, but no reader sees it any more: its last day is over."""
    rows = Article.objects.filter(state=Article.State.PUBLISHED, valid_until__lte=at)
    for article in rows.select_related("published_revision").order_by("pk").iterator(200):
        assert article.valid_until is not None
        day = timezone.localtime(article.valid_until).date()
        yield retiring(
            article,
            rationale=_("It was valid until %(day)s, and no reader has seen it since.")
            % {"day": _in_words(day)},
            fact_key=f"{EXPIRED}{day}",
            confidence=0.95,
            at=at,
        )


def to_review(at: datetime) -> Iterator[Proposal]:
    """Somebody was to look whether it still holds, and the day has passed."""
    rows = Article.objects.published(at).filter(review_by__lt=timezone.localdate(at))
    for article in rows.select_related("published_revision", "owner").order_by("pk").iterator(200):
        assert article.review_by is not None
        told = {"day": _in_words(article.review_by), "owner": article.owner}
        rationale = (
            _("%(owner)s was to look at it by %(day)s.") if article.owner
            else _("It was to be looked at by %(day)s.")
        )  # fmt: skip
        yield checking(
            article,
            rationale=rationale % told,
            fact_key=f"{TO_REVIEW}{article.review_by}",
            confidence=0.9,
            at=at,
        )


def unhelpful(at: datetime) -> Iterator[Proposal]:
    """Most readers who said so found it unhelpful, and not by chance."""
    rows = (
        Article.objects.published(at)
        .with_recent_feedback(at - timedelta(days=DAYS))
        .select_related("published_revision")
        .order_by("pk")
    )
    for article in rows.iterator(200):
        votes = article.helpful_count + article.unhelpful_count
        sure = surely_above(article.unhelpful_count, votes)
        if votes < FEWEST_VOTES or sure <= MOST_UNHELPFUL:
            continue
        told = {
            "bad": article.unhelpful_count,
            "votes": votes,
            "day": _in_words(timezone.localtime(article.first_vote_at).date()),
        }
        yield checking(
            article,
            rationale=_("%(bad)d of %(votes)d readers since %(day)s found it unhelpful.") % told,
            fact_key=f"{UNHELPFUL}{since_key(article.settled_at)}",
            confidence=sure,
            at=at,
            evidence=_comments(article, article.first_vote_at),
            effect={"readers": votes, "unhelpful": article.unhelpful_count},
        )


def since_key(settled_at: datetime | None) -> str:
    """Names the time since which what is said of an article counts."""
    return f"{settled_at:%Y-%m-%dT%H:%M:%S}" if settled_at else "first"


def retiring(
    article: Article, *, rationale: str, fact_key: str, confidence: float, at: datetime
) -> Proposal:
    """Puts the article away, for a reason that the article itself shows."""
    shown = _shown(article)
    return Proposal(
        kind=Kind.RETIRE,
        origin=Origin.REVIEW,
        title=shown.title,
        body=shown.body,
        summary=shown.summary,
        language=article.language,
        rationale=rationale,
        fact_key=fact_key,
        fingerprint=FINGERPRINT,
        evidence=(opening(shown, at),),
        confidence=confidence,
        base_revision_id=shown.pk,
        asks_once=True,
    )


def checking(
    article: Article,
    *,
    rationale: str,
    fact_key: str,
    confidence: float,
    at: datetime,
    evidence: Sequence[EvidenceItem] = (),
    effect: dict[str, int] | None = None,
    tickets_per_week: float = 0.0,
    handling_minutes: float = 0.0,
) -> Proposal:
    """Asks a person to look at the article again: hold to it, edit it, or put it away."""
    shown = _shown(article)
    return Proposal(
        kind=Kind.CHECK,
        origin=Origin.REVIEW,
        title=shown.title,
        body=shown.body,
        summary=shown.summary,
        language=article.language,
        rationale=rationale,
        fact_key=fact_key,
        fingerprint=FINGERPRINT,
        evidence=(*evidence, opening(shown, at)),
        confidence=confidence,
        base_revision_id=shown.pk,
        asks_once=True,
        tickets_per_week=tickets_per_week,
        handling_minutes=handling_minutes,
        effect=effect or {},
    )


def opening(shown: Revision, at: datetime) -> EvidenceItem:
    """The first words of the article as it stands, so that nobody need look them up."""
    first = paragraphs(shown.body)
    start, end = (first[0].start, first[0].end) if first else (0, 0)
    return EvidenceItem(
        EvidenceKind.PASSAGE,
        shown.body[start:end] or shown.title,
        at,
        revision_id=shown.pk,
        start=start,
        end=end,
    )


def _comments(article: Article, since: datetime) -> list[EvidenceItem]:
    rows = ArticleFeedback.objects.filter(
        revision__article=article, is_helpful=False, created_at__gte=since
    ).exclude(comment="")
    return [
        EvidenceItem(EvidenceKind.READER, row.comment, row.created_at, revision_id=row.revision_id)
        for row in rows.order_by("-created_at")[:MOST_COMMENTS]
    ]


def _shown(article: Article) -> Revision:
    assert article.published_revision is not None
    return article.published_revision


def _in_words(day: date) -> str:
    return date_format(day, "j F Y")

"""The demo shop's editorial work: something in review, sent back, planned, due, out of date, and
for the members of a club only.

Made by the services, as people would; what was made before, or changed since, is left alone.
Nobody is mailed about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from django.db import transaction
from django.utils import timezone

from helpdesk.demo import records
from helpdesk.models import Job, User
from knowledge.models import Article, ArticleViews, ReaderGroup
from knowledge.services import (
    category_at,
    create_article,
    join_group,
    link_translation,
    look_after,
    publish,
    record_feedback,
    save_revision,
    schedule,
    send_back,
    submit_for_review,
)
from knowledge.services.links import check_inside, read_links
from knowledge.types import ArticleDetails, ArticleText

#: Names what this module made, so that it is made once.
MADE = "demo:"
#: Days for which articles were read, to show trends.
DAYS_READ = 56


@transaction.atomic
def load_editorial(people: Mapping[str, User]) -> int:
    """Add what is missing; return how many articles were written."""
    raw = records.editorial()
    before = timezone.now()
    told = set(Job.objects.filter(kind=Job.Kind.NOTICE).values_list("pk", flat=True))
    made = _in_review(raw["in_review"], people) + _sent_back(raw["sent_back"], people)
    made += _planned(raw["planned"], people, before)
    made += _restricted(raw["restricted"], people)
    made += _out_of_date(raw["original"], raw["translation"], people)
    _look_after(raw["looked_after"], people)
    _vote(raw["votes"])
    _read(timezone.localdate())
    if made:
        read_links()
        check_inside()
    Job.objects.filter(kind=Job.Kind.NOTICE).exclude(pk__in=told).delete()
    return made


def _written(name: str, raw: Mapping[str, Any], author: User, **details: Any) -> Article | None:
    """A new draft; None where it was written before."""
    if Article.objects.filter(external_id=MADE + name).exists():
        return None
    return create_article(
        text=ArticleText(raw["title"], raw["body"], raw["summary"]),
        category=category_at(path=(raw["category"],)),
        author=author,
        details=ArticleDetails(**details),
        external_id=MADE + name,
    )


def _in_review(raw: Mapping[str, Any], people: Mapping[str, User]) -> int:
    article = _written("in-review", raw, people["cai"])
    if article is None:
        return 0
    submit_for_review(article=article, by=people["cai"], comment=raw["comment"])
    return 1


def _sent_back(raw: Mapping[str, Any], people: Mapping[str, User]) -> int:
    article = _written("sent-back", raw, people["cai"])
    if article is None:
        return 0
    submit_for_review(article=article, by=people["cai"])
    send_back(article=article, by=people["rhea"], comment=raw["comment"])
    return 1


def _planned(raw: Mapping[str, Any], people: Mapping[str, User], now: datetime) -> int:
    article = _written("planned", raw, people["rhea"])
    if article is None:
        return 0
    start = timezone.localtime(now).replace(hour=9, minute=0, second=0, microsecond=0)
    schedule(
        article=article,
        by=people["pia"],
        publish_at=start + timedelta(days=6),
        unpublish_at=start + timedelta(days=34),
    )
    return 1


def _restricted(raw: Mapping[str, Any], people: Mapping[str, User]) -> int:
    """An article for a group, and somebody who reads it."""
    description = {"description": raw["description"]}
    group, _is_new = ReaderGroup.objects.get_or_create(name=raw["group"], defaults=description)
    to_members = {"visibility": Article.Visibility.RESTRICTED, "reader_groups": (group.pk,)}
    article = _written("restricted", raw, people["pia"], **to_members)
    if article is None:
        return 0
    for name in raw["members"]:
        join_group(group=group, person=people[name])
    publish(article=article, by=people["pia"])
    return 1


def _out_of_date(
    raw: Mapping[str, Any], translated: Mapping[str, Any], people: Mapping[str, User]
) -> int:
    internal = Article.Visibility.INTERNAL
    original = _written("original", raw, people["bo"], visibility=internal)
    if original is None:
        return 0
    pia = people["pia"]
    publish(article=original, by=pia)
    in_dutch = {"visibility": internal, "language": translated["language"]}
    translation = _written(
        "translation", {**translated, "category": raw["category"]}, people["bo"], **in_dutch
    )
    if translation is None:
        return 1
    link_translation(article=translation, source=original, by=pia)
    publish(article=translation, by=pia)
    changed = ArticleText(raw["title"], raw["changed"], raw["summary"])
    save_revision(article=original, text=changed, author=people["bo"], note="The box has moved.")
    publish(article=original, by=pia)
    return 2


def _look_after(rows: list[dict[str, Any]], people: Mapping[str, User]) -> None:
    today = timezone.localdate()
    for row in rows:
        article = Article.objects.filter(
            external_id=row["article"], owner=None, review_by=None
        ).first()
        if article is not None and not article.events.filter(by__isnull=False).exists():
            due = today + timedelta(days=row["due_in_days"])
            look_after(article=article, owner=people[row["by"]], review_by=due, by=None)


def _vote(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        article = Article.objects.filter(external_id=row["article"]).first()
        revision = article.published_revision if article else None
        if revision is None or revision.feedback.exists():
            continue
        for number in range(row["helpful"] + row["unhelpful"]):
            is_helpful = number >= row["unhelpful"]
            record_feedback(
                revision=revision,
                visitor=f"demo-{number}",
                is_helpful=is_helpful,
                comment="" if number else row["comment"],
            )


def _read(today: date) -> None:
    """As many readers a day as an article's name happens to come to; some articles have none."""
    if ArticleViews.objects.exists():
        return
    rows = []
    for article in Article.objects.published().public().exclude(external_id="").order_by("pk"):
        busy = crc32(article.external_id.encode()) % 40
        for day in range(DAYS_READ):
            count = busy * (200 - day) // 200 - crc32(f"{article.pk} {day}".encode()) % 9
            if count > 0:
                on = today - timedelta(days=day)
                rows.append(ArticleViews(article=article, day=on, count=count))
    ArticleViews.objects.bulk_create(rows, batch_size=1000)

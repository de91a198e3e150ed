"""Publishing and taking back at a moment to come: once, and never by surprise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from helpdesk.tasks import carry_out_plans
from knowledge.exceptions import ArticleInvalid, NotAllowed
from knowledge.models import ArticleEvent, ScheduledPublication
from knowledge.services import (
    archive,
    cancel_schedule,
    carry_out_due,
    publish,
    save_revision,
    schedule,
)
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article
from tests.knowledge.test_admin import change_url
from tests.knowledge.test_editorial import step_url

pytestmark = pytest.mark.django_db
NEW = ArticleText("Returns", "Within 60 days.")
DAY = timedelta(days=1)


def in_days(days: float) -> datetime:
    return timezone.now() + days * DAY


def test_a_text_shows_from_its_moment_and_no_longer_than_planned(article, pia, changes):
    revision = save_revision(article=article, text=NEW)
    plan = schedule(article=article, by=pia, publish_at=in_days(1), unpublish_at=in_days(3))
    save_revision(article=article, text=ArticleText("Returns", "Not this one."))
    assert carry_out_due() == 0
    assert carry_out_due(in_days(1.1)) == 1
    article.refresh_from_db()
    assert (article.published_revision, article.published_by) == (revision, pia)
    assert carry_out_due(in_days(2)) == 0
    assert carry_out_due(in_days(3.1)) == 1
    article.refresh_from_db()
    plan.refresh_from_db()
    assert (article.state, plan.state) == ("draft", "done")
    assert changes == [article.pk, article.pk]
    assert article.publications.filter(shown_until=None).count() == 0


def test_what_was_due_while_nothing_ran_is_made_up_for_in_its_order(pia):
    article = make_article(is_published=False)
    schedule(article=article, by=pia, publish_at=in_days(1), unpublish_at=in_days(2))
    assert carry_out_due(in_days(9)) == 2
    kinds = list(article.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["scheduled", "published", "unpublished"]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_that_look_one_publishes(pia):
    article = make_article(is_published=False)
    schedule(article=article, by=pia, publish_at=in_days(1))

    def look(_number: int) -> int:
        try:
            return carry_out_due(in_days(2))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    assert article.events.filter(kind=ArticleEvent.Kind.PUBLISHED).count() == 1
    assert article.publications.count() == 1


def test_the_beat_carries_plans_out(article, pia):
    save_revision(article=article, text=NEW)
    plan = schedule(article=article, by=pia, publish_at=in_days(1))
    ScheduledPublication.objects.filter(pk=plan.pk).update(
        created_at=in_days(-2), publish_at=in_days(-1), due_at=in_days(-1)
    )
    carry_out_plans()
    article.refresh_from_db()
    assert article.published_revision.body == "Within 60 days."


@pytest.mark.parametrize(
    ("moments", "why"),
    [
        ({}, "say when"),
        ({"publish_at": -1}, "has passed"),
        ({"publish_at": 3, "unpublish_at": 2}, "end comes before"),
        ({"publish_at": 3, "unpublish_at": 3}, "end comes before"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_in_plain_words(article, pia, moments, why):
    save_revision(article=article, text=NEW)
    now = timezone.now()
    given = {name: now + days * DAY for name, days in moments.items()}
    with pytest.raises(ArticleInvalid, match=why):
        schedule(article=article, by=pia, **given)


def test_there_must_be_something_to_publish_or_to_take_back(article, pia, cai):
    with pytest.raises(ArticleInvalid, match="see this text already"):
        schedule(article=article, by=pia, publish_at=in_days(1))
    hidden = make_article("Hidden", is_published=False)
    with pytest.raises(ArticleInvalid, match="do not see"):
        schedule(article=hidden, by=pia, unpublish_at=in_days(1))
    with pytest.raises(NotAllowed):
        schedule(article=hidden, by=cai, publish_at=in_days(1))


def test_a_plan_can_be_changed_and_cancelled_and_archiving_ends_it(article, pia):
    save_revision(article=article, text=NEW)
    first = schedule(article=article, by=pia, publish_at=in_days(1))
    second = schedule(article=article, by=pia, publish_at=in_days(2))
    first.refresh_from_db()
    assert first.state == "cancelled"
    assert cancel_schedule(article=article, by=pia)
    assert not cancel_schedule(article=article, by=pia)
    assert carry_out_due(in_days(9)) == 0
    third = schedule(article=article, by=pia, publish_at=in_days(2))
    archive(article=article, by=pia)
    assert carry_out_due(in_days(9)) == 0
    for plan in (second, third):
        plan.refresh_from_db()
        assert plan.state == "cancelled"


def test_a_plan_never_puts_an_older_text_over_a_newer_one(article, pia):
    save_revision(article=article, text=NEW)
    plan = schedule(article=article, by=pia, publish_at=in_days(1))
    save_revision(article=article, text=ArticleText("Returns", "Within 90 days."))
    publish(article=article, by=pia)
    carry_out_due(in_days(2))
    article.refresh_from_db()
    plan.refresh_from_db()
    assert article.published_revision.body == "Within 90 days."
    assert (plan.state, "newer text" in plan.reason) == ("refused", True)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"publish_at": -1}, "plan_is_in_the_future"),
        ({"unpublish_at": -1}, "plan_is_in_the_future"),
        ({"publish_at": 3, "unpublish_at": 2}, "plan_publishes_before_it_unpublishes"),
        ({}, "plan_has_a_moment"),
    ],
)
def test_the_database_refuses_it_too(article, values, constraint):
    now = timezone.now()
    given = {name: now + days * DAY for name, days in values.items()}
    revision = article.head if "publish_at" in given else None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ScheduledPublication.objects.create(
            article=article, revision=revision, due_at=now, created_at=now, **given
        )


def test_an_article_has_one_open_plan(article):
    row = {"article": article, "unpublish_at": in_days(1), "due_at": in_days(1)}
    ScheduledPublication.objects.create(**row)
    with pytest.raises(IntegrityError, match="plan_one_open"), transaction.atomic():
        ScheduledPublication.objects.create(**row)


def test_it_is_planned_shown_and_cancelled_in_the_admin(browser_of, article, pia):
    browser = browser_of(pia)
    save_revision(article=article, text=NEW)
    typed = {"publish_at": in_days(1).strftime("%Y-%m-%dT%H:%M"), "unpublish_at": ""}
    browser.post(step_url(article, "schedule"), typed)
    said = browser.get(change_url(article)).content.decode()
    assert "Revision 2 shows from" in said
    assert "Cancel the plan" in said
    said = browser.post(
        step_url(article, "schedule"), {"publish_at": "2020-01-01T09:00"}, follow=True
    ).content.decode()
    assert "That moment has passed" in said
    browser.post(step_url(article, "cancel"))
    assert not article.plans.waiting().exists()

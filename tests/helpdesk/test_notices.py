"""Mail to those who write, review, publish and look after articles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk import notifying, tasks, work
from helpdesk.models import Job
from knowledge.models import Article, ScheduledPublication
from knowledge.services import (
    approve,
    carry_out_due,
    look_after,
    publish,
    save_revision,
    schedule,
    send_back,
    submit_for_review,
    withdraw,
)
from knowledge.types import ArticleText
from tests.knowledge.factories import CategoryFactory, make_article

pytestmark = pytest.mark.django_db


def write(article: Article, author, body: str = "Yes, by truck.") -> Article:
    save_revision(article=article, text=ArticleText("Kayaks", body), author=author)
    article.refresh_from_db()
    return article


@pytest.fixture
def draft(cai):
    return write(make_article("Kayaks", "Yes, by lorry.", is_published=False), cai)


@pytest.fixture
def in_review(draft, cai, rhea):
    submit_for_review(article=draft, by=cai, comment="Is truck right?")
    return draft


def deliver(mailoutbox) -> dict[str, str]:
    """By address the subject of each mail that goes out now; the outbox is empty again."""
    work.run_batch("notice", limit=20)
    found = {mail.to[0].partition("@")[0]: mail.subject for mail in mailoutbox}
    assert len(found) == len(mailoutbox), "Somebody got two."
    mailoutbox.clear()
    return found


def test_reviewers_are_asked_and_the_author_hears_what_they_say(
    draft, cai, rhea, pia, mia, bo, mailoutbox
):
    submit_for_review(article=draft, by=cai, comment="Is truck right?")
    assert mailoutbox == []
    asked = "Please review: Kayaks"
    assert deliver(mailoutbox) == {"rhea": asked, "pia": asked}

    send_back(article=draft, by=rhea, comment="Say how long it takes.")
    work.run_batch("notice", limit=20)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([cai.email], "Sent back: Kayaks")
    assert "> Say how long it takes." in mail.body
    assert f"/admin/knowledge/article/{draft.pk}/change/" in mail.body
    assert reverse("my-data") in mail.body
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
    assert mail.extra_headers["References"] == f"<article.{draft.pk}@localhost>"
    mailoutbox.clear()

    write(draft, cai, "Yes, by truck, in 9 days.")
    submit_for_review(article=draft, by=cai)
    deliver(mailoutbox)
    approve(article=draft, by=rhea, revision=draft.review_revision)
    approved = "Approved: Kayaks"
    assert deliver(mailoutbox) == {"cai": approved, "pia": approved}
    publish(article=draft, by=pia)
    assert deliver(mailoutbox) == {}


def test_published_without_a_review_first_the_author_is_told(in_review, pia, mailoutbox):
    Job.objects.all().delete()
    publish(article=in_review, by=pia)
    assert deliver(mailoutbox) == {"cai": "Published: Kayaks"}


def test_who_may_review_their_own_text_is_not_asked_to(rhea, pia, mailoutbox):
    article = write(make_article("Kayaks", "Yes.", is_published=False), rhea)
    submit_for_review(article=article, by=rhea)
    assert set(deliver(mailoutbox)) == {"pia"}


def test_a_shop_without_reviewers_asks_its_admins(draft, cai, mia, mailoutbox):
    submit_for_review(article=draft, by=cai)
    assert set(deliver(mailoutbox)) == {"mia"}


def test_a_question_that_was_taken_back_is_not_mailed(in_review, cai, mailoutbox):
    withdraw(article=in_review, by=cai)
    assert deliver(mailoutbox) == {}


def test_who_wants_no_mail_or_has_left_gets_none(in_review, cai, rhea, mailoutbox):
    rhea.is_active = False
    rhea.save()
    cai.wants_editorial_mail = False
    cai.save()
    send_back(article=in_review, by=None, comment="Say how long it takes.")
    assert deliver(mailoutbox) == {}


def test_an_import_tells_nobody(db, mia):
    make_article("Kayaks")
    assert not Job.objects.filter(kind="notice").exists()


def test_who_planned_it_hears_that_it_could_not_be_done(draft, pia, mailoutbox):
    soon = timezone.now() + timedelta(hours=1)
    schedule(article=draft, by=pia, publish_at=soon)
    publish(article=write(draft, pia, "Yes, by ship."), by=pia)
    ScheduledPublication.objects.all().delete()
    first = draft.revisions.get(number=2)
    ScheduledPublication.objects.create(
        article=draft, revision=first, publish_at=soon, due_at=soon, planned_by=pia
    )
    deliver(mailoutbox)
    carry_out_due(soon)
    assert deliver(mailoutbox) == {"pia": "Not published as planned: Kayaks"}


def test_a_mail_that_fails_is_tried_again_with_the_same_id(in_review, rhea, settings, mailoutbox):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    work.run_batch("notice", limit=20)
    (job,) = Job.objects.filter(kind="notice")
    assert (job.state, job.attempts) == ("queued", 1)
    settings.EMAIL_BACKEND = backend
    Job.objects.update(run_at=timezone.now())
    work.run_batch("notice", limit=20)
    (mail,) = mailoutbox
    assert mail.extra_headers["Message-ID"] == f"<notice.{job.key.replace(':', '.')}@localhost>"
    job.refresh_from_db()
    assert job.state == "done"


def due(title: str, owner, days: int, **details) -> Article:
    article = make_article(title, **details)
    day = timezone.localdate() + timedelta(days=days)
    look_after(article=article, owner=owner, review_by=day, by=None)
    return article


def test_owners_get_one_mail_a_week_with_all_that_is_due(cai, ada, bo, mailoutbox):
    shelf = CategoryFactory(owner=cai)
    due("Returns", cai, -3)
    due("Tents", None, 2, category=shelf)
    due("Kayaks", cai, 8)
    due("Bikes", ada, 30)
    due("Of nobody", None, -1)
    due("Not shown", bo, -1, is_published=False)
    assert notifying.remind_owners() == 1
    work.run_batch("notice", limit=20)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([cai.email], "Articles to look at: 2")
    late, coming = mail.body.split("Within a week:")
    assert "Returns" in late
    assert "Tents" in coming
    assert "Kayaks" not in mail.body
    assert notifying.remind_owners() == 0
    assert notifying.remind_owners(timezone.localdate() + timedelta(days=7)) == 1


def test_what_was_confirmed_meanwhile_is_not_reminded_of(cai, mailoutbox):
    article = due("Returns", cai, -3)
    tasks.remind_owners()
    Article.objects.filter(pk=article.pk).update(review_by=date(2099, 1, 1))
    assert deliver(mailoutbox) == {}


def test_staff_choose_for_themselves_whether_they_want_mail(browser_of, cai, rex):
    page = browser_of(cai)
    assert b"Mail about articles" in page.get(reverse("my-data")).content
    page.post(reverse("my-data"), {"editorial_mail": "no"})
    cai.refresh_from_db()
    assert not cai.wants_editorial_mail
    assert cai.objected_to_training_at is None
    page.post(reverse("my-data"), {"editorial_mail": "yes"})
    cai.refresh_from_db()
    assert cai.wants_editorial_mail
    assert b"Mail about articles" not in browser_of(rex).get(reverse("my-data")).content

"""What the database itself refuses of the editorial work, whoever asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Article, ArticleEvent
from knowledge.services import link_translation, save_revision, schedule, submit_for_review
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article
from tests.knowledge.test_promises import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(article, pia) -> ArticleEvent:
    save_revision(article=article, text=ArticleText("Returns", "New"), author=pia)
    submit_for_review(article=article, by=pia, comment="Please.")
    return article.events.get(kind="submitted")


@pytest.mark.parametrize(
    "change",
    ["kind = 'approved'", "comment = ''", "created_at = now()", "revision_id = NULL",
     "article_id = article_id + 1", "id = id + 1000"],
)  # fmt: skip
def test_what_happened_is_never_changed(event, change):
    said = refuses(f"UPDATE knowledge_articleevent SET {change} WHERE id = %s", event.pk)
    assert "article_event_is_never_changed" in said


def test_what_happened_outlives_who_did_it_and_is_laid_at_nobody_elses_door(event, pia, bo):
    said = refuses("UPDATE knowledge_articleevent SET by_id = %s WHERE id = %s", bo.pk, event.pk)
    assert "article_event_is_never_changed" in said
    pia.delete()
    event.refresh_from_db()
    assert event.by is None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'in_review', review_revision_id = NULL, review_asked_at = NULL",
         "article_in_review_has_a_text_to_review"),
        ("state = 'draft'", "article_in_review_has_a_text_to_review"),
        ("state = 'archived'", "article_in_review_has_a_text_to_review"),
        ("review_asked_at = NULL", "article_review_was_asked_for"),
        ("review_revision_id = NULL", "article_review_was_asked_for"),
        ("review_revision_id = NULL, review_asked_at = NULL, approved_at = now()",
         "article_review_was_asked_for"),
        ("outdated_since = now()", "article_outdated_is_a_translation"),
        ("state = 'ready'", "article_"),
    ],
)  # fmt: skip
def test_a_review_is_of_a_text_and_was_asked_for(event, change, rule):
    said = refuses(f"UPDATE knowledge_article SET {change} WHERE id = %s", event.article_id)
    assert rule in said


def test_nobody_is_asked_to_review_another_articles_text(event):
    other = make_article("Tents")
    said = refuses(
        "UPDATE knowledge_article SET review_revision_id = %s WHERE id = %s",
        other.head_id, event.article_id,
    )  # fmt: skip
    assert "article_shows_only_its_own_revisions" in said


@pytest.mark.parametrize("significance", ["'huge'", "'typo'"])
def test_how_much_a_revision_changes_is_known_and_stays(article, significance):
    said = refuses(f"UPDATE knowledge_revision SET significance = {significance}")
    assert "revision_is_never_changed" in said
    assert "revision_known_significance" in refuses(
        "INSERT INTO knowledge_revision (article_id, number, title, summary, body, note,"
        " significance, created_at) VALUES (%s, 9, 'x', '', 'x', '', 'huge', now())",
        article.pk,
    )


def test_who_sends_back_says_why(event):
    assert "article_event_sent_back_says_why" in refuses(
        "INSERT INTO knowledge_articleevent (article_id, kind, comment, created_at)"
        " VALUES (%s, 'sent_back', '', now())",
        event.article_id,
    )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("revision_id = NULL", "plan_publishes_a_revision"),
        ("publish_at = NULL, unpublish_at = due_at", "plan_publishes_a_revision"),
        ("due_at = NULL", "plan_due_iff_waiting"),
        ("state = 'done'", "plan_due_iff_waiting"),
        ("state = 'done', due_at = NULL", "plan_due_iff_waiting"),
        ("closed_at = now()", "plan_due_iff_waiting"),
        ("state = 'late', due_at = NULL, closed_at = now()", "plan_due_iff_waiting"),
    ],
)
def test_a_plan_has_a_text_and_a_moment_until_it_is_closed(event, pia, change, rule):
    soon = timezone.now() + timedelta(hours=1)
    plan = schedule(article=event.article, by=pia, publish_at=soon)
    assert rule in refuses(
        f"UPDATE knowledge_scheduledpublication SET {change} WHERE id = %s", plan.pk
    )


def test_a_translation_without_its_original_is_out_of_date_with_nothing(article):
    dutch = make_article("Retour", language="nl")
    link_translation(article=dutch, source=article)
    Article.objects.filter(pk=dutch.pk).update(outdated_since=timezone.now())
    article.delete()
    dutch.refresh_from_db()
    assert (dutch.translation_of, dutch.outdated_since, dutch.current_with) == (None, None, None)

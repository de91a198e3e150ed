"""What the database itself refuses, whoever asks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from knowledge.models import Article, SearchEntry
from knowledge.services import archive, save_revision
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


def refuses(sql: str, *parameters: object) -> str:
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)
    return str(refusal.value)


@pytest.mark.parametrize(
    "change",
    ["title = 'x'", "summary = 'x'", "body = body || '!'", "number = 9", "note = 'x'",
     "created_at = now()", "article_id = article_id + 1"],
)  # fmt: skip
def test_a_revision_is_never_changed(article, change):
    said = refuses(f"UPDATE knowledge_revision SET {change} WHERE id = %s", article.head_id)
    assert "revision_is_never_changed" in said


def test_a_revision_survives_its_author_but_is_given_to_nobody_else(article, ada, bo):
    revision = save_revision(article=article, text=ArticleText("Returns", "New"), author=ada)
    said = refuses("UPDATE knowledge_revision SET author_id = %s", bo.pk)
    assert "revision_is_never_changed" in said
    ada.delete()
    revision.refresh_from_db()
    assert revision.author is None


@pytest.mark.parametrize("column", ["head_id", "published_revision_id"])
def test_an_article_shows_only_its_own_revisions(article, column):
    other = make_article("Other")
    said = refuses(
        f"UPDATE knowledge_article SET {column} = %s WHERE id = %s", other.head_id, article.pk
    )
    assert "article_shows_only_its_own_revisions" in said


def test_a_published_article_has_a_revision_that_shows(article):
    refuses("UPDATE knowledge_article SET published_revision_id = NULL")


def test_search_holds_exactly_what_is_published(article):
    make_article("Draft", is_published=False)
    assert list(SearchEntry.objects.values_list("article", flat=True)) == [article.pk]
    Article.objects.filter(pk=article.pk).update(tags=["zebra"])
    assert "zebra" in SearchEntry.objects.get().vector
    archive(article=article)
    assert not SearchEntry.objects.exists()


def test_an_article_can_be_deleted_with_its_history(article):
    save_revision(article=article, text=ArticleText("Returns", "New"))
    article.delete()
    assert not Article.objects.exists()

"""What people may do with articles, and what readers are told of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge.exceptions import (
    ArticleInvalid,
    ArticleMovedOn,
    CategoryLoop,
    RevisionOfAnotherArticle,
)
from knowledge.models import Article, ArticleFeedback, Category, Revision
from knowledge.services import (
    archive,
    category_at,
    change_details,
    create_article,
    log_search,
    mark_search_solved,
    move_category,
    publish,
    record_feedback,
    roll_back,
    save_revision,
    unpublish,
)
from knowledge.types import ArticleDetails, ArticleText
from tests.knowledge.factories import CategoryFactory, make_article

pytestmark = pytest.mark.django_db
NEW = ArticleText("Returns", "Within **60 days**.")


def test_a_new_article_is_a_draft_that_readers_do_not_see(changes, rex):
    article = make_article(is_published=False)
    assert article.state == Article.State.DRAFT
    assert article.head is not None
    assert article.head.number == 1
    assert changes == []
    assert not Article.objects.visible_to(rex).exists()


def test_articles_of_one_title_get_addresses_of_their_own():
    shelf = CategoryFactory()
    slugs = [make_article("Returns", category=shelf).slug for _ in range(3)]
    assert slugs == ["returns", "returns-2", "returns-3"]


def test_an_article_is_never_hidden_behind_a_page_of_the_site():
    assert make_article("Search").slug == "search-2"


def test_a_title_without_latin_letters_still_gets_an_address():
    assert make_article("退货").slug == "article"


def test_saving_keeps_what_readers_see_until_it_is_published(article, ada, mia, changes):
    revision = save_revision(article=article, text=NEW, author=ada, note="Longer")
    article.refresh_from_db()
    assert (revision.number, revision.author, revision.note) == (2, ada, "Longer")
    assert article.head == revision
    assert article.published_revision.number == 1
    assert article.has_unpublished_changes
    assert changes == []
    publish(article=article, by=mia)
    assert article.published_revision == revision
    assert article.published_by == mia
    assert changes == [article.pk]


def test_saving_the_same_text_makes_no_revision(article):
    head = article.head
    again = ArticleText(head.title, head.body.replace("\n", "\r\n") + "  \r\n", head.summary)
    assert save_revision(article=article, text=again) == head
    assert article.revisions.count() == 1


def test_a_save_over_somebody_elses_is_refused_with_their_name(article, ada, mia):
    opened = article.head
    theirs = save_revision(article=article, text=NEW, author=ada, base_revision=opened)
    mine = ArticleText("Returns", "Within 14 days.")
    with pytest.raises(ArticleMovedOn, match="Ada Novak") as refusal:
        save_revision(article=article, text=mine, author=mia, base_revision=opened)
    assert (refusal.value.head, refusal.value.by) == (theirs, ada)
    assert refusal.value.at == theirs.created_at
    assert save_revision(article=article, text=mine, author=mia, base_revision=theirs).number == 3


def test_an_old_revision_can_be_published_and_rolled_back_to(article, ada, changes):
    first = article.head
    save_revision(article=article, text=NEW)
    publish(article=article)
    back = roll_back(article=article, to=first, by=ada)
    assert (back.number, back.body, back.author) == (3, first.body, ada)
    publish(article=article, revision=first)
    assert article.published_revision == first
    assert changes == [article.pk, article.pk]


def test_a_revision_of_another_article_is_neither_published_nor_restored(article):
    other = make_article("Other").head
    with pytest.raises(RevisionOfAnotherArticle):
        publish(article=article, revision=other)
    with pytest.raises(RevisionOfAnotherArticle):
        roll_back(article=article, to=other)


@pytest.mark.parametrize("hide", [archive, unpublish])
def test_hiding_an_article_is_told_once_and_takes_it_from_readers(article, rex, changes, hide):
    hide(article=article)
    hide(article=article)
    assert article.published_revision is None
    assert not Article.objects.visible_to(rex).exists()
    assert changes == [article.pk]


def test_publishing_again_what_shows_tells_nobody(article, changes):
    publish(article=article)
    assert changes == []


def test_readers_are_told_of_a_change_of_details_only_where_they_see_the_article(changes):
    shown, draft = make_article(), make_article("Draft", is_published=False)
    changes.clear()
    internal = ArticleDetails(visibility="internal")
    assert change_details(article=shown, details=internal)
    assert not change_details(article=shown, details=internal)
    assert change_details(article=draft, details=internal)
    assert change_details(article=shown, category=CategoryFactory())
    assert changes == [shown.pk, shown.pk]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ArticleText(" ", "x"), "title"),
        (ArticleText("x" * 201, "x"), "200"),
        (ArticleText("x", "\n \n"), "text"),
        (ArticleText("x", "x" * 200_001), "split"),
        (ArticleText("x", "x", "y" * 301), "300"),
        (ArticleText("x", "a\x00b"), "NUL"),
    ],
)
def test_text_that_cannot_be_kept_is_refused_in_plain_words(text, why):
    with pytest.raises(ArticleInvalid, match=why):
        create_article(text=text, category=CategoryFactory())


@pytest.mark.parametrize(
    "details",
    [
        ArticleDetails(visibility="secret"),
        ArticleDetails(tags=("x" * 51,)),
        ArticleDetails(
            valid_from=datetime(2024, 2, 1, tzinfo=UTC),
            valid_until=datetime(2024, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_details_that_cannot_be_kept_are_refused(article, details):
    with pytest.raises(ArticleInvalid):
        change_details(article=article, details=details)


def test_a_visitor_votes_once_and_may_change_their_mind(article):
    revision = article.published_revision
    record_feedback(revision=revision, visitor="v1", is_helpful=False, comment=" Which zip? ")
    record_feedback(revision=revision, visitor="v1", is_helpful=True)
    record_feedback(revision=revision, visitor="v2", is_helpful=True)
    votes = ArticleFeedback.objects.order_by("visitor").values_list("is_helpful", "comment")
    assert list(votes) == [(True, "Which zip?"), (True, "")]


def test_searches_are_kept_with_what_they_found_and_whether_that_helped(article):
    assert log_search(query="  ", result_count=0) is None
    search = log_search(query=" return   a\x00 tent ", result_count=3)
    assert (search.query, search.result_count) == ("return a tent", 3)
    mark_search_solved(search=search, article=article)
    assert (search.is_solved, search.article) == (True, article)


def test_categories_are_found_or_made_by_their_path():
    tents = category_at(path=["Products", "Tents"])
    assert category_at(path=["Products", "Tents"]) == tents
    assert tents.parent.name == "Products"
    assert Category.objects.count() == 2


def test_a_category_cannot_stand_below_itself():
    tents = category_at(path=["Products", "Tents"])
    with pytest.raises(CategoryLoop):
        move_category(category=tents.parent, parent=tents)
    assert move_category(category=tents, parent=None).parent is None


def test_readers_see_the_shelves_above_an_article_however_deep_and_no_empty_ones(rex, ada):
    deep = category_at(path=["A", "B", "C", "D"])
    category_at(path=["Empty"])
    make_article(category=deep)
    seen = Category.objects.visible_to(rex).in_tree_order()
    assert [(category.name, category.depth) for category in seen] == [
        ("A", 0), ("B", 1), ("C", 2), ("D", 3),
    ]  # fmt: skip
    assert Category.objects.visible_to(ada).count() == 5


def test_articles_outside_their_dates_are_not_shown(rex):
    make_article(valid_until=datetime(2020, 1, 1, tzinfo=UTC))
    make_article(valid_from=datetime(2990, 1, 1, tzinfo=UTC))
    now = make_article(valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    assert list(Article.objects.visible_to(rex)) == [now]
    assert Revision.objects.visible_to(rex).get() == now.published_revision

"""The staff side: writing, publishing and looking back."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk.roles import sync_groups
from knowledge.models import Article, Category, SearchLog
from knowledge.services import category_at, log_search, record_feedback, save_revision
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(browser_of, mia):
    sync_groups()
    return browser_of(mia)


@pytest.fixture
def agent(browser_of, ada):
    sync_groups()
    return browser_of(ada)


def filled(article: Article | None = None, **said: object) -> dict[str, object]:
    """What the form would send."""
    fields = {
        "title": "Returns",
        "body": "Within 60 days.",
        "visibility": "public",
        "language": "en",
    }
    if article is not None:
        fields |= {"base_revision": article.head_id, "category": article.category_id}
    return fields | said


def change_url(article: Article) -> str:
    return reverse("admin:knowledge_article_change", args=[article.pk])


def test_the_list_costs_the_same_queries_however_many_articles(admin):
    address = reverse("admin:knowledge_article_changelist")
    counts = []
    for more in (1, 10):
        for number in range(more):
            article = make_article(f"Article {more} {number}", tags=("a",))
            record_feedback(revision=article.head, visitor="v", is_helpful=True)
        admin.get(address)
        with CaptureQueriesContext(connection) as queries:
            said = admin.get(address).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "100% (1)" in said


def test_the_list_is_searched_by_title_and_text_drafts_included(admin):
    make_article("Zips", "About sliders.", is_published=False)
    make_article("Tents")
    said = admin.get(
        reverse("admin:knowledge_article_changelist"), {"q": "sliders"}
    ).content.decode()
    assert "Zips" in said
    assert "Tents" not in said


def test_an_article_is_written_and_published_in_one_go(admin, mia):
    shelf = category_at(path=["Products", "Tents"])
    form = admin.get(reverse("admin:knowledge_article_add"))
    assert "\u2003Tents" in form.content.decode()
    data = filled(category=shelf.pk, action="publish", tags="a, b ,a", note="First")
    response = admin.post(reverse("admin:knowledge_article_add"), data)
    article = Article.objects.get()
    assert response.url == change_url(article)
    assert article.state == Article.State.PUBLISHED
    assert (article.tags, article.head.author, article.head.note) == (["a", "b"], mia, "First")


def test_saving_a_draft_leaves_what_readers_see(admin, article, changes):
    admin.post(change_url(article), filled(article, action="save"))
    article.refresh_from_db()
    assert article.head.body == "Within 60 days."
    assert article.published_revision.number == 1
    assert changes == []


@pytest.mark.parametrize(
    ("action", "state"),
    [("publish", "published"), ("archive", "archived"), ("unpublish", "draft")],
)
def test_each_button_keeps_the_text_and_sets_the_state(admin, article, action, state):
    admin.post(change_url(article), filled(article, action=action))
    article.refresh_from_db()
    assert (article.state, article.head.body) == (state, "Within 60 days.")


def test_a_form_that_cannot_be_saved_keeps_what_was_typed_and_says_why(admin, article):
    response = admin.post(change_url(article), filled(article, title="", body="Typed at length"))
    said = response.content.decode()
    assert response.status_code == 422
    assert "Typed at length" in said
    assert "This field is required." in said


def test_of_two_who_edit_the_second_is_told_who_saved_and_loses_nothing(admin, article, ada):
    data = filled(article, body="My own long text.")
    theirs = save_revision(article=article, text=ArticleText("Returns", "Theirs."), author=ada)
    response = admin.post(change_url(article), data)
    said = response.content.decode()
    assert response.status_code == 409
    assert "Ada Novak saved a newer revision" in said
    assert "My own long text." in said
    assert "Theirs." in said
    base = re.search(r'name="base_revision" value="(\d+)"', said)[1]
    assert int(base) == theirs.pk
    admin.post(change_url(article), data | {"base_revision": base})
    article.refresh_from_db()
    assert (article.head.number, article.head.body) == (3, "My own long text.")


def test_the_preview_is_what_readers_would_see(admin):
    response = admin.post(
        reverse("admin:knowledge_article_preview"), {"title": "T", "body": "# T\n\n**x**<script>"}
    )
    assert response.content.decode().startswith("<p><strong>x</strong>")


def test_the_history_compares_any_two_revisions_both_ways(admin, article):
    for text in ("Within 45 days.", "Within 60 days."):
        save_revision(article=article, text=ArticleText("Returns", text), note="Longer")
    address = reverse("admin:knowledge_article_history", args=[article.pk])
    for view in ("inline", "side"):
        said = admin.get(address, {"old": 2, "new": 3, "view": view}).content.decode()
        assert "<del>45</del>" in said
        assert "<ins>60</ins>" in said
        assert "Longer" in said
    assert admin.get(address).status_code == 200


def test_rolling_back_makes_the_old_text_the_newest(admin, article):
    first = article.head.body
    save_revision(article=article, text=ArticleText("Returns", "Wrong."))
    admin.post(reverse("admin:knowledge_article_rollback", args=[article.pk]), {"revision": 1})
    article.refresh_from_db()
    assert (article.head.number, article.head.body) == (3, first)


def test_agents_read_articles_and_their_history_but_change_nothing(agent, article):
    said = agent.get(change_url(article)).content.decode()
    assert "Unused items" in said
    assert 'value="publish"' not in said
    assert (
        agent.get(reverse("admin:knowledge_article_history", args=[article.pk])).status_code == 200
    )
    assert agent.post(change_url(article), filled(article)).status_code == 403
    rollback = reverse("admin:knowledge_article_rollback", args=[article.pk])
    assert agent.post(rollback, {"revision": 1}).status_code == 403
    assert agent.get(reverse("admin:knowledge_article_add")).status_code == 403
    assert article.revisions.count() == 1


def test_an_article_that_is_not_there_is_not_found(admin):
    assert admin.get("/admin/knowledge/article/999999/change/").status_code == 404
    assert admin.get("/admin/knowledge/article/x/history/").status_code == 404


def test_categories_are_listed_as_a_tree_and_cannot_be_put_inside_themselves(admin):
    tents = category_at(path=["Products", "Tents"])
    category_at(path=["Account"])
    said = admin.get(reverse("admin:knowledge_category_changelist")).content.decode()
    assert said.index("Products") < said.index("Tents") < said.index("Account")
    address = reverse("admin:knowledge_category_change", args=[tents.parent_id])
    data = {"name": "Products", "slug": "products", "parent": tents.pk, "position": 0}
    said = admin.post(address, data).content.decode()
    assert "cannot stand inside itself" in said
    admin.post(address, data | {"parent": "", "name": "Gear", "description": "All of it"})
    assert Category.objects.get(pk=tents.parent_id).name == "Gear"


def test_what_readers_look_for_in_vain_stands_above_the_searches(agent, article):
    for query in ("Kayak", "kayak", "skis"):
        log_search(query=query, result_count=0)
    log_search(query="return", result_count=4)
    record_feedback(revision=article.head, visitor="v", is_helpful=False, comment="Which zip?")
    response = agent.get(reverse("admin:knowledge_searchlog_changelist"))
    assert [(s["asked"], s["times"]) for s in response.context["searched_in_vain"]] == [
        ("kayak", 2), ("skis", 1),
    ]  # fmt: skip
    said = agent.get(reverse("admin:knowledge_articlefeedback_changelist")).content.decode()
    assert "Which zip?" in said
    search = reverse("admin:knowledge_searchlog_change", args=[SearchLog.objects.first().pk])
    assert agent.post(search, {"query": "x"}).status_code == 403


def test_the_help_texts_of_the_commands_are_fine(capsys):
    with pytest.raises(SystemExit):
        call_command("import_articles", "--help")
    assert "external id" in capsys.readouterr().out

"""The public knowledge base: what readers and agents see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.tasks import purge
from knowledge.models import Article, ArticleFeedback, SearchLog
from knowledge.services import archive, category_at, save_revision
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


def page(client, name, *args, **data):
    return client.get(reverse(name, args=args), data)


def test_the_start_page_shows_filled_shelves_with_counts_and_no_empty_ones(client):
    make_article("Tarn 2", category=category_at(path=["Products", "Tents"]))
    category_at(path=["Nothing"])
    make_article("Fraud", category=category_at(path=["Internal"]), visibility="internal")
    said = page(client, "kb-home").content.decode()
    assert "Products" in said
    assert "Tents" in said
    assert "1 article" in said
    assert "Nothing" not in said
    assert "Fraud" not in said


def test_an_empty_knowledge_base_says_so_and_offers_to_ask(client):
    said = page(client, "kb-home").content.decode()
    assert "There are no help pages yet." in said
    assert reverse("ticket-new") in said


def test_a_shelf_shows_its_articles_and_the_way_to_it(client):
    tents = category_at(path=["Products", "Tents"])
    make_article("Tarn 2", category=tents)
    said = page(client, "kb-category", tents.slug).content.decode()
    assert "Tarn 2" in said
    assert "Products" in said
    products = page(client, "kb-category", tents.parent.slug)
    assert "Tents" in products.content.decode()


def test_an_article_shows_what_is_published_not_what_is_being_written(client, article):
    save_revision(article=article, text=ArticleText("Returns", "Within 99 days."))
    said = page(client, "kb-article", article.slug).content.decode()
    assert "<strong>30 days</strong>" in said
    assert "99 days" not in said


def hidden():
    return [
        make_article("Secret", visibility="internal"),
        make_article("Unfinished", is_published=False),
        archive(article=make_article("Gone")),
        make_article("Over", valid_until=datetime(2020, 1, 1, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("name", ["kb-article", "kb-feedback", "kb-category"])
def test_what_readers_may_not_see_is_not_there_for_them(client, browser_of, rex, name):
    for article in hidden():
        slug = article.category.slug if name == "kb-category" else article.slug
        for visitor in (client, browser_of(rex)):
            send = visitor.post if name == "kb-feedback" else visitor.get
            assert send(reverse(name, args=[slug]), {"helpful": "yes"}).status_code == 404


def test_agents_see_it_marked_as_what_customers_do_not_see(browser_of, ada):
    for article in hidden():
        response = page(browser_of(ada), "kb-article", article.slug)
        assert response.status_code == 200
        assert "customers do not see this" in response.content.decode()


def test_related_articles_share_a_shelf_or_a_tag(client):
    shelf = category_at(path=["Repairs"])
    article = make_article("Zips", category=shelf, tags=("zip",))
    make_article("Neighbour", category=shelf)
    make_article("Same tag", tags=("zip", "other"))
    make_article("Stranger", tags=("other",))
    make_article("Internal kin", category=shelf, visibility="internal")
    response = page(client, "kb-article", article.slug)
    assert [str(other) for other in response.context["related"]] == ["Same tag", "Neighbour"]


def test_a_vote_counts_once_for_a_visitor_and_works_without_javascript(client, article):
    address = reverse("kb-feedback", args=[article.slug])
    response = client.post(address, {"helpful": "no"})
    assert response.status_code == 302
    client.post(address, {"helpful": "no", "comment": "Which zip?"})
    client.post(address, {"helpful": "yes"})
    vote = ArticleFeedback.objects.get()
    assert (vote.is_helpful, vote.comment) == (True, "Which zip?")
    assert 'aria-pressed="true"' in page(client, "kb-article", article.slug).content.decode()


def test_a_vote_by_htmx_comes_back_as_the_part_that_changed(client, article):
    address = reverse("kb-feedback", args=[article.slug])
    said = client.post(address, {"helpful": "no"}, headers={"HX-Request": "true"}).content.decode()
    assert said.strip().startswith("<section")
    assert "What was missing or wrong?" in said


def test_two_visitors_have_two_votes(client, browser_of, rex, article):
    address = reverse("kb-feedback", args=[article.slug])
    client.post(address, {"helpful": "no"})
    browser_of(rex).post(address, {"helpful": "yes"})
    assert ArticleFeedback.objects.count() == 2


def test_a_vote_without_a_meaning_is_no_vote(client, article):
    client.post(reverse("kb-feedback", args=[article.slug]), {"helpful": "perhaps"})
    assert not ArticleFeedback.objects.exists()


def test_a_search_shows_marked_words_and_is_kept(client, article):
    said = page(client, "kb-search", q="returnwd items").content.decode()
    assert "<mark>" in said
    assert "Showing what we found for “returned items”." in said
    search = SearchLog.objects.get()
    assert (search.query, search.result_count) == ("returnwd items", 1)


def test_a_search_in_vain_says_so_in_plain_words_and_offers_to_ask(client, article):
    said = page(client, "kb-search", q="<b>kayak</b>").content.decode()
    assert "We found nothing about “&lt;b&gt;kayak&lt;/b&gt;”." in said
    assert f"{reverse('ticket-new')}?subject=" in said
    assert SearchLog.objects.get().result_count == 0


def test_an_empty_search_is_not_kept(client):
    assert page(client, "kb-search", q="  ").status_code == 200
    assert not SearchLog.objects.exists()


@pytest.mark.parametrize("many", [1, 12])
def test_each_page_costs_the_same_queries_however_many_articles(
    client, django_assert_num_queries, many
):
    shelf = category_at(path=["A", "B"])
    for number in range(many):
        article = make_article(f"Return {number}", category=shelf, tags=("t",))
    with django_assert_num_queries(3):
        page(client, "kb-home")
    with django_assert_num_queries(5):
        page(client, "kb-category", shelf.slug)
    with django_assert_num_queries(4):
        page(client, "kb-article", article.slug)
    with django_assert_num_queries(4):
        page(client, "kb-search", q="return")


def test_searches_are_forgotten_after_their_time(settings):
    now = timezone.now()
    for days in (1, 179, 181, 400):
        search = SearchLog.objects.create(query=f"{days} days", result_count=0)
        SearchLog.objects.filter(pk=search.pk).update(created_at=now - timedelta(days=days))
    settings.SEARCH_LOG_DAYS = 0
    purge()
    assert SearchLog.objects.count() == 4
    settings.SEARCH_LOG_DAYS = 180
    purge()
    assert set(SearchLog.objects.values_list("query", flat=True)) == {"1 days", "179 days"}


def test_related_articles_are_in_the_readers_language(client):
    shelf = category_at(path=["Returns"])
    here = make_article("Returning", category=shelf)
    make_article("Exchanging", category=shelf)
    german = make_article("Umtausch", category=shelf)
    Article.objects.filter(pk=german.pk).update(language="de")

    said = page(client, "kb-article", here.slug).content.decode()

    assert "Exchanging" in said
    assert "Umtausch" not in said

"""How the knowledge base fares: reading counts, the page of figures, and the list's filters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from helpdesk.decisions import record_rejected
from helpdesk.drafting import store_result
from helpdesk.usage import count_use
from knowledge import readership
from knowledge.health import look
from knowledge.models import Article, ArticleLink, ArticleUse, ArticleViews, Link
from knowledge.services import link_translation, look_after, record_feedback
from knowledge.services.suggestions import propose
from tests.api.conftest import cited_result
from tests.knowledge.factories import CategoryFactory, make_article, make_proposal

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36"
HEALTH = "admin:knowledge_article_health"


@pytest.fixture(autouse=True)
def uncounted():
    """Valkey is rolled back by nobody."""
    yield
    readership._valkey().delete(readership._key("new"), readership._key("taken"))


def read(article: Article, client, name: str = CHROME, **headers: str) -> None:
    client.get(article.get_absolute_url(), headers={"user-agent": name, **headers})


def counts() -> dict[str, int]:
    readership.add_counted()
    return {str(row.article): row.count for row in ArticleViews.objects.select_related("article")}


def test_readers_are_counted_and_programs_and_staff_are_not(article, client, browser_of, ada, rex):
    read(article, client)
    read(article, browser_of(rex))
    read(article, browser_of(ada))
    read(article, client, "Mozilla/5.0 (compatible; Googlebot/2.1)")
    read(article, client, "curl/8.1")
    read(article, client, "")
    read(article, client, **{"sec-purpose": "prefetch;prerender"})
    client.head(article.get_absolute_url(), headers={"user-agent": CHROME})
    assert counts() == {"Returns": 2}
    read(article, client)
    assert counts() == {"Returns": 3}
    assert readership.add_counted() == 0


def test_a_view_costs_no_query_and_a_missing_valkey_no_page(
    article, client, settings, django_assert_num_queries
):
    with django_assert_num_queries(0):
        readership.count_view(article.pk)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    readership._valkey.cache_clear()
    try:
        read(article, client)
        assert client.get(article.get_absolute_url()).status_code == 200
    finally:
        readership._valkey.cache_clear()


def test_what_was_taken_and_not_written_is_written_the_next_time(article):
    valkey = readership._valkey()
    valkey.hset(readership._key("taken"), f"{article.pk}:2026-11-01", "4")
    valkey.hset(readership._key("taken"), "999999:2026-11-01", "9")  # deleted meanwhile
    readership.count_view(article.pk)
    assert readership.add_counted() == 13
    assert readership.add_counted() == 1
    assert sorted(ArticleViews.objects.values_list("count", flat=True)) == [1, 4]


def test_old_days_become_months_and_old_months_go(article):
    for day, count in [
        (date(2026, 7, 1), 1), (date(2026, 7, 2), 2), (date(2026, 7, 30), 3),
        (date(2026, 8, 5), 5), (date(2026, 11, 2), 7), (date(2020, 1, 1), 9),
    ]:  # fmt: skip
        ArticleViews.objects.create(article=article, day=day, count=count)
    today = date(2026, 11, 24)
    assert readership.roll_up(today) == 3
    rows = ArticleViews.objects.order_by("day").values_list("day", "count")
    kept = [(date(2026, 7, 1), 6), (date(2026, 8, 5), 5), (date(2026, 11, 2), 7)]
    assert list(rows) == kept
    assert readership.roll_up(today) == 0
    assert list(rows) == kept


@pytest.mark.parametrize(
    "name",
    ["bingbot/2.0", "Mozilla/5.0 (compatible; AhrefsBot/7.0)", "Mozilla/5.0 HeadlessChrome/1",
     "python-requests/2", "facebookexternalhit/1.1", "Mozilla/5.0 Chrome-Lighthouse"],
)  # fmt: skip
def test_programs_are_told_by_their_names(name, rex):
    request = RequestFactory().get("/", headers={"user-agent": name})
    request.user = rex
    assert not readership.is_reader(request)


def test_use_in_answers_is_counted_with_what_people_decided(message, revision, ada):
    draft = store_result(message=message, attempt=1, result=cited_result(revision))
    assert count_use() == 1
    use = ArticleUse.objects.get()
    assert (use.article_id, use.drafts, use.acceptance) == (revision.article_id, 1, None)
    record_rejected(draft=draft, ticket=message.ticket)
    count_use()
    use.refresh_from_db()
    assert (use.drafts, use.decided, use.accepted, use.acceptance) == (1, 1, 0, 0)
    draft.created_at = timezone.now() - timedelta(days=91)
    draft.save()
    assert count_use() == 0
    use.refresh_from_db()
    assert (use.drafts, use.decided) == (0, 0)


@pytest.mark.parametrize(
    "figures", [{"drafts": 1, "decided": 2, "accepted": 0}, {"decided": 0, "accepted": 1}]
)
def test_no_more_is_accepted_than_decided_nor_decided_than_drafted(article, figures):
    now = timezone.now()
    with pytest.raises(IntegrityError, match="use_accepted_of"), transaction.atomic():
        ArticleUse.objects.create(article=article, last_quoted_at=now, counted_at=now, **figures)


def test_a_day_is_counted_once_and_never_with_nothing(article):
    today = timezone.localdate()
    with pytest.raises(IntegrityError, match="views_are_some"), transaction.atomic():
        ArticleViews.objects.create(article=article, day=today, count=0)
    ArticleViews.objects.create(article=article, day=today, count=1)
    with pytest.raises(IntegrityError, match="views_once_a_day"), transaction.atomic():
        ArticleViews.objects.create(article=article, day=today, count=2)


def break_link(article: Article) -> None:
    link = Link.objects.create(
        url=f"/kb/gone-{article.pk}/", kind="internal", state="broken", reason="no_article",
        failing_since=timezone.localdate(), last_failed_on=timezone.localdate(),
    )  # fmt: skip
    ArticleLink.objects.create(article=article, revision=article.head, link=link)


def troubled(title: str, owner=None) -> Article:
    """An article of which every list of the page has something to say."""
    article = make_article(title, language="nl")
    original = make_article(f"{title} (original)")
    link_translation(article=article, source=original, by=None)
    yesterday = timezone.localdate() - timedelta(days=1)
    look_after(article=article, owner=owner, review_by=yesterday, by=None)
    Article.objects.filter(pk=article.pk).update(
        outdated_since=timezone.now(),
        valid_until=timezone.now(),
        review_revision=article.head,
        review_asked_at=timezone.now(),
    )
    for number in range(3):
        record_feedback(revision=article.head, visitor=str(number), is_helpful=False)
    propose(make_proposal(article.head))
    break_link(article)
    ArticleViews.objects.create(article=article, day=timezone.localdate(), count=5)
    now = timezone.now()
    ArticleUse.objects.create(
        article=original, drafts=4, decided=2, accepted=1, last_quoted_at=now, counted_at=now
    )
    return article


def test_every_list_says_which_article_and_why(article):
    named = troubled("Tents")
    health = look()
    said = {one.title: [(row.article.title, row.said) for row in one.rows] for one in health.lists}
    assert said["Most read"] == [("Tents", "5 times")]
    assert said["Readers find it unhelpful"] == [("Tents", "helpful to 0 of 3")]
    assert [name for name, _why in said["Needs a change"]] == ["Tents"] * 3
    assert [name for name, _why in said["Review overdue"]] == ["Tents"]
    assert [name for name, _why in said["Waits for a person"]] == ["Tents"]
    used = "4 drafts, 50 % of 2 decided were accepted"
    assert said["Most used in answers"] == [("Tents (original)", used)]
    assert {name for name, _why in said["Never used in an answer"]} == {"Tents", "Returns"}
    assert said["Broken links"] == [("Tents", "1 broken link")]
    figures = health.counts
    assert (figures.published, figures.reads, figures.votes) == (3, 5, 3)
    assert (figures.overdue, figures.outdated, figures.unused) == (1, 1, 2)
    assert (figures.with_suggestions, figures.with_broken_links) == (1, 1)
    assert named.pk in {row.article_id for row in health.lists[0].rows}


def test_the_page_costs_the_same_however_many_articles(
    browser_of, ada, django_assert_max_num_queries
):
    troubled("Tents")
    page = browser_of(ada)
    page.get(reverse(HEALTH))
    with django_assert_max_num_queries(22) as few:
        assert page.get(reverse(HEALTH)).status_code == 200
    for title in ("Kayaks", "Bikes", "Stoves"):
        troubled(title)
    with django_assert_max_num_queries(len(few)):
        shown = page.get(reverse(HEALTH)).content.decode()
    assert "Stoves" in shown


def test_articles_that_nobody_is_to_look_at_again_are_counted_and_lead_to_their_list(
    article, browser_of, ada
):
    make_article("Kayaks")
    look_after(article=make_article("Tents"), owner=None, review_by=timezone.localdate(), by=None)
    make_article("Unfinished", is_published=False)
    html = browser_of(ada).get(reverse(HEALTH)).content.decode()
    assert 'due=never"><b>2</b> without a day of review' in html


def test_an_empty_knowledge_base_has_a_page_too(browser_of, ada):
    assert browser_of(ada).get(reverse(HEALTH)).content.count(b"None.") == 8


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("needs=review", {"Tents"}), ("needs=change", {"Tents"}),
        ("needs=suggestion", {"Tents"}),
        ("needs=translation", {"Tents"}), ("needs=over", {"Tents"}), ("needs=links", {"Tents"}),
        ("needs=votes", {"Tents"}), ("due=past", {"Tents"}), ("due=week", {"Tents"}),
        ("due=never", {"Tents (original)", "Returns"}), ("answers=used", {"Tents (original)"}),
        ("answers=never", {"Tents", "Returns"}), ("owner=me", {"Tents"}),
        ("owner=nobody", {"Tents (original)", "Returns"}), ("owner=abc", {"Tents", "Returns",
         "Tents (original)"}),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_down_to_what_wants_attention(article, browser_of, ada, query, found):
    troubled("Tents", owner=ada)
    page = browser_of(ada).get(f"{reverse('admin:knowledge_article_changelist')}?{query}")
    assert page.status_code == 200
    assert {row.title for row in page.context["cl"].result_list} == found


def test_who_owns_the_category_owns_what_stands_in_it(browser_of, ada, bo):
    shelf = CategoryFactory(owner=ada)
    inner = CategoryFactory(parent=shelf)
    make_article("Tents", category=inner)
    theirs = make_article("Kayaks", category=shelf)
    look_after(article=theirs, owner=bo, review_by=None, by=None)
    url = reverse("admin:knowledge_article_changelist")
    mine = browser_of(bo).get(f"{url}?owner={ada.pk}").context["cl"].result_list
    assert [row.title for row in mine] == ["Tents"]

"""Addresses that last, languages, and what search engines are told."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from knowledge.exceptions import ArticleInvalid
from knowledge.models import Article, ArticleFeedback
from knowledge.services import archive, link_translation, rename
from knowledge.structured import questions
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


def said_by(client, article):
    return client.get(article.get_absolute_url()).content.decode()


def structured(said):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', said, re.S)
    return json.loads(found[1]) if found else None


def test_an_old_address_leads_to_the_article_for_good(client, article):
    rename(article=article, slug="sending-things-back")
    rename(article=article, slug="send-it-back")
    for old in ("returns", "sending-things-back"):
        response = client.get(reverse("kb-article", args=[old]))
        assert (response.status_code, response.url) == (301, "/help/send-it-back/")
    assert client.get("/help/send-it-back/").status_code == 200


def test_an_article_may_be_renamed_back(client, article):
    rename(article=article, slug="elsewhere")
    rename(article=article, slug="returns")
    assert client.get("/help/returns/").status_code == 200
    assert client.get("/help/elsewhere/").url == "/help/returns/"


def test_an_old_address_of_what_readers_may_not_see_is_not_there(client, article):
    rename(article=article, slug="elsewhere")
    archive(article=article)
    assert client.get("/help/returns/").status_code == 404


def test_a_vote_from_a_page_opened_before_the_rename_counts(client, article):
    rename(article=article, slug="elsewhere")
    client.post(reverse("kb-feedback", args=["returns"]), {"helpful": "yes"})
    assert ArticleFeedback.objects.count() == 1


@pytest.mark.parametrize("slug", ["", "two words", "søgning", "search", "c", "zips", "old-zips"])
def test_what_is_no_free_address_is_refused(article, slug):
    zips = make_article("Old zips")
    rename(article=zips, slug="zips")
    with pytest.raises(ArticleInvalid):
        rename(article=article, slug=slug)
    article.refresh_from_db()
    assert article.slug == "returns"


def test_a_new_article_does_not_take_an_old_address(article):
    rename(article=article, slug="elsewhere")
    assert make_article("Returns").slug == "returns-2"


def test_the_form_renames_and_says_why_it_does_not(browser_of, mia, article):
    make_article("Zips")
    client = browser_of(mia)
    address = reverse("admin:knowledge_article_change", args=[article.pk])
    data = {
        "title": "Returns", "body": "30 days.", "visibility": "public", "language": "en",
        "category": article.category_id, "slug": "zips",
    }  # fmt: skip
    refused = client.post(address, data)
    assert refused.status_code == 422
    assert "Another article has this address." in refused.content.decode()
    assert client.post(address, data | {"slug": "sent-back"}).status_code == 302
    said = client.get(address).content.decode()
    assert 'value="sent-back"' in said
    assert "<code>returns</code>" in said


def test_translations_name_each_other(client, article):
    dutch = make_article("Retourneren", "Binnen 30 dagen.", language="nl")
    link_translation(article=dutch, source=article)
    for page, other in ((article, dutch), (dutch, article)):
        said = said_by(client, page)
        assert f'hreflang="nl" href="http://localhost:8000{dutch.get_absolute_url()}"' in said
        assert f'hreflang="en" href="http://localhost:8000{article.get_absolute_url()}"' in said
        assert f'<a href="{other.get_absolute_url()}?lang={other.language}"' in said
    archive(article=dutch)
    assert "hreflang" not in said_by(client, article)


def test_a_translation_is_of_an_original_in_another_language_and_one_in_each(article):
    dutch, again = (make_article("Retour", language="nl") for _ in range(2))
    link_translation(article=dutch, source=article)
    for wrong, source in (
        (again, article), (article, article), (make_article("Zips"), article),
        (make_article("Retouren", language="de"), dutch), (article, again),
    ):  # fmt: skip
        with pytest.raises(ArticleInvalid):
            link_translation(article=wrong, source=source)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=again.pk).update(translation_of=article)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(translation_of=article)
    assert link_translation(article=dutch, source=None)


def test_the_sitemap_lists_what_everybody_may_read(client, article):
    make_article("Secret", visibility="internal")
    make_article("Unfinished", is_published=False)
    listed = ElementTree.fromstring(client.get("/sitemap.xml").content)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert [row.text for row in listed.iter(f"{space}loc")] == [
        "http://localhost:8000/help/returns/"
    ]
    assert next(listed.iter(f"{space}lastmod")).text == f"{article.published_at:%Y-%m-%d}"


def test_robots_learn_where_the_sitemap_is_and_stay_away_from_tickets(client):
    said = client.get("/robots.txt").content.decode()
    assert "Disallow: /t/\n" in said
    assert "Sitemap: http://localhost:8000/sitemap.xml\n" in said


def test_search_engines_are_told_of_the_article(client, article):
    said = structured(said_by(client, article))
    assert (said["@type"], said["headline"]) == ("Article", "Returns")


def test_an_article_of_questions_is_an_faq_page(client):
    article = make_article(
        "Shipping", "## How **long**?\n\nTwo days.\n\n### Why\n\nX.\n\n## Zips\n\nY."
    )
    said = structured(said_by(client, article))
    assert said["@type"] == "FAQPage"
    (question,) = said["mainEntity"]
    assert question["name"] == "How long?"
    assert "Two days." in question["acceptedAnswer"]["text"]
    assert "X." in question["acceptedAnswer"]["text"]
    assert "Y." not in question["acceptedAnswer"]["text"]


def test_a_title_may_be_the_question():
    assert questions("Do you ship?", "Yes.") == (("Do you ship?", "<p>Yes.</p>\n"),)
    assert questions("Shipping", "```\n## Why?\n```\n\nYes.") == ()


def test_no_text_ends_the_script_it_stands_in(client):
    nasty = "</script><script>alert(1)</script>"
    said = said_by(client, make_article(f"Why {nasty}?", nasty, summary=nasty))
    assert "<script>alert(1)" not in said
    assert structured(said)["name"] == f"Why {nasty}?"


def test_what_is_not_public_is_not_told(browser_of, ada):
    article = make_article("Fraud", visibility="internal")
    assert structured(said_by(browser_of(ada), article)) is None

"""Articles that say the same are found, told from look-alikes, and made one."""

from __future__ import annotations

import pytest

from knowledge.models import Article, OldAddress, Suggestion
from knowledge.services import archive, publish, rename, restore, save_revision
from knowledge.services.suggestions import accept, dismiss
from knowledge.types import ArticleText
from qa_engine import reviewing
from qa_engine.models import ReviewedArticle
from qa_engine.suggesting.duplicates import Page, bands, formulas, merged, twins
from tests.knowledge.factories import make_article

RETURNS = """Unused items can be returned within 30 days of delivery, with their tags on.

- Print the label in your account and stick it on the parcel.
- Bring the parcel to any drop-off point; returning it costs nothing.

The refund reaches your account about a week after the parcel has arrived here."""
OLDER = """You can return unused items, with their tags on, within 30 days of delivery.

- Print the label in your account, and stick it on the parcel you send.
- Bring that parcel to any drop-off point. Returning costs you nothing.
- Keep the receipt of the drop-off point until the refund is there.

About a week after the parcel has arrived here the refund reaches your account."""
NORWAY = RETURNS.replace("any drop-off point", "a post office in Norway")


def pair(one: str, other: str, titles=("Returns", "Returning items")):
    return twins(Page(1, titles[0], one), Page(2, titles[1], other))


def test_the_same_in_other_words_is_found_by_the_index_and_by_the_comparison():
    one, other = Page(1, "Returns", RETURNS), Page(2, "Returning items", OLDER)
    assert set(bands(one)) & set(bands(other))
    found = twins(one, other)
    assert found is not None
    assert (found.kept.key, found.gone.key, found.share) == (2, 1, 1.0)
    assert found.differing == ()


@pytest.mark.parametrize(
    ("titles", "other"),
    [
        (("Returns", "Returns to Norway"), NORWAY),
        (("Care of the Tarn 2", "Care of the Tarn 3"), OLDER),
        (("Returns in 2024", "Returns in 2025"), OLDER),
        (("Return of tents", "Return of boots"), OLDER),
        (("Returns", "Opening hours"), "We are open from nine to five on weekdays. " * 5),
    ],
)
def test_look_alikes_are_left_alone(titles, other):
    assert pair(RETURNS, other, titles) is None


def test_too_short_a_text_says_nothing():
    assert bands(Page(1, "Returns", "30 days.")) == []
    assert pair("30 days.", "30 days.") is None


def test_formulas_of_the_house_prove_nothing():
    formula = "\n\n".join(f"Step {n}: turn the screw by hand and wait a minute." for n in "ABCDE")
    pages = [Page(n, f"Part {n}", f"Part {n}.\n\n{formula}") for n in range(4)]
    ignored = formulas(pages[0], pages[1:])
    assert len(ignored) == 5
    assert twins(pages[0], pages[1], ignored) is None


def test_copies_with_the_same_title_may_differ_in_a_number_and_say_so():
    found = pair(RETURNS, OLDER.replace("30", "14"), ("Returns", "Returns"))
    assert found is not None
    assert len(found.differing) == 1
    assert "14 days" in found.differing[0][0]
    assert pair(RETURNS, OLDER.replace("30", "14"), ("Returns", "Sending items back")) is None


def test_the_merged_text_has_what_either_says_where_it_belongs():
    found = pair(RETURNS + "\n\n## Outlet\n\nOutlet goods are exchanged only.", OLDER)
    assert found is not None
    text = merged(found)
    kept = found.kept.body
    assert [line for line in kept.split("\n") if line not in text.split("\n")] == []
    assert "## Outlet\n\nOutlet goods are exchanged only." in text or (
        "- Keep the receipt of the drop-off point until the refund is there." in text
    )
    assert text.count("drop-off point") >= 2


@pytest.fixture
def two(db):
    return make_article("Returns", RETURNS), make_article("Returning items", OLDER)


def test_two_that_say_the_same_become_one_suggestion(two):
    assert reviewing.compare_articles(seconds=60) == 2
    suggestion = Suggestion.objects.get()
    assert (suggestion.kind, suggestion.article, suggestion.other_article) == (
        "merge", two[1], two[0],
    )  # fmt: skip
    assert suggestion.rationale.startswith("“Returns” says the same: 100 % of it")
    assert reviewing.compare_articles(seconds=60) == 0
    assert ReviewedArticle.objects.count() == 2


def test_accepted_the_one_goes_and_its_addresses_lead_to_the_other(two, mia, client):
    rename(article=two[0], slug="sending-back", by=mia)
    reviewing.compare_articles(seconds=60)
    accept(suggestion=Suggestion.objects.get(), reviewer=mia)
    two[0].refresh_from_db()
    assert two[0].state == Article.State.ARCHIVED
    for slug in ("sending-back", "returns"):
        answer = client.get(f"/help/{slug}/")
        assert answer.status_code == 301
        assert answer["Location"] == two[1].get_absolute_url()
    restore(article=two[0], by=mia)
    publish(article=two[0], by=mia)
    assert client.get("/help/sending-back/").status_code == 200
    assert not OldAddress.objects.filter(slug="sending-back").exists()


def test_dismissed_it_comes_back_only_after_a_major_change(two, mia):
    reviewing.compare_articles(seconds=60)
    dismiss(suggestion=Suggestion.objects.get(), reviewer=mia, reason="unwanted")
    for significance, count in (("minor", 1), ("major", 2)):
        two[0].refresh_from_db()
        body = two[0].head.body + "\n\nThank you."
        text = ArticleText("Returns", body)
        save_revision(article=two[0], text=text, significance=significance)
        publish(article=two[0])
        assert reviewing.compare_articles(seconds=60) == 1
        assert Suggestion.objects.count() == count


def test_what_is_settled_is_closed(two):
    reviewing.compare_articles(seconds=60)
    save_revision(article=two[0], text=ArticleText("Returns", "We take nothing back. " * 20))
    publish(article=two[0])
    reviewing.compare_articles(seconds=60)
    assert Suggestion.objects.get().state == Suggestion.State.SUPERSEDED


def test_an_archived_article_settles_what_is_about_it(two):
    reviewing.compare_articles(seconds=60)
    archive(article=two[0])
    assert reviewing.close_settled() == 1


@pytest.mark.parametrize("details", [{"visibility": "internal"}, {"language": "de"}])
def test_texts_for_others_are_no_copies(db, details):
    make_article("Returns", RETURNS)
    make_article("Returning items", OLDER, **details)
    reviewing.compare_articles(seconds=60)
    assert Suggestion.objects.count() == 0


def test_bands_that_a_crowd_shares_lead_nowhere_unless_there_are_no_others(two, monkeypatch):
    monkeypatch.setattr(reviewing, "CROWD", 1)
    reviewing.compare_articles(seconds=60)
    page = Page(0, "Returns", RETURNS)
    assert set(bands(page)) & reviewing._crowded()
    for title in ("Returns of items", "Items and their returns"):
        copy = make_article(title, RETURNS)
        reviewing.compare_articles(seconds=60)
        found = Suggestion.objects.open().filter(kind="merge")
        assert found.filter(article=copy).exists() or found.filter(other_article=copy).exists()

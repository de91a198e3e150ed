"""Articles that answer one question differently are found, told from look-alikes, and settled."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from knowledge.exceptions import SuggestionDecided, SuggestionInvalid
from knowledge.models import Suggestion
from knowledge.services import publish, save_revision
from knowledge.services.suggestions import accept, dismiss, propose
from knowledge.types import ArticleText
from qa_engine import indexing, reviewing
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.contradiction_proposals import UNSURE, confidence
from qa_engine.suggesting.claims import claims
from qa_engine.suggesting.contradictions import Finder, rarity_of
from qa_engine.suggesting.pairs import agree
from qa_engine.suggesting.settling import settled
from qa_engine.suggesting.stretches import Text
from qa_engine.turning import turn_round
from tests.knowledge.factories import make_article, make_proposal

RETURNS = "You can return an unused item within 30 days of delivery. Keep the receipt of the shop."
OUTLET = """Please note the rules of the sale.

You can return an unused item within 14 days of delivery."""
PARCELS = "Standard shipping to Norway costs €14.95 and takes 4 to 7 working days."


def find(one: str, other: str, title: str = "Returns", other_title: str = "Sale"):
    texts = [Text(1, title, one), Text(2, other_title, other)]
    filler = (f"Line {n} tells of something that nobody asks about." for n in range(60))
    rarity = rarity_of([*(f"{text.title}\n{text.body}" for text in texts), *filler])
    return Finder(HashingEmbedder().embed_passages, rarity).contradictions(texts[0], texts[1:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It takes 14 days.", "It takes two weeks."),
        ("It takes 60 minutes.", "It takes an hour, or 1 hour."),
        ("A label costs €4.95.", "A label costs 4,95 EUR."),
        ("It lasts 24 months.", "It lasts two years."),
    ],
)
def test_one_value_in_two_forms_agrees(one, other):
    assert agree(claims(Text(1, "", one))[0], claims(Text(2, "", other))[0])


def test_a_date_a_bare_number_and_the_number_of_a_name_are_no_values():
    text = "Order by 24 December. The Tarn 2 comes with a bag. Room 12 is closed. We have 3."
    assert [claim.family for claim in claims(Text(1, "Tents", text)) if claim.amount] == []


def test_a_cell_takes_its_unit_from_the_head_of_its_column():
    table = "| Country | Working days | Price |\n|---|---|---|\n| Norway | 4 to 7 | €14.95 |"
    time, price = claims(Text(1, "Shipping", table))
    assert (time.family, time.low, time.high) == ("time", 4 * 1440, 7 * 1440)
    assert table[price.start : price.end] == "€14.95"
    assert price.said == "Norway: Price €14.95"


def test_another_number_for_the_same_thing_contradicts():
    (found,) = find(RETURNS, OUTLET)
    assert [claim.written.text for claim in (*found.mine, *found.theirs)] == ["30 days", "14 days"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PARCELS, PARCELS.replace("Norway", "Canada").replace("14.95", "27.95")),
        (PARCELS, "Express shipping to Norway costs €34.95 and takes 4 to 7 working days."),
        (PARCELS, "Standard shipping to Norway is free from €200."),
        (RETURNS, "You can return an unused item within 60 days of delivery at Christmas."),
        (RETURNS, "You can return an unused item within 10 to 30 days of delivery."),
        (RETURNS, "You can return an unused item within 30 days of delivery, not 14 days."),
        ("The Tarn 2 tent weighs 1.95 kg.", "The Tarn 3 tent weighs 2.55 kg."),
        ("A patch for a tear of 5 cm costs €15.", "A patch for a tear of 15 cm costs €28."),
    ],
)
def test_what_is_of_another_matter_does_not(one, other):
    assert find(one, other, "Help", "More help") == []


def test_rows_of_two_products_pages_do_not():
    row = "| Packed size | {} cm |"
    pages = (f"The {name} packs small. Take the {name}.\n\n| | |\n|---|---|\n{row}" for name in
             ("Corrie", "Haven"))  # fmt: skip
    one, other = (page.format(size) for page, size in zip(pages, (32, 28), strict=True))
    assert find(one, other, "Corrie sleeping bag", "Haven sleeping mat") == []


def test_yes_against_no_in_nearly_the_same_words_contradicts():
    yes = "Gift cards can be returned to the shop."
    (found,) = find(yes, "Gift cards cannot be returned to the shop.")
    assert settled(Text(1, "Returns", yes), found.mine, found.theirs[0]).body == (
        "Gift cards cannot be returned to the shop."
    )


@pytest.mark.parametrize(
    "text",
    [
        "[Returned within 14 days](returned.md)",
        "`Session size of 14 GB exceeds 2 GB`",
        "[2024-07-13T04:26:09] report.WARNING: 14 items were not returned within 3 days.",
        "This article tells why items cannot be returned.",
        "Create an order with two items for €40.",
        "The MDVA-32714 patch is here.",
        "We return 14% of it. " + "x" * 1_000,
    ],
)
def test_links_logs_examples_codes_and_what_an_article_is_about_state_nothing(text):
    assert claims(Text(1, "Orders", text)) == ()


def test_when_an_example_lasts_is_stated_all_the_same():
    [claim] = claims(Text(1, "Goodwill", "Create the voucher, valid for 12 months."))
    assert claim.family == "time"


def test_statements_about_two_codes_are_of_two_matters():
    fixed = "The {} patch fixes that a cart cannot be returned to the shop within {} days."
    one, other = fixed.format("ACSD-54776", 14), fixed.format("ACSD-51984", 30)
    assert find(one, other) == []
    assert find(one, other.replace("ACSD-51984", "ACSD-54776"))


def test_words_that_a_statement_stands_under_count_as_shared():
    said = "Most of what Fellmark sells can be returned within 14 days."
    told = "You can return any unused Fellmark item within 30 days of delivery."
    filler = ["Fellmark tells of it."] * 60 + ["An item is returned."] * 60
    filler += ["Load it."] * 20 + ["A pack."] * 20 + [f"Line {n} of else." for n in range(600)]
    titles = ("Items that cannot be returned", "How to return an item")
    [one] = claims(Text(1, titles[0], said))
    [other] = claims(Text(2, titles[1], told))
    finder = Finder(HashingEmbedder().embed_passages, rarity_of(filler))
    shared = one.stems & other.stems
    assert sum(finder.rarity[word] for word in shared) < max(finder.rarity.values())
    assert finder.may_match(one, other)
    [pack] = claims(Text(5, "Fitting", "Load the pack with 8 kg."))
    [load] = claims(Text(6, "The pack", "Load it with 15 kg."))
    telling = sum(finder.rarity[word] for word in pack.stems & load.around)
    assert telling > max(finder.rarity.values())
    assert not finder.may_match(pack, load)  # one word alone is said by both
    [write] = claims(Text(3, "Gift cards", "Please write to us within 14 days."))
    [to_us] = claims(Text(4, "Repairs", "Please write to us within 30 days."))
    assert not finder.may_match(write, to_us)


def voucher(title: str, months: int) -> Text:
    return Text(
        title, title, f"The voucher code appears at once and is valid for {months} months."
    )


@pytest.mark.parametrize(
    ("titles", "is_sure"),
    [(("Trail Club", "Trade-in"), False), (("Vouchers", "Vouchers of the club"), True)],
)
def test_what_a_page_spoke_of_before_is_surely_one_thing_only_under_titles_that_share_a_word(
    titles, is_sure
):
    one, other = voucher(titles[0], 6), voucher(titles[1], 12)
    rarity = rarity_of([one.body, *(f"Line {n} of many others." for n in range(60))])
    [found] = Finder(HashingEmbedder().embed_passages, rarity).contradictions(one, [other])
    assert (confidence(found) > UNSURE) == is_sure


def test_each_place_of_the_value_changes_in_the_way_it_is_written():
    text = Text(1, "Returns within thirty days", RETURNS, "Returns take 30 days.")
    (found,) = find(RETURNS, OUTLET)
    mine = [claim for claim in claims(text) if claim.family == "time"]
    changed = settled(text, mine, found.theirs[0])
    assert (changed.title, changed.summary) == (
        "Returns within fourteen days",
        "Returns take 14 days.",
    )
    assert changed.body == RETURNS.replace("30", "14")


def review():
    while indexing.sync_due():
        pass
    return reviewing.compare_articles(seconds=60)


def rewrite(article, body, **details):
    article.refresh_from_db()
    save_revision(article=article, text=ArticleText(article.title, body), **details)
    publish(article=article)


@pytest.fixture
def two(db):
    for number in range(12):
        make_article(f"Article {number}", f"Something else that is told, number {number} of many.")
    return make_article("Returns", RETURNS), make_article("The sale", OUTLET)


def test_two_that_contradict_become_one_suggestion(two):
    review()
    suggestion = Suggestion.objects.get()
    assert (suggestion.kind, suggestion.article, suggestion.other_article) == (
        "contradiction", two[1], two[0],
    )  # fmt: skip
    assert suggestion.body == OUTLET.replace("14", "30")
    assert suggestion.rationale == (
        "“The sale” says “You can return an unused item within 14 days of delivery.”, but "
        "“Returns” says “You can return an unused item within 30 days of delivery.”."
    )
    for row in suggestion.evidence.select_related("revision"):
        assert row.revision.body[row.start : row.end] == row.quote
    assert suggestion.evidence.count() == 2
    assert review() == 0


def test_the_older_text_is_to_follow_the_newer(two):
    rewrite(two[1], OUTLET + "\n\nThank you.", significance="major")
    type(two[0]).objects.filter(pk=two[1].pk).update(rewritten_at="2099-01-01T00:00:00Z")
    review()
    assert Suggestion.objects.get().article == two[0]


def test_the_odd_one_out_is_to_follow_the_others(two):
    other = make_article("Exchanges", RETURNS.replace("Keep", "Always keep"))
    type(two[0]).objects.filter(pk=two[1].pk).update(rewritten_at="2099-01-01T00:00:00Z")
    review()
    open_ones = Suggestion.objects.open().filter(kind="contradiction")
    assert [row.article for row in open_ones] == [two[1]]
    assert {row.revision.article for row in open_ones[0].evidence.all()} == {*two, other}


def test_accepted_they_agree(two, mia):
    review()
    accept(suggestion=Suggestion.objects.get(), reviewer=mia)
    review()
    assert not Suggestion.objects.open().exists()


def test_it_closes_itself_once_the_articles_agree(two):
    review()
    rewrite(two[0], RETURNS.replace("30", "14"))
    review()
    assert Suggestion.objects.get().state == Suggestion.State.SUPERSEDED


def test_dismissed_it_comes_back_only_when_one_says_something_else(two, mia):
    review()
    dismiss(suggestion=Suggestion.objects.get(), reviewer=mia, reason="wrong")
    for body, count in ((RETURNS + " Thanks.", 1), (RETURNS.replace("30", "21"), 2)):
        rewrite(two[0], body, significance="major")
        assert review() == 1
        assert Suggestion.objects.count() == count


def test_turned_round_the_other_article_is_to_change(two, mia):
    review()
    turned = turn_round(Suggestion.objects.get())
    assert (turned.article, turned.other_article, turned.is_open) == (two[0], two[1], True)
    assert turned.body == RETURNS.replace("30", "14")
    assert turned.rationale.startswith("“Returns” says")
    assert Suggestion.objects.open().get() == turned
    rewrite(two[0], RETURNS + " Thanks.")
    review()
    assert Suggestion.objects.open().get() == turned


def test_what_is_decided_or_no_contradiction_is_not_turned(two, mia):
    review()
    suggestion = Suggestion.objects.get()
    dismiss(suggestion=suggestion, reviewer=mia, reason="wrong")
    with pytest.raises(SuggestionDecided):
        turn_round(suggestion)
    edit = propose(make_proposal(two[0].published_revision)).suggestion
    with pytest.raises(SuggestionInvalid):
        turn_round(edit)
    assert edit.is_open


@pytest.mark.parametrize("details", [{"visibility": "internal"}, {"language": "de"}])
def test_texts_for_others_do_not_contradict(db, details):
    make_article("Returns", RETURNS)
    make_article("The sale", OUTLET, **details)
    review()
    assert not Suggestion.objects.exists()


def test_an_article_waits_until_the_index_has_it(two):
    review()
    rewrite(two[0], RETURNS.replace("30", "14"))
    assert reviewing.compare_articles(seconds=60) == 0
    assert review() == 1


def test_a_pair_is_looked_at_once_by_whichever_comes_second(two, monkeypatch):
    """However many steps it takes, and in whatever order articles change."""
    monkeypatch.setattr(reviewing, "BATCH", 1)
    while indexing.sync_due():
        pass
    one, other = two
    for article in reviewing.left():
        comparison = reviewing.begin()
        comparison.look_ahead([article])
        reviewing.compare(article, comparison)
        assert Suggestion.objects.exists() == (article == other)
    rewrite(one, RETURNS.replace("30", "21"))
    assert review() == 1
    assert Suggestion.objects.open().get().article in two


def test_while_another_worker_compares_nothing_is(two):
    while indexing.sync_due():
        pass
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [reviewing._LOCK])
        assert reviewing.compare_articles(seconds=60) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [reviewing._LOCK])
    assert reviewing.compare_articles(seconds=60) == 14

"""A fact changes what it says otherwise, and nothing else."""

from __future__ import annotations

import pytest

from knowledge.rendering import render
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.suggesting.editing import (
    Action,
    AppendingEditor,
    Editor,
    Fact,
    MinimalEditor,
    apply,
    propose_edit,
)
from qa_engine.suggesting.values import substitutions, values_of

RETURNS = """You can return an unused item within **30 days** of delivery. Write to us first.

## How to return

1. Print the label in your account.
2. Bring the parcel to a shop of the carrier.

## What it costs

Returns are free from Norway. The label costs € 4.95 elsewhere.

| Country | Price |
|---|---|
| Norway | € 0 |
| Belgium | € 4.95 |

- Gift cards cannot be returned.
- Used fuel bottles cannot be returned.
"""


@pytest.fixture(
    params=[MinimalEditor(), MinimalEditor(HashingEmbedder()), AppendingEditor()],
    ids=["words", "vectors", "appending"],
)
def editor(request: pytest.FixtureRequest) -> Editor:
    found: Editor = request.param
    return found


FACTS = [
    "You can return an unused item within 14 days of delivery.",
    "The carrier collects large parcels at your door.",
    "Opened sleeping bags cannot be returned.",
    "France: € 6",
    "## Opening hours\n\nWe are open from 9 to 5.",
]


@pytest.mark.parametrize("text", FACTS)
def test_a_proposal_is_the_body_with_its_changes(editor: Editor, text: str) -> None:
    proposal = editor.propose(RETURNS, [Fact(text)])
    assert proposal is not None
    assert apply(RETURNS, proposal.changes) == proposal.body != RETURNS
    assert 0 <= proposal.score <= 1
    for anchor in proposal.anchors:
        assert RETURNS[anchor.start : anchor.end].strip()


@pytest.mark.parametrize("text", FACTS)
def test_tables_and_lists_stay_what_they_are(text: str) -> None:
    proposal = propose_edit(RETURNS, Fact(text))
    assert proposal is not None
    before, after = render(RETURNS), render(proposal.body)
    for tag in ("<table", "<ol", "<ul", "<h2"):
        assert after.count(tag) >= before.count(tag)
    assert after.count("<table") == 1


def test_a_value_gives_way_and_its_marks_stay() -> None:
    proposal = propose_edit(RETURNS, Fact("Items may be returned unused within 14 days."))
    assert proposal is not None
    assert "within **14 days** of delivery. Write to us first." in proposal.body
    assert [change.text for change in proposal.changes] == ["14"]


def test_a_known_old_value_is_replaced_wherever_it_stands() -> None:
    proposal = propose_edit(RETURNS, Fact("", old="€ 4.95", new="€ 5.50"))
    assert proposal is not None
    assert proposal.body == RETURNS.replace("€ 4.95", "€ 5.50")
    assert {change.action for change in proposal.changes} == {Action.VALUE}


def test_a_known_value_is_looked_for_as_a_whole() -> None:
    assert propose_edit("It takes 130 days.", Fact("", old="30 days", new="14 days")) is None


def test_what_is_said_of_another_country_replaces_nothing() -> None:
    proposal = propose_edit(RETURNS, Fact("Returns are free from Iceland above € 50."))
    assert proposal is not None
    assert "free from Norway" in proposal.body
    assert "free from Iceland" in proposal.body


def test_a_list_item_joins_the_list() -> None:
    proposal = propose_edit(
        RETURNS, Fact("Muddy tents and opened cooking kits cannot be returned")
    )
    assert proposal is not None
    assert "\n- Muddy tents and opened cooking kits cannot be returned\n" in f"{proposal.body}\n"


def test_a_cell_of_a_table_is_filled() -> None:
    proposal = propose_edit(RETURNS, Fact("Belgium: € 5.50"))
    assert proposal is not None
    assert "| Belgium | € 5.50 |" in proposal.body
    assert "| Norway | € 0 |" in proposal.body


def test_a_row_is_added_where_the_table_names_others() -> None:
    table = "| Country | Price |\n|---|---|\n| Norway price | € 0 |\n"
    proposal = propose_edit(table, Fact("Iceland price: € 9"))
    assert proposal is not None
    assert proposal.body.strip().endswith("| Iceland price | € 9 |")


def test_what_is_said_already_changes_nothing() -> None:
    assert propose_edit(RETURNS, Fact("Write to us first.")) is None
    assert propose_edit(RETURNS, Fact("  ")) is None


def test_two_facts_make_one_proposal() -> None:
    facts = [Fact("", old="30 days", new="14 days"), Fact("", old="€ 4.95", new="€ 5")]
    proposal = MinimalEditor().propose(RETURNS, facts)
    assert proposal is not None
    assert "14 days" in proposal.body
    assert proposal.body.count("€ 5 ") == 2


def test_values_are_told_apart_by_kind() -> None:
    text = "30 days, € 4.95, 2.4.7-p4, ACSD-51102, 20 %, 17:00, 27 June 2024, 2 kg"
    kinds = [value.kind for value in values_of(text)]
    assert kinds == [
        "number day", "money", "version", "code", "percent", "time", "date", "number kg",
    ]  # fmt: skip
    assert substitutions("within 30 days for € 5", "now 30 kg") == []
    assert [(a.text, b.text) for a, b in substitutions("within 30 days", "14-day period")] == [
        ("30", "14")
    ]


def lay(body: str, *texts: str) -> str:
    proposal = MinimalEditor().propose(body, [Fact(text, is_fragment=True) for text in texts])
    assert proposal is not None
    assert apply(body, proposal.changes) == proposal.body
    return proposal.body


VERSIONS = """# Security update

The update is for these versions:

* 2.4.8-beta1 and earlier
* 2.4.7-p3 and earlier
* 2.4.6-p8 and earlier

## Solution

Download `patch-2-4-7-v2.zip` and run `bin/magento setup:upgrade`.
"""


def test_a_version_takes_the_place_of_one_like_it() -> None:
    assert "* 2.4.7-p4 and earlier\n" in lay(VERSIONS, "2.4.7-p4")


def test_fragments_take_their_places_in_their_order() -> None:
    body = lay(VERSIONS, "2.4.8-beta2", "2.4.7-p4", "2.4.6-p9")
    places = [body.find(version) for version in ("2.4.8-beta2", "2.4.7-p4", "2.4.6-p9")]
    assert -1 not in places
    assert places == sorted(places)


def test_a_fragment_that_stands_elsewhere_comes_in_all_the_same() -> None:
    assert lay(VERSIONS, "earlier").count("earlier") == 4


def test_a_fragment_never_overwrites_another_country() -> None:
    assert "free from Norway" in lay(RETURNS, "from Iceland")
    assert "| Norway | € 0 |" in lay(RETURNS, "Iceland")


def test_a_paragraph_that_a_fact_repeats_and_goes_on_from_is_kept() -> None:
    said = "You can return an unused item within **30 days** of delivery."
    told = "Write to us first, at help@aurora.example."
    proposal = propose_edit(RETURNS, Fact(f"{said} {told}"))
    assert proposal is not None
    assert proposal.body.startswith(said)
    assert "at help@aurora.example." in proposal.body
    assert proposal.body.count("Write to us first") == 1


def test_a_sentence_is_never_rewritten_into_a_heading() -> None:
    proposal = propose_edit(RETURNS, Fact("This is how to return a parcel."))
    assert proposal is not None
    assert "\n## How to return\n" in proposal.body


def test_marks_that_would_stand_alone_are_left_out() -> None:
    body = lay("Go to **Stores** and select **Save**.\n", "*[!UICONTROL")
    assert "UICONTROL" in body
    assert body.count("[") == body.count("]")
    assert body.count("*") == 8


@pytest.mark.parametrize("fragments", [["earlier", "2.4.9", "and later"], ["a", "b", "c", "d"]])
def test_changes_of_several_fragments_never_overlap(fragments: list[str]) -> None:
    facts = [Fact(text, is_fragment=True) for text in fragments]
    proposal = MinimalEditor().propose(VERSIONS, facts)
    assert proposal is not None
    pairs = zip(proposal.changes, proposal.changes[1:], strict=False)
    assert all(one.end <= other.start for one, other in pairs)
    assert all(text in proposal.body for text in fragments)
    assert len(proposal.paragraphs) == len(set(proposal.paragraphs))

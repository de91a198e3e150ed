"""Carrying an edit over to a text that somebody else has edited."""

from __future__ import annotations

import pytest

from knowledge.merging import merge
from knowledge.paragraphs import paragraph_at, paragraph_key, paragraphs

BASE = "One.\n\nTwo is 30 days long.\n\nThree."


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (BASE, BASE + " More.", BASE + " More."),
        (BASE + " More.", BASE, BASE + " More."),
        (BASE.replace("30", "60"), "Zero.\n\n" + BASE, "Zero.\n\n" + BASE.replace("30", "60")),
        (
            BASE.replace("30", "60"),
            BASE.replace("long", "short"),
            "One.\n\nTwo is 60 days short.\n\nThree.",
        ),
        (BASE.replace("30", "60"), BASE.replace("30", "60"), BASE.replace("30", "60")),
        (BASE.replace("30", "60"), BASE.replace("30", "90"), None),
        (
            BASE + "\n\nFour.",
            BASE.replace("One.\n\n", ""),
            "Two is 30 days long.\n\nThree.\n\nFour.",
        ),
        (BASE.replace("30", "60"), "One.\n\nThree.", None),
        ("", "A", "A"),
    ],
)
def test_both_edits_are_kept_unless_they_change_the_same_words(ours, theirs, merged):
    base = BASE if ours else ""
    assert merge(base, ours, theirs) == merged


def test_a_paragraph_is_a_line_with_words_and_keeps_its_name_when_it_moves():
    found = paragraphs(BASE)
    assert [one.text for one in found] == ["One.", "Two is 30 days long.", "Three."]
    assert all(BASE[one.start : one.end] == one.text for one in found)
    assert paragraph_at(BASE, BASE.index("30")).text == "Two is 30 days long."
    assert paragraph_at(BASE, 10**6).text == "Three."
    assert paragraph_at(" \n\n", 0) is None
    assert paragraph_key("Two  IS 30 days long.") == found[1].key

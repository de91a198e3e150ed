"""A diff says what changed, word by word, and loses nothing."""

from __future__ import annotations

import random

from knowledge.diffing import Kind, by_phrase, diff_lines, diff_words


def text(pieces):
    return "".join(piece.text for piece in pieces)


def test_only_the_words_that_changed_are_removed_and_added():
    pieces = diff_words("Repairs take 7 to 10 days.", "Repairs take 5 to 7 days.")
    changed = [(piece.kind, piece.text) for piece in pieces if piece.kind is not Kind.SAME]
    assert (Kind.REMOVED, "10") in changed
    assert not any("days" in words for _, words in changed)


def test_both_texts_can_be_read_back_from_the_diff():
    random.seed(7)
    words = ["zip", "repair", "two years", "**free**", "", "- item", "€5.00"]
    for _ in range(200):
        old, new = ("\n".join(random.choices(words, k=random.randrange(9))) for _ in "ab")
        rows = diff_lines(old, new, context=None)
        assert "\n".join(text(row.old) for row in rows if row.old_number) == old
        assert "\n".join(text(row.new) for row in rows if row.new_number) == new


def test_lines_far_from_a_change_are_folded_and_counted():
    old = "\n".join(f"This is line {number}." for number in range(50))
    rows = diff_lines(old, old.replace("25", "25b"), context=2)
    assert rows[0].kind is Kind.SKIPPED
    assert sum(row.skipped for row in rows) == 45
    assert [row.kind for row in rows].count(Kind.CHANGED) == 1


def test_the_same_text_has_no_changes():
    assert [row.kind for row in diff_lines("a\nb", "a\nb")] == [Kind.SKIPPED]


def test_unlike_lines_are_removed_and_added_not_mixed_up():
    rows = diff_lines("Zips are covered.", "Write to the store in Rotterdam!")
    assert {row.kind for row in rows} == {Kind.REMOVED, Kind.ADDED}


def test_changes_that_a_short_word_keeps_apart_read_as_one():
    pieces = by_phrase(diff_words("take 7 to 10 working days", "take 5 to 7 working days"))
    assert [(piece.kind.value, piece.text) for piece in pieces] == [
        ("same", "take "),
        ("removed", "7 to 10"),
        ("added", "5 to 7"),
        ("same", " working days"),
    ]

"""Edits and gaps, measured on a handful of records whose figures are known by hand."""

from __future__ import annotations

import json

import pytest

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.evaluation.edits import Change, compare, load_edits
from qa_engine.evaluation.squad import LabelledQuestion
from qa_engine.evaluation.suites.edits import History, measure_edits
from qa_engine.evaluation.suites.gaps import measure_gaps

BEFORE = "Return it within 30 days.\n\nWe refund the price.\n"
AFTER = "Return it within 14 days.\n\nWe refund the price and the postage.\n"


def test_the_real_edit_is_like_itself() -> None:
    real = Change.between(BEFORE, AFTER)
    like = compare(real, real)
    assert (like.changed_f1, like.region_f1, like.unrelated) == (1.0, 1.0, 0.0)


def test_words_count_where_they_went_and_came() -> None:
    real = Change.between(BEFORE, AFTER)
    # Of 30 → 14 and "and the postage" only the first: two words of five changed ones.
    half = Change.between(BEFORE, BEFORE.replace("30", "14"))
    assert compare(real, half).changed_f1 == pytest.approx(2 * 2 / (5 + 2))
    # A word of another sentence is unrelated: one of the eight that the real edit keeps.
    wrong = Change.between(BEFORE, BEFORE.replace(" refund", ""))
    assert compare(real, wrong).unrelated == pytest.approx(1 / 8)


def test_an_edit_is_found_in_its_article_as_it_was(tmp_path) -> None:
    later = AFTER + "\nWe refund no gift cards.\n"
    wet, dry = "Tents are wet.\n", "Tents are dry.\n"
    rows = [
        {"path": "a", "date": "2024-02-01", "before": BEFORE, "after": AFTER},
        {"path": "a", "date": "2024-03-01", "before": AFTER, "after": later},
        {"path": "b", "date": "2024-01-01", "before": wet, "after": dry},
    ]
    path = tmp_path / "edits.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    edits = load_edits(path).records
    history = History.of([], edits)
    assert [history.documents[n].body for n in history.visible(edits[0])] == [
        "Tents are dry.\n",
        BEFORE,
    ]
    assert edits[0].runs == ["14", "and the postage."]
    figures, _ = measure_edits(
        edits, history=history, embedder=HashingEmbedder(), whole_lines=True, say=lambda _: None
    )
    assert figures["article_hit@5"] == 1.0
    assert figures["unrelated_touched"] < 0.2


def test_twins_make_a_cluster_and_keep_it() -> None:
    pytest.importorskip("sklearn")
    stems = {"card": "My bank card has not arrived yet", "rate": "Which exchange rate applies"}
    questions = [
        LabelledQuestion(f"{text}{'?' * n}", label)
        for label, text in stems.items()
        for n in range(20)
    ]
    figures = measure_gaps(questions, embedder=HashingEmbedder(), seed=7)
    assert figures["nmi"] == figures["purity"] == figures["identity_kept"] == 1.0
    assert figures["clusters"] == 2

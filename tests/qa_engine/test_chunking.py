"""Passages, sentences and blocks are exact stretches of the text they come from."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from qa_engine import chunking
from qa_engine.markdown import Kind, blocks
from qa_engine.sentences import plain, split_sentences, units

ARTICLES = Path(__file__).parents[2] / "helpdesk" / "demo" / "content" / "articles"

TABLE = "| Country | Price |\n|---|---|\n| Norway | €14.95 |\n| Japan \\| Asia | — |"
ODD = {
    "empty": "",
    "only space": " \n\t\n",
    "only a heading": "# Returns",
    "no headings": "You may return it. We pay.",
    "windows line ends": "# A\r\n\r\nOne.\r\nTwo.\r\n\r\n- x\r\n- y\r\n",
    "table": f"# Shipping\n\n{TABLE}\n\nAfter the table.",
    "fence with a heading in it": "```\n# no heading\n```\n\nText.",
    "fence without end": "Text.\n\n~~~\ncode",
    "nested list": "- a\n  - b\n    1. c\n- d\n\n  more of d\n",
    "setext": "Title\n=====\n\nText.\n\nPart\n---\nMore.",
    "chinese": "# 退货\n\n您可以在30天内退货。请保留包装！运费由我们承担。" * 12,  # noqa: RUF001
    "rule": "One.\n\n---\n\nTwo.",
    "emoji": "👩‍🚀 One. 🎒 Two.\n\n* three",
}


def _articles() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*/*.md"))]


def _assert_exact(body: str) -> None:
    chunks = chunking.split(body)
    assert all(chunk.text == body[chunk.start : chunk.end] for chunk in chunks)
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    assert bool(chunks) == bool(body.strip())
    for unit in units(body):
        assert unit.text == body[unit.start : unit.end]
        assert unit.text.strip()


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_offsets_are_exact_in_odd_texts(body):
    _assert_exact(body)


def test_offsets_are_exact_in_every_demo_article():
    for body in _articles():
        _assert_exact(body)


def test_offsets_are_exact_in_texts_put_together_at_random():
    pieces = [*ODD.values(), "e.g. this costs 1.50 at https://a.example/x. ", "\n", "\r\n", "|"]
    chance = random.Random(7)
    for _ in range(300):
        _assert_exact("".join(chance.choices(pieces, k=chance.randint(1, 6))))


def test_no_passage_splits_a_row_an_item_or_a_sentence():
    for body in _articles():
        chunks = chunking.split(body)
        for unit in units(body):
            if unit.kind is not Kind.HEADING:
                around = [c for c in chunks if c.start <= unit.start and unit.end <= c.end]
                assert len(around) == 1, unit


def test_long_sections_are_cut_near_the_wanted_length():
    body = "\n\n".join(
        f"Sentence {n} of this long section has exactly nine words." for n in range(80)
    )

    lengths = [len(chunk.text.split()) for chunk in chunking.split(body)]

    assert all(80 <= length <= 140 for length in lengths[:-1])


def test_a_passage_knows_the_headings_above_it_but_not_the_title():
    body = "# Returns\n\nIntro.\n\n## Refunds\n\n### **Times**\n\nThree days."

    assert [c.heading_path for c in chunking.split(body, "Returns")] == ["", "Refunds › Times"]  # noqa: RUF001


def test_a_table_head_is_no_row():
    kinds = [block.kind for block in blocks(TABLE)]

    assert kinds == [Kind.TABLE_HEAD, Kind.TABLE_ROW, Kind.TABLE_ROW]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 1.50 a day. Really.", ["It costs 1.50 a day.", "Really."]),
        ("Parts, e.g. Poles, are free. Yes!", ["Parts, e.g. Poles, are free.", "Yes!"]),
        ("See https://a.example/b.html for more. Or ask.", None),
        ("Ask Dr. Berg. She knows.", ["Ask Dr. Berg.", "She knows."]),
        ("**Never iron it.** Dry it flat.", ["**Never iron it.**", "Dry it flat."]),
        ("可以退货。请保留包装！", ["可以退货。", "请保留包装！"]),  # noqa: RUF001
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    found = [text[start:end] for start, end in split_sentences(text)]

    assert found == (expected or ["See https://a.example/b.html for more.", "Or ask."])


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("Open **Account > Orders** and `click`.", "Open Account > Orders and click."),
        ("See [returns](returns-30-days).", "See returns."),
        ("See [the form](https://a.example/f).", "See the form (https://a.example/f)."),
        ("Write to <mailto:a@b.example>.", "Write to mailto:a@b.example."),
        ("2 \\* 3 &amp; snake_case_name", "2 * 3 & snake_case_name"),
        ("> quoted\n> twice", "quoted twice"),
    ],
)
def test_plain_words_keep_what_is_said(markdown, words):
    assert plain(markdown) == words

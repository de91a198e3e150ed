"""Markdown becomes safe HTML, and marks never change what it says."""

from __future__ import annotations

import html
import random
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from knowledge.exchange.reading import read_records
from knowledge.rendering import excerpt, render, render_with_marks, render_with_notes

CONTENT = Path(__file__).parents[2] / "helpdesk" / "demo" / "content" / "articles"
ODD = [
    '# Title\n\ntext\n\n> quote *with* `code` and\n> [a link](https://x.example/a_b_c "t") end\n',
    "| a | b |\n|---|--:|\n| x \\| y | **bold** `c|d` |\n|  | z |\n",
    "- one\n  1. deep _under_score\n     ```py\n     code <b>\n     ```\n- two\\\n  broken\n",
    "<div>raw <u>html</u> &amp; text</div>\n\nA &copy; b &#x1F600; \\* a\\* ~~b~~ <kbd>K</kbd>",
    "\tindented code\n\tmore\n\n1)\tTabbed item\n\n***both*** __strong__ a*b*c ![alt *x*](i.png)",
    "Setext *head*\n===\n\n```\n\nempty first line\n```\n\n<https://a.example/%C3%BC> é 漢字 👍🏽",
]


class Wellformed(HTMLParser):
    """Fails on an element that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"br", "hr", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag


def assert_wellformed(markup: str) -> None:
    parser = Wellformed()
    parser.feed(markup)
    parser.close()
    assert parser.open == []


def bodies() -> list[str]:
    return ODD + [str(record.fields["body"]) for record in read_records(CONTENT)]


def marked_words(markup: str) -> str:
    return html.unescape(" ".join(re.findall(r"<mark>(.*?)</mark>", markup, re.DOTALL)))


def test_marks_leave_the_html_wellformed_and_its_text_unchanged_wherever_they_are():
    random.seed(20240901)
    for body in bodies():
        plain = render(body)
        assert_wellformed(plain)
        for _ in range(12):
            start = random.randrange(len(body))
            end = min(len(body), start + random.choice([1, 6, 40, 400]))
            marked = render_with_marks(body, [(start, end)])
            assert marked.replace("<mark>", "").replace("</mark>", "") == plain
            assert_wellformed(marked)
            around = excerpt(body, start, end)
            assert_wellformed(around)
            assert ("<mark>" in around) == ("<mark>" in marked)


def test_every_word_of_a_plain_paragraph_can_be_marked_exactly():
    for body in bodies()[len(ODD) :]:
        for found in re.finditer(r"^[A-Z][^*\[`|<&\\\n]+$", body, re.MULTILINE):
            start = found.start() + found[0].index(" ") + 1 if " " in found[0] else found.start()
            words = body[start : found.end()].strip()
            assert marked_words(render_with_marks(body, [(start, start + len(words))])) == words


@pytest.mark.parametrize(
    ("body", "quote", "words"),
    [
        ("You have **30 days** to return.", "have **30 days** to", "have 30 days to"),
        ("| Part | Time |\n|---|---|\n| Zips | two years |", "two years", "two years"),
        ("| a \\| b | c |\n|---|---|\n| x \\| y | z |", "x \\| y", "x | y"),
        ("- Pack it\n- Send it back", "Send it", "Send it"),
        ("> Repairs take\n> 7 to 10 days", "take\n> 7 to", "take 7 to"),
        ("See [our page](https://x.example/return) first.", "our page", "our page"),
        ("Fish &amp; chips", "&amp;", "&"),
        ("    code here", "here", "here"),
        ("# What is covered #", "is covered", "is covered"),
        ("Use `a  b` now", "a  b", "a  b"),
        ("<p>Raw text</p>", "text", "text"),
    ],
)
def test_the_quoted_words_are_what_is_marked(body, quote, words):
    start = body.index(quote)
    marked = render_with_marks(body, [(start, start + len(quote))])
    assert " ".join(marked_words(marked).split()) == " ".join(words.split())


def test_a_link_target_does_not_show_and_is_not_marked():
    body = "See [our page](https://x.example/return) first."
    start = body.index("https")
    assert "<mark>" not in render_with_marks(body, [(start, start + 10)])


def test_an_excerpt_is_the_block_around_the_quote_and_no_more():
    body = "First paragraph.\n\nSecond with a fact.\n\nThird."
    start = body.index("a fact")
    assert excerpt(body, start, start + 6) == "<p>Second with <mark>a fact</mark>.</p>\n"


def test_an_excerpt_of_a_long_table_keeps_its_head_and_the_rows_nearby():
    rows = "\n".join(f"| row {number:02} | {number} |" for number in range(40))
    body = f"| Name | Value |\n|---|---|\n{rows}"
    start = body.index("row 20")
    shown = excerpt(body, start, start + 6)
    assert "<th>Name</th>" in shown
    assert "<mark>row 20</mark>" in shown
    assert "row 19" in shown
    assert "row 30" not in shown


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '<a href="data:text/html,x">x</a>',
        "<iframe src=//evil.example></iframe>",
        '<p style="position:fixed" class="top" id="content">x</p>',
        "<svg onload=alert(1)>",
        '<h2 id="a b" onclick="x">t</h2>',
    ],
)
def test_nothing_active_survives(attack):
    shown = render(attack)
    for bad in ("script", "onerror", "onload", "onclick", "href", "iframe", "style=", "svg"):
        assert f"<{bad}" not in shown
        assert not re.search(rf"<[^>]*\b{bad}", shown.replace("&lt;", ""))


def test_text_that_already_holds_the_marks_own_characters_gets_no_mark():
    assert "<mark>" not in render_with_marks("a \ue0f0b\ue0f1 c", [])


@pytest.mark.parametrize(
    "hostile",
    ["<div>" * 40_000, "> " * 5_000 + "x", "[" * 30_000, "*a " * 30_000, "<b><p>" * 20_000,
     "- " * 3_000 + "x", "`" * 3_001 + "a" + "``" * 9_000, "&" * 60_000, "<a " * 40_000],
)  # fmt: skip
def test_hostile_nesting_is_rendered_in_bounded_time(hostile):
    began = time.process_time()
    assert_wellformed(render(hostile))
    assert time.process_time() - began < 3


def test_a_heading_that_repeats_the_title_is_left_out_and_h1_becomes_h2():
    shown = render("# Returns\n\n# More\n\n## Details", "Returns")
    assert shown == '<h2 id="more">More</h2>\n<h3 id="details">Details</h3>\n'


def test_headings_of_one_name_get_anchors_of_their_own():
    assert re.findall(r'id="([^"]+)"', render("## Times\n\n## Times")) == ["times", "times-2"]


def test_columns_keep_their_alignment_without_inline_style():
    shown = render("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<td class="kb-right">2</td>' in shown
    assert 'class="kb-table"' in shown


def test_notes_stand_behind_their_words_and_nobody_can_write_one():
    body = "# Hi\n\nFirst. Second.\n\n- Third \ue0f21\ue0f3."
    notes = [(body.index(" Second"), "<b>1</b>"), (len(body), "<b>2</b>")]
    shown = render_with_notes(body, notes, "Hi")
    assert "<p>First.<b>1</b> Second.</p>" in shown
    assert "Third \ufffd1\ufffd.<b>2</b>" in shown
    assert "<h2" not in shown

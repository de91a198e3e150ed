"""What is taken out of a text before it leaves, and that it can be put back."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from qa_engine.redaction import Kind, Redactor, find_personal_data, redact

DATA = Path(__file__).parent / "data"
_MARKED = re.compile(r"\{([A-Z]+):([^}]*)\}")

Marks = set[tuple[str, int, int]]


def cases(name: str) -> list[tuple[list[str], str, Marks]]:
    """People, the text, and where its personal data stands."""
    found = []
    for line in (DATA / f"redaction_{name}.txt").read_text(encoding="utf-8").splitlines():
        people, _, marked = line.partition("|")
        text, marks, at = "", set(), 0
        marked = marked.strip().replace("\\n", "\n")
        for mark in _MARKED.finditer(marked):
            text += marked[at : mark.start()]
            marks.add((mark[1], len(text), len(text) + len(mark[2])))
            text, at = text + mark[2], mark.end()
        found.append(([people.strip()] if people.strip() else [], text + marked[at:], marks))
    return found


def measured(name: str) -> tuple[float, float, list[str]]:
    """Precision and recall of exact stretches with their kind, and what went wrong."""
    right = told = wanted = 0
    wrong = []
    for people, text, marks in cases(name):
        found: Marks = {(str(f.kind), f.start, f.end) for f in find_personal_data(text, people)}
        right, told, wanted = right + len(found & marks), told + len(found), wanted + len(marks)
        wrong += [
            f"{sign} {kind} {text[start:end]!r} in {text!r}"
            for sign, ones in (("missed", marks - found), ("invented", found - marks))
            for kind, start, end in sorted(ones)
        ]
    return right / told, right / wanted, wrong


@pytest.mark.parametrize("name", ["tuning", "heldout"])
def test_personal_data_is_found_and_nothing_else(name):
    precision, recall, wrong = measured(name)
    assert (precision, recall) == (1.0, 1.0), "\n".join(wrong)


def test_what_was_taken_out_can_be_put_back():
    for people, text, _ in [*cases("tuning"), *cases("heldout")]:
        redactor = Redactor(people)
        assert redactor.restore(redactor.redact(text)) == text


def test_no_value_survives_redaction():
    for people, text, marks in [*cases("tuning"), *cases("heldout")]:
        redacted = redact(text, people)
        for _, start, end in marks:
            assert text[start:end] not in redacted


def test_a_value_has_one_placeholder_in_every_text():
    redactor = Redactor(people=["Anna Berg"], references=["88-0417"])
    assert redactor.redact("Anna, about 88-0417") == "[PERSON_1], about [ORDER_1]"
    assert redactor.redact("Order 88-0417 of Anna") == "Order [ORDER_1] of [PERSON_1]"
    assert redactor.restore("Hi [PERSON_1], order [ORDER_1]") == "Hi Anna, order 88-0417"


def test_words_that_look_like_a_placeholder_bring_nobody_else_s_data():
    redactor = Redactor(people=["Anna Berg"])
    redacted = redactor.redact("Anna: what is [PERSON_1] and [EMAIL_7]?")
    assert redacted == "[PERSON_1]: what is [LITERAL_1] and [LITERAL_2]?"
    assert redactor.restore(redacted) == "Anna: what is [PERSON_1] and [EMAIL_7]?"
    assert redactor.restore("[PERSON_9]") == "[PERSON_9]"


def test_a_redactor_shows_no_values_in_logs():
    redactor = Redactor()
    redactor.redact("write to anna@example.org")
    assert "anna" not in repr(redactor)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4111 1111 1111 1111", Kind.CARD),
        ("DE89370400440532013000", Kind.IBAN),
        ("+31 6 12345678", Kind.PHONE),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_only_a_number(text, kind):
    assert [found.kind for found in find_personal_data(text)] == [kind]
    spoilt = text.replace("1 1", "1 2", 1) if kind is not Kind.IBAN else text[:-1] + "9"
    if kind is not Kind.PHONE:
        assert kind not in {found.kind for found in find_personal_data(spoilt)}


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("1 2 3 4-5 ", 100), ("call +31 6 12345678, ", 50), ("a@", 1_000), ("Straße ", 1_000),
        ("a.b-", 1_000), ("Anna ", 1_000),
    ],
)  # fmt: skip
def test_a_text_eight_times_as_long_takes_about_eight_times_as_long(piece, times):
    def spent(text):
        started = time.process_time()
        find_personal_data(text, ["Anna Berg"])
        return time.process_time() - started

    spent(piece * times)  # what is compiled on first use
    short, long = (min(spent(piece * n) for _ in range(3)) for n in (times, 8 * times))
    assert long < 30 * short  # what grows with the square would take 64 times as long

"""The letter around the quotations: polite, in order, and nothing twice."""

from __future__ import annotations

import pytest

from qa_engine.choosing import chosen_spans
from qa_engine.citations import quotes_of
from qa_engine.grounding import GroundingCheck
from qa_engine.phrases import phrases_for
from qa_engine.rows import row_in_words
from qa_engine.sentences import units
from qa_engine.spans import figure_of, standing_alone
from qa_engine.types import (
    Candidate,
    DraftRequest,
    Evidence,
    Finding,
    QuestionOutcome,
    Quote,
    Reason,
    Sentence,
    Tone,
)
from qa_engine.writer import ExtractiveWriter, Letter, open_letter, presentable


def _found(text, raw="", start=0):
    evidence = Evidence(1, 1, "Title", "", start, start + 5, raw or text, 1.0)
    return Finding(QuestionOutcome("?", True, 0.9, None, (evidence,)), (Quote(text, (evidence,)),))


def _open(question, reason=Reason.NO_PASSAGE):
    return Finding(QuestionOutcome(question, False, 0.0, reason))


def _write(*findings):
    return ExtractiveWriter().write(DraftRequest(text=""), findings)[0]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("is there a student discount?", "Is there a student discount?"),
        ("And also, do you sell kayaks?", "Do you sell kayaks?"),
        ("i make mistake with house nr, how to change?", ""),
        ("It broke. What now?", ""),
        ("how to change", ""),
        ("Why " + "so " * 40 + "?", ""),
        ("Do you sell a bag that it fits in", "Do you sell a bag that it fits in?"),
        ("Und wie lange sind sie gültig?", "Wie lange sind sie gültig?"),
        ("wie lange dauert der Versand", "Wie lange dauert der Versand?"),
        ("deckt die Garantie das ab", "Deckt die Garantie das ab?"),
        ("请问运费多少？", "运费多少？"),  # noqa: RUF001
        ("", ""),
    ],
)
def test_only_a_well_written_question_is_quoted_back(asked, shown):
    assert presentable(asked) == shown


def test_answers_come_before_what_stays_open():
    body = _write(_open("Do you sell kayaks?"), _found("It costs €5."))

    assert body.index("It costs €5.") < body.index("Do you sell kayaks?")


def test_what_stays_open_is_said_once():
    orders = [_open("where is my parcel", Reason.NEEDS_ORDER_DATA)] * 2
    body = _write(_found("It costs €5."), *orders, _open("pls tell"), _open("how to"))

    assert "where is my parcel" not in body
    assert body.count("look at your order") == 1
    assert body.count("some of your questions") == 1


def test_a_table_row_does_not_repeat_a_sentence():
    row = _found("Patch, tear up to 5 cm – price: €15.", "| Patch, tear up to 5 cm | €15 |", 50)
    body = _write(row, _found("A patch for a tear of up to 5 cm has a price of €15."))

    assert body.count("€15") == 1


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("| | |", "| Packed size | 44 × 15 cm |", "The packed size is 44 × 15 cm."),
        ("| | |", "| Colours | Slate, Rust |", "Colours: Slate, Rust."),
        ("| Item | Price |", "| Peg | €2 |", "Peg: €2."),
        (
            "| Method | Time after our e-mail |",
            "| PayPal | 1 working day |",
            "PayPal: the time after our e-mail is 1 working day.",
        ),
        (
            "| Destination | Standard | Free from | Working days | Carrier |",
            "| Norway | €14.95 | €200 | 4 to 7 | Posten |",
            "Norway: standard €14.95, free from €200, 4 to 7 working days, carrier Posten.",
        ),
        (
            "| Destination | Price | Working days after dispatch |",
            "| Netherlands | €9.95 | 1 (before 18:00) |",
            "Netherlands: price €9.95, 1 working day after dispatch (before 18:00).",
        ),
        ("| EU | UK | US men |", "| 37 | 4 | 5 |", "EU 37: UK 4, US men 5."),
        ("| Size | Chest |", "| XS | 84–89 |", "Size XS: the chest is 84–89."),
        (
            "| Item | Can it be returned? |",
            "| Gift cards | No |",
            "Gift cards – can it be returned? No.",
        ),
        (
            "| Data | Kept for |",
            "| Cartridge | until 1,500 litres |",
            "Cartridge: kept until 1,500 litres.",
        ),
        (
            "| Destination | Gas | Spare battery |",
            "| Rest of the EU | no | yes |",
            "Rest of the EU – gas: no, spare battery: yes.",
        ),
        (
            "| Back length | Alder 45 |",
            "| above 54 cm | not suitable |",
            "Back length above 54 cm – Alder 45: not suitable.",
        ),
        (
            "| 国家 | 运费 | 承运商 |",
            "| 挪威 | ¥120 | 顺丰 |",
            "挪威：运费¥120，承运商：顺丰。",  # noqa: RUF001
        ),
    ],
)
def test_a_row_of_a_table_reads_as_an_agent_would_write_it(head, row, words):
    assert row_in_words(head, row) == words


def test_a_row_keeps_the_capitals_of_other_languages():
    words = row_in_words("| Land | Versand | Ab |", "| Norwegen | 14,95 € | 200 € |", "de")

    assert words == "Norwegen: Versand 14,95 €; Ab 200 €."


def test_every_row_passes_the_check_as_a_quotation():
    head, row = "| Land | Price | Carrier |", "| Norway | €14.95 | Posten |"
    cited = tuple(
        Evidence(1, 1, "T", "", n, n + 1, quote, 1.0) for n, quote in enumerate((row, head))
    )
    sentence = Sentence(row_in_words(head, row), 0, 1, cited)

    [verdict] = GroundingCheck().check([sentence], "")

    assert verdict.is_grounded
    assert verdict.support == 1.0


def test_several_open_questions_are_one_sentence():
    body = _write(
        _found("It costs €5."), _open("Do you sell kayaks?"), _open("And is it red?"), _open("x")
    )

    assert "answer to “Do you sell kayaks?”, “Is it red?” and another of your questions in" in body
    assert "I hope this helps" not in body
    assert "I hope this helps" in _write(_found("It costs €5."))


def test_the_same_sentence_of_two_articles_is_said_once():
    body = _write(
        _found("Zips are covered for two years."),
        _found("Zips are covered for two years.", start=90),
    )

    assert body.count("Zips are covered") == 1


def test_steps_are_led_to():
    steps = tuple(
        Quote(text, (Evidence(1, 1, "T", "", n * 10, n * 10 + 5, text, 1.0),), f"{n}.")
        for n, text in ((1, "Open the account."), (2, "Click Return."))
    )  # fmt: skip
    finding = Finding(QuestionOutcome("How?", True, 0.9), steps)

    assert "Here is how:\n1. Open the account.\n2. Click Return." in _write(finding)


def test_a_letter_has_one_language():
    quote = _found("The Rotterdam store is open from Tuesday to Friday from 10:00 to 18:00.")
    request = DraftRequest(
        text="Is de winkel op zondag open?", language="nl", requester_name="Sanne"
    )
    body, _ = ExtractiveWriter().write(request, [quote])
    assert body.startswith("Hi Sanne,")
    dutch = _found(
        "De winkel in Rotterdam is open van dinsdag tot en met vrijdag van tien tot zes uur."
    )
    assert ExtractiveWriter().write(request, [dutch])[0].startswith("Hoi Sanne,")


CUSTOMS = """Most parcels are free of duty.

## Items above NOK 3,000

Posten declares the parcel, and you pay 25% VAT.

## If express is late

If express is late, we refund the price.

## Vouchers

1. Open **Account > Trail Club**.
2. The code appears at once and is valid for 6 months.
3. Enter it at checkout.

## Late parcels

We refund the express price, unless customs delayed it. Please write within 14 days. \
We refund within 5 working days.
"""


def _span_of(words):
    candidate = Candidate(1, 1, 1, "Customs", "", CUSTOMS, 0, len(CUSTOMS), 1.0, body=CUSTOMS)
    unit = next(unit for unit in units(CUSTOMS) if words in unit.text)
    return standing_alone(candidate, unit, 1.0, 0.5)


def test_a_heading_that_limits_is_quoted_with_its_text():
    limit, text = quotes_of(_span_of("Posten declares"))

    assert (limit.text, text.text[:6]) == ("Items above NOK 3,000:", "Posten")
    assert CUSTOMS[limit.evidence[0].start : limit.evidence[0].end] == "Items above NOK 3,000"
    request = DraftRequest(text="Who pays VAT?")
    found = Finding(QuestionOutcome("Who pays VAT?", True, 0.9), (limit, text))
    body, sentences = ExtractiveWriter().write(request, [found])
    assert "Items above NOK 3,000: Posten declares the parcel" in body
    assert all(one.is_grounded for one in GroundingCheck().check(sentences, request.text))


def test_a_heading_that_the_text_repeats_is_not():
    assert [quote.text for quote in quotes_of(_span_of("If express is late, we"))] == [
        "If express is late, we refund the price."
    ]


def test_a_figure_in_a_step_is_answered_without_the_other_steps():
    whole = _span_of("valid for 6 months")

    assert whole.text.startswith("Open **Account")
    assert figure_of(whole).text == "The code appears at once and is valid for 6 months."
    assert figure_of(_span_of("Enter it at checkout")).text == whole.text


def test_the_sentence_between_two_chosen_ones_comes_along():
    first, last = _span_of("We refund the express price"), _span_of("We refund within 5")

    [whole] = chosen_spans([first, last])

    assert "within 14 days" in whole.text
    assert CUSTOMS[whole.start : whole.end] == whole.text


@pytest.mark.parametrize(
    "body",
    [
        "Das Etikett kostet 4,95 €. Bei einem Mangel ist es kostenlos.",
        "Het label kost € 4,95. Behalve bij een gebrek.",
        "退货标签4欧元。但有质量问题的商品免费。",
        "A repair takes 10 days. Between May and August it can take three weeks.",
        "Eine Reparatur dauert 10 Tage. Zwischen Mai und August kann es drei Wochen dauern.",
        "维修需要十天。五月至八月为旺季，可能需要三周。",  # noqa: RUF001
    ],
)
def test_an_exception_comes_along_in_other_languages(body):
    candidate = Candidate(1, 1, 1, "Label", "", body, 0, len(body), 1.0, body=body)
    span = standing_alone(candidate, units(body)[0], 1.0)

    assert span.text == body


def test_chinese_sentences_follow_each_other_without_a_space():
    letter = Letter()
    letter.say("维修一般需要十天。")
    letter.say("旺季需要三周。")

    assert letter.body == "维修一般需要十天。旺季需要三周。"


@pytest.mark.parametrize(
    ("language", "tone", "greeting"),
    [
        ("de", Tone.NEUTRAL, "Guten Tag Katrin Vogel,"),
        ("de", Tone.FRIENDLY, "Hallo Katrin,"),
        ("nl", Tone.NEUTRAL, "Hoi Katrin,"),
        ("nl", Tone.FORMAL, "Geachte Katrin Vogel,"),
        ("zh-Hans", Tone.NEUTRAL, "Katrin Vogel，您好："),  # noqa: RUF001
        ("en", Tone.NEUTRAL, "Hi Katrin,"),
        ("en", Tone.FORMAL, "Dear Katrin Vogel,"),
    ],
)
def test_the_greeting_fits_how_the_letter_says_you(language, tone, greeting):
    letter = Letter()
    request = DraftRequest(text="", requester_name="Katrin Vogel", tone=tone)

    open_letter(letter, request, phrases_for(language, tone))

    assert letter.body.splitlines()[0] == greeting


def test_a_title_with_a_surname_alone_is_greeted_without_a_name():
    letter = Letter()

    open_letter(letter, DraftRequest(text="", requester_name="Mr Ortega"), phrases_for("en"))

    assert letter.body.startswith("Hello,")

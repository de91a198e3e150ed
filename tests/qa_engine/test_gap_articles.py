"""What agents replied becomes an article of the house: laid out in its language, traced."""

from __future__ import annotations

import pytest

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.suggesting.articles import Reply, draft_article
from qa_engine.suggesting.layout import lay_out


@pytest.mark.parametrize(
    ("language", "sentences", "laid_out"),
    [
        (
            "en",
            ["Tents can be rented.", "Only for a week.", "Open the shop page."],
            "Tents can be rented.\n\n## Conditions\n\n- Only for a week.\n\n"
            "## Steps\n\n1. Open the shop page.\n",
        ),
        (
            "de-AT",
            ["Zelte kann man mieten.", "Das gilt nur im Sommer.", "Klicken Sie auf Mieten."],
            "Zelte kann man mieten.\n\n## Bedingungen\n\n- Das gilt nur im Sommer.\n\n"
            "## Schritte\n\n1. Klicken Sie auf Mieten.\n",
        ),
        (
            "nl",
            ["Je kunt tenten huren.", "Dit geldt alleen in de zomer.", "Kies een tent."],
            "Je kunt tenten huren.\n\n## Voorwaarden\n\n- Dit geldt alleen in de zomer.\n\n"
            "## Stappen\n\n1. Kies een tent.\n",
        ),
        (
            "fi",
            ["Telttoja voi vuokrata.", "Vain kesällä.", "Valitse teltta."],
            "Telttoja voi vuokrata.\n\nVain kesällä. Valitse teltta.\n",
        ),
    ],
)
def test_conditions_and_steps_are_told_apart_in_the_readers_language(
    language, sentences, laid_out
):
    assert lay_out(sentences, language) == laid_out


@pytest.mark.parametrize(
    ("language", "general", "one_off"),
    [
        ("en", "Tents cost 9 euros a night.", "We have sent your parcel with the tent today."),
        ("de", "Ein Zelt kostet 9 Euro die Nacht.", "Ich habe Ihnen ein Zelt zurückgelegt."),
        ("nl", "Een tent kost 9 euro per nacht.", "Ik heb een tent voor je apart gelegd."),
    ],
)
def test_what_is_true_of_one_case_alone_stays_out(language, general, one_off):
    replies = [Reply(1, f"{general} {one_off}")]
    draft = draft_article("Tent?", replies, HashingEmbedder(), language)
    assert [one.text for one in draft.sentences] == [general]


def test_each_reply_is_quoted_in_its_own_words():
    replies = [
        Reply(1, "Tents cost 9 euros a night in the store."),
        Reply(2, "A night costs 9 euros, tents in the store."),
    ]
    draft = draft_article("What does a tent cost?", replies, HashingEmbedder())
    (only,) = draft.sentences
    assert only.replies == (1, 2)
    assert only.quotes == (replies[0].text, replies[1].text)

"""The language of a message: found where it can be told, left alone where it cannot."""

from __future__ import annotations

import pytest

from qa_engine.languages import detect_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "where is my order"),
        ("en", "Hi, do you ship to Norway and Switzerland? Thanks, Jürgen Müller"),
        ("de", "Wo bleibt meine Bestellung?"),
        ("de", "Hallo, versendet ihr nach Norwegen?"),
        ("de", "Reißverschluss kaputt"),
        ("nl", "Waar blijft mijn bestelling?"),
        ("nl", "Kan ik de jas ruilen voor een maat groter?"),
        ("fr", "Où est ma commande ?"),
        ("es", "quiero devolver mis zapatos"),
        ("it", "Vorrei restituire la giacca"),
        ("pl", "Gdzie jest moje zamówienie"),
        ("sv", "När får jag mina pengar tillbaka?"),
        ("zh", "我的退款什么时候到账?"),
        ("zh", "Stratus 夹克可以退货吗"),
        ("ja", "返品したいです"),
        ("ko", "환불은 언제 되나요?"),
        ("ru", "Где мой заказ? Я жду его уже больше двух недель, верните деньги"),  # noqa: RUF001
    ],
)
def test_a_message_of_a_few_words_is_told(language, text):
    assert detect_language(text, "xx") == language


@pytest.mark.parametrize(
    "text", ["", "???", "refund pls", "Merino base layer", "DD-4411", "12.5 x 40", "ok", "👍"]
)
def test_what_cannot_be_told_keeps_the_fallback(text):
    assert detect_language(text, "nl") == "nl"


def test_the_region_of_the_fallback_is_kept():
    assert detect_language("Onde está a minha encomenda? Já passaram dez dias", "pt-BR") == "pt-BR"


def test_quoted_mail_does_not_count():
    text = "Wann kommt mein Paket endlich an?\n\nOn Mon, Nov 2, 2026 Shop wrote:\n> " + (
        "Thank you for your order. We will send it as soon as we can. " * 20
    )
    assert detect_language(text, "en") == "de"


def test_codes_and_links_are_no_language():
    text = "https://shop.example/en/returns/how-to-send-it-back Meine Jacke ist kaputt"
    assert detect_language(text, "en") == "de"

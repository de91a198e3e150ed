# ruff: noqa: RUF001 (Chinese punctuation)
"""The sentences of a draft that are no quotation, in the languages a shop writes in.

Not gettext: the pipeline is pure and writes in the ticket's language, not the process's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_engine.types import Tone


@dataclass(frozen=True, slots=True)
class Phrases:
    greeting: str
    greeting_nameless: str
    thanks: str
    # With the question, where it may be quoted back, and without.
    unanswered: str
    unanswered_plain: str
    needs_order: str
    closing: str


_EN = Phrases(
    greeting="Hi {name},",
    greeting_nameless="Hello,",
    thanks="Thank you for your message.",
    unanswered=(
        "I could not find an answer to your question “{question}” in our help centre; "
        "a colleague will look into it."
    ),
    unanswered_plain=(
        "I could not find an answer to one of your questions in our help centre; "
        "a colleague will look into it."
    ),
    needs_order=(
        "For the rest we have to look at your order or account first. "
        "A colleague will check it and get back to you."
    ),
    closing="I hope this helps. If anything is still unclear, just reply to this message.",
)
_DE = Phrases(
    greeting="Hallo {name},",
    greeting_nameless="Guten Tag,",
    thanks="vielen Dank für Ihre Nachricht.",
    unanswered=(
        "Zu Ihrer Frage „{question}“ habe ich in unserem Hilfebereich nichts gefunden; "
        "eine Kollegin kümmert sich darum."
    ),
    unanswered_plain=(
        "Zu einer Ihrer Fragen habe ich in unserem Hilfebereich nichts gefunden; "
        "eine Kollegin kümmert sich darum."
    ),
    needs_order=(
        "Für alles Weitere müssen wir uns zuerst Ihre Bestellung oder Ihr Konto ansehen. "
        "Eine Kollegin prüft das und meldet sich bei Ihnen."
    ),
    closing="Ich hoffe, das hilft Ihnen. Falls etwas unklar ist, antworten Sie einfach.",
)
_NL = Phrases(
    greeting="Hoi {name},",
    greeting_nameless="Goedendag,",
    thanks="Bedankt voor je bericht.",
    unanswered=(
        "Over je vraag “{question}” kon ik in ons helpcentrum niets vinden; "
        "een collega zoekt het uit."
    ),
    unanswered_plain=(
        "Over een van je vragen kon ik in ons helpcentrum niets vinden; een collega zoekt het uit."
    ),
    needs_order=(
        "Voor de rest moeten we eerst naar je bestelling of account kijken. "
        "Een collega zoekt het uit en neemt contact met je op."
    ),
    closing="Ik hoop dat dit helpt. Is er nog iets onduidelijk, beantwoord dan dit bericht.",
)
_ZH = Phrases(
    greeting="{name}，您好：",
    greeting_nameless="您好：",
    thanks="感谢您的来信。",
    unanswered="关于您的问题“{question}”，我在帮助中心没有找到答案，同事会为您查询。",
    unanswered_plain="您的一个问题我在帮助中心没有找到答案，同事会为您查询。",
    needs_order="其余部分我们需要先查看您的订单或账户，同事核实后会回复您。",
    closing="希望以上内容对您有帮助。如有疑问，请直接回复本邮件。",
)

_BY_LANGUAGE = {"en": _EN, "de": _DE, "nl": _NL, "zh": _ZH}

# What a tone changes; the rest is the neutral letter.
_FRIENDLY = {
    "en": {
        "thanks": "Thanks for getting in touch!",
        "closing": "Hope that helps! If anything is still unclear, just hit reply.",
    },
    "de": {
        "greeting_nameless": "Hallo,",
        "thanks": "danke für Ihre Nachricht!",
        "closing": "Ich hoffe, das hilft! Ist noch etwas unklar, schreiben Sie einfach zurück.",
    },
    "nl": {
        "greeting_nameless": "Hoi,",
        "thanks": "Leuk dat je ons schrijft!",
        "closing": "Hopelijk helpt dit! Is er nog iets onduidelijk, laat het gerust weten.",
    },
    "zh": {
        "greeting": "{name}，你好！",
        "greeting_nameless": "你好！",
        "thanks": "谢谢你的来信！",
        "closing": "希望能帮到你！还有不清楚的地方，直接回复就好。",
    },
}
_FORMAL = {
    "en": {
        "greeting": "Dear {name},",
        "greeting_nameless": "Dear customer,",
        "thanks": "Thank you for contacting us.",
        "closing": "Should you have any further questions, please reply to this message.",
    },
    "de": {
        "greeting": "Guten Tag {name},",
        "greeting_nameless": "Sehr geehrte Damen und Herren,",
        "closing": "Für Rückfragen antworten Sie bitte auf diese Nachricht.",
    },
    "nl": {
        "greeting": "Geachte {name},",
        "greeting_nameless": "Geachte klant,",
        "thanks": "Hartelijk dank voor uw bericht.",
        "unanswered": (
            "Over uw vraag “{question}” kon ik in ons helpcentrum niets vinden; "
            "een collega zoekt het uit."
        ),
        "unanswered_plain": (
            "Over een van uw vragen kon ik in ons helpcentrum niets vinden; "
            "een collega zoekt het uit."
        ),
        "needs_order": (
            "Voor de rest moeten we eerst uw bestelling of account bekijken. "
            "Een collega zoekt het uit en neemt contact met u op."
        ),
        "closing": "Hebt u nog vragen, dan kunt u op dit bericht antwoorden.",
    },
    "zh": {
        "greeting": "尊敬的{name}：",
        "greeting_nameless": "尊敬的顾客：",
        "closing": "如您还有其他问题，请直接回复本邮件。",
    },
}
_BY_TONE: dict[Tone, dict[str, dict[str, str]]] = {
    Tone.FRIENDLY: _FRIENDLY,
    Tone.NEUTRAL: {},
    Tone.FORMAL: _FORMAL,
}


def phrases_for(language: str, tone: Tone = Tone.NEUTRAL) -> Phrases:
    """By language without its region; English where the shop's language is unknown."""
    code = language.lower().replace("_", "-").partition("-")[0]
    code = code if code in _BY_LANGUAGE else "en"
    return replace(_BY_LANGUAGE[code], **_BY_TONE[tone].get(code, {}))

# ruff: noqa: RUF001 (Chinese punctuation)
"""The sentences of a draft that are no quotation, in the languages a shop writes in.

Not gettext: the pipeline is pure and writes in the ticket's language, not the process's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_engine.types import Tone


@dataclass(frozen=True, slots=True)
class Phrases:
    # With `{name}`, the first name, or `{full_name}`, where a language has it so.
    greeting: str
    greeting_nameless: str
    thanks: str
    # Of what stays open, in one sentence: `{questions}` is made of the five below.
    unanswered: str
    # A question that may be quoted back, alone and beside others; one that may not be, alone and
    # beside one that is quoted; several that may not be.
    your_question: str
    quoted: str
    one_of_yours: str
    another: str
    some_of_yours: str
    joint: str
    needs_order: str
    # Before steps that no sentence leads to.
    steps: str
    closing: str
    # Where something stays open, "I hope this helps" is left out.
    closing_open: str


_EN = Phrases(
    greeting="Hi {name},",
    greeting_nameless="Hello,",
    thanks="Thank you for your message.",
    unanswered=(
        "I could not find an answer to {questions} in our help centre; "
        "a colleague will look into it."
    ),
    your_question="your question “{question}”",
    quoted="“{question}”",
    one_of_yours="one of your questions",
    another="another of your questions",
    some_of_yours="some of your questions",
    joint=" and ",
    needs_order=(
        "For the rest we have to look at your order or account first. "
        "A colleague will check it and get back to you."
    ),
    steps="Here is how:",
    closing="I hope this helps. If anything is still unclear, just reply to this message.",
    closing_open="If anything is still unclear, just reply to this message.",
)
_DE = Phrases(
    greeting="Guten Tag {full_name},",
    greeting_nameless="Guten Tag,",
    thanks="vielen Dank für Ihre Nachricht.",
    unanswered=(
        "Zu {questions} habe ich in unserem Hilfebereich nichts gefunden; "
        "unser Team kümmert sich darum und meldet sich bei Ihnen."
    ),
    your_question="Ihrer Frage „{question}“",
    quoted="„{question}“",
    one_of_yours="einer Ihrer Fragen",
    another="einer weiteren Frage",
    some_of_yours="einigen Ihrer Fragen",
    joint=" und ",
    needs_order=(
        "Für alles Weitere müssen wir uns zuerst Ihre Bestellung oder Ihr Konto ansehen. "
        "Unser Team prüft das und meldet sich bei Ihnen."
    ),
    steps="So geht es:",
    closing=(
        "Ich hoffe, das hilft Ihnen. "
        "Falls noch etwas unklar ist, antworten Sie einfach auf diese Nachricht."
    ),
    closing_open="Falls noch etwas unklar ist, antworten Sie einfach auf diese Nachricht.",
)
_NL = Phrases(
    greeting="Hoi {name},",
    greeting_nameless="Goedendag,",
    thanks="Bedankt voor je bericht.",
    unanswered=(
        "Over {questions} kon ik in ons helpcentrum niets vinden; een collega zoekt het uit."
    ),
    your_question="je vraag “{question}”",
    quoted="“{question}”",
    one_of_yours="een van je vragen",
    another="een andere vraag",
    some_of_yours="enkele van je vragen",
    joint=" en ",
    needs_order=(
        "Voor de rest moeten we eerst naar je bestelling of account kijken. "
        "Een collega zoekt het uit en neemt contact met je op."
    ),
    steps="Zo werkt het:",
    closing="Ik hoop dat dit helpt. Is er nog iets onduidelijk, beantwoord dan dit bericht.",
    closing_open="Is er nog iets onduidelijk, beantwoord dan dit bericht.",
)
_ZH = Phrases(
    greeting="{full_name}，您好：",
    greeting_nameless="您好：",
    thanks="感谢您的来信。",
    unanswered="关于{questions}，我在帮助中心没有找到答案，同事会为您查询。",
    your_question="您的问题“{question}”",
    quoted="“{question}”",
    one_of_yours="您的一个问题",
    another="您的另一个问题",
    some_of_yours="您的几个问题",
    joint="和",
    needs_order="其余部分我们需要先查看您的订单或账户，同事核实后会回复您。",
    steps="步骤如下：",
    closing="希望以上内容对您有帮助。如有疑问，请直接回复本邮件。",
    closing_open="如有疑问，请直接回复本邮件。",
)

_BY_LANGUAGE = {"en": _EN, "de": _DE, "nl": _NL, "zh": _ZH}

# What a tone changes; the rest is the neutral letter.
_FRIENDLY = {
    "en": {
        "thanks": "Thanks for getting in touch!",
        "closing": "Hope that helps! If anything is still unclear, just hit reply.",
        "closing_open": "If anything is still unclear, just hit reply.",
    },
    "de": {
        "greeting": "Hallo {name},",
        "greeting_nameless": "Hallo,",
        "thanks": "danke für Ihre Nachricht!",
        "closing": "Ich hoffe, das hilft! Ist noch etwas unklar, schreiben Sie einfach zurück.",
        "closing_open": "Ist noch etwas unklar, schreiben Sie einfach zurück.",
    },
    "nl": {
        "greeting_nameless": "Hoi,",
        "thanks": "Leuk dat je ons schrijft!",
        "closing": "Hopelijk helpt dit! Is er nog iets onduidelijk, laat het gerust weten.",
        "closing_open": "Is er nog iets onduidelijk, laat het gerust weten.",
    },
    "zh": {
        "greeting": "{full_name}，你好！",
        "greeting_nameless": "你好！",
        "thanks": "谢谢你的来信！",
        "closing": "希望能帮到你！还有不清楚的地方，直接回复就好。",
        "closing_open": "还有不清楚的地方，直接回复就好。",
    },
}
_FORMAL = {
    "en": {
        "greeting": "Dear {full_name},",
        "greeting_nameless": "Dear customer,",
        "thanks": "Thank you for contacting us.",
        "closing": "Should you have any further questions, please reply to this message.",
        "closing_open": "Should you have any further questions, please reply to this message.",
    },
    "de": {
        "greeting": "Guten Tag {full_name},",
        "greeting_nameless": "Sehr geehrte Damen und Herren,",
        "closing": "Für Rückfragen antworten Sie bitte auf diese Nachricht.",
        "closing_open": "Für Rückfragen antworten Sie bitte auf diese Nachricht.",
    },
    "nl": {
        "greeting": "Geachte {full_name},",
        "greeting_nameless": "Geachte klant,",
        "thanks": "Hartelijk dank voor uw bericht.",
        "your_question": "uw vraag “{question}”",
        "one_of_yours": "een van uw vragen",
        "some_of_yours": "enkele van uw vragen",
        "needs_order": (
            "Voor de rest moeten we eerst uw bestelling of account bekijken. "
            "Een collega zoekt het uit en neemt contact met u op."
        ),
        "closing": "Hebt u nog vragen, dan kunt u op dit bericht antwoorden.",
        "closing_open": "Hebt u nog vragen, dan kunt u op dit bericht antwoorden.",
    },
    "zh": {
        "greeting": "尊敬的{full_name}：",
        "greeting_nameless": "尊敬的顾客：",
        "closing": "如您还有其他问题，请直接回复本邮件。",
        "closing_open": "如您还有其他问题，请直接回复本邮件。",
    },
}
_BY_TONE: dict[Tone, dict[str, dict[str, str]]] = {
    Tone.FRIENDLY: _FRIENDLY,
    Tone.NEUTRAL: {},
    Tone.FORMAL: _FORMAL,
}


def has_phrases(language: str) -> bool:
    return _code(language) in _BY_LANGUAGE


def phrases_for(language: str, tone: Tone = Tone.NEUTRAL) -> Phrases:
    """By language without its region; English where the shop's language is unknown."""
    code = _code(language) if has_phrases(language) else "en"
    return replace(_BY_LANGUAGE[code], **_BY_TONE[tone].get(code, {}))


def _code(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]

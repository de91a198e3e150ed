"""The sentences of a draft that are no quotation, in the languages a shop writes in.

Not gettext: the pipeline is pure and writes in the ticket's language, not the process's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    greeting: str
    greeting_nameless: str
    thanks: str
    # With the question; for a single one without.
    unanswered: str
    unanswered_plain: str
    needs_order: str
    needs_order_plain: str
    closing: str


_EN = Phrases(
    greeting="Hi {name},",
    greeting_nameless="Hello,",
    thanks="Thank you for your message.",
    unanswered=(
        "Our help centre does not say anything about your question “{question}”. "
        "I have passed it on to a colleague, who will get back to you."
    ),
    unanswered_plain=(
        "Our help centre does not answer one of your questions. "
        "I have passed it on to a colleague, who will get back to you."
    ),
    needs_order=(
        "For your question “{question}” we have to look at your order first. "
        "A colleague will check it and get back to you."
    ),
    needs_order_plain=(
        "We have to look at your order first. A colleague will check it and get back to you."
    ),
    closing="I hope this helps. If anything is still unclear, just reply to this message.",
)
_DE = Phrases(
    greeting="Hallo {name},",
    greeting_nameless="Guten Tag,",
    thanks="vielen Dank für Ihre Nachricht.",
    unanswered=(
        "Zu Ihrer Frage „{question}“ sagt unser Hilfebereich nichts. "
        "Ich habe sie an eine Kollegin weitergegeben, die sich bei Ihnen meldet."
    ),
    unanswered_plain=(
        "Eine Ihrer Fragen beantwortet unser Hilfebereich nicht. "
        "Ich habe sie an eine Kollegin weitergegeben, die sich bei Ihnen meldet."
    ),
    needs_order=(
        "Für Ihre Frage „{question}“ müssen wir uns zuerst Ihre Bestellung ansehen. "
        "Eine Kollegin prüft sie und meldet sich bei Ihnen."
    ),
    needs_order_plain=(
        "Wir müssen uns zuerst Ihre Bestellung ansehen. "
        "Eine Kollegin prüft sie und meldet sich bei Ihnen."
    ),
    closing="Ich hoffe, das hilft Ihnen. Falls etwas unklar ist, antworten Sie einfach.",
)
_NL = Phrases(
    greeting="Hoi {name},",
    greeting_nameless="Goedendag,",
    thanks="Bedankt voor je bericht.",
    unanswered=(
        "Over je vraag “{question}” staat niets in ons helpcentrum. "
        "Ik heb hem doorgegeven aan een collega, die contact met je opneemt."
    ),
    unanswered_plain=(
        "Een van je vragen wordt niet beantwoord in ons helpcentrum. "
        "Ik heb hem doorgegeven aan een collega, die contact met je opneemt."
    ),
    needs_order=(
        "Voor je vraag “{question}” moeten we eerst naar je bestelling kijken. "
        "Een collega zoekt het uit en neemt contact met je op."
    ),
    needs_order_plain=(
        "We moeten eerst naar je bestelling kijken. "
        "Een collega zoekt het uit en neemt contact met je op."
    ),
    closing="Ik hoop dat dit helpt. Is er nog iets onduidelijk, beantwoord dan dit bericht.",
)
_ZH = Phrases(
    greeting="{name}，您好：",
    greeting_nameless="您好：",
    thanks="感谢您的来信。",
    unanswered="关于您的问题“{question}”，我们的帮助中心没有相关内容。我已转给同事，他们会尽快回复您。",
    unanswered_plain="您的一个问题在我们的帮助中心没有答案。我已转给同事，他们会尽快回复您。",
    needs_order="关于您的问题“{question}”，我们需要先查看您的订单，同事核实后会回复您。",
    needs_order_plain="我们需要先查看您的订单，同事核实后会回复您。",
    closing="希望以上内容对您有帮助。如有疑问，请直接回复本邮件。",
)

_BY_LANGUAGE = {"en": _EN, "de": _DE, "nl": _NL, "zh": _ZH, "zh-hans": _ZH}


def phrases_for(language: str) -> Phrases:
    """By language, then without its region; English where the shop's language is unknown."""
    code = language.lower().replace("_", "-")
    return _BY_LANGUAGE.get(code) or _BY_LANGUAGE.get(code.partition("-")[0], _EN)

"""The extractive writer: a letter made of the articles' own sentences. Imports no Django.

It adds a greeting, says which question stays open, and signs. Every other sentence is a
quotation with its citation, so there is nothing in it that no article says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_engine.asking import asks_abroad
from qa_engine.languages import detect_language
from qa_engine.phrases import Phrases, has_phrases, phrases_for
from qa_engine.spans import is_row
from qa_engine.text import content_stems
from qa_engine.types import DraftRequest, Evidence, Finding, Quote, Reason, Sentence

FINGERPRINT = "extractive/5"
# A longer question is not repeated in the letter, nor one that is not written like one: to
# quote a hurried or broken sentence back is impolite.
MAX_QUESTION = 120
# Of a last sentence that is quoted without those before it.
ENOUGH_WORDS = 4
# A table row that says so little of its own beside another sentence is left out.
SAID_ALREADY = 0.75

# Chinese and Japanese sentences follow each other without a space.
_NO_SPACE_AFTER = ("\n", " ", "。", "！", "？", "：", "；")  # noqa: RUF001
_TITLES = frozenset(
    {
        "mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sir", "dame", "lord", "lady", "rev", "sgt",
        "sergeant", "capt", "captain", "lt", "maj", "col", "herr", "frau", "dhr", "mevr", "mme",
        "mlle", "ing",
    }
)  # fmt: skip
_LEAD_IN = re.compile(
    r"\A(?:(?:(?:and|also|but|so|ciao|hola|plus|or|und|aber|oder|außerdem|en|maar|of)\b"
    r"|请问|另外|还有)[\s,:，]*)+",  # noqa: RUF001
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:do|does|is|are|can|could|may|must|will|what|which|when|where)\b", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


class Letter:
    """Text as it grows, and where each of its sentences stands."""

    def __init__(self) -> None:
        self.body = ""
        self.sentences: list[Sentence] = []

    def paragraph(self) -> None:
        if self.body:
            self.body = self.body.rstrip(" ") + "\n\n"

    def line(self, lead: str = "") -> None:
        if self.body and not self.body.endswith("\n"):
            self.body = self.body.rstrip(" ") + "\n"
        self.body += lead

    def say(
        self, text: str, evidence: tuple[Evidence, ...] = (), *, is_claim: bool | None = None
    ) -> None:
        """Append a sentence, after a space where one is needed; cited, it is a claim."""
        if self.body and not self.body.endswith(_NO_SPACE_AFTER):
            self.body += " "
        start = len(self.body)
        self.body += text
        claims = bool(evidence) if is_claim is None else is_claim
        self.sentences.append(Sentence(text, start, len(self.body), evidence, claims))


class ExtractiveWriter:
    fingerprint = FINGERPRINT

    def write(
        self, request: DraftRequest, findings: Sequence[Finding]
    ) -> tuple[str, tuple[Sentence, ...]]:
        """The letter and its sentences; empty where no question was answered."""
        if not any(finding.quotes for finding in findings):
            return "", ()
        phrases = phrases_for(language_of(request, findings), request.tone)
        letter = Letter()
        open_letter(letter, request, phrases)
        said = _repeated_rows(findings)
        for finding in findings:
            _answer(letter, finding, said, phrases)
        end_letter(letter, request, findings, phrases)
        return letter.body, tuple(letter.sentences)


def open_letter(letter: Letter, request: DraftRequest, phrases: Phrases) -> None:
    """Greets by name, first or whole as language and tone have it, and thanks."""
    name, whole = first_name(request.requester_name), full_name(request.requester_name)
    needed = whole if "{full_name}" in phrases.greeting else name
    greeting = phrases.greeting if needed else phrases.greeting_nameless
    letter.say(greeting.format(name=name, full_name=whole))
    letter.paragraph()
    letter.say(phrases.thanks)


def end_letter(
    letter: Letter, request: DraftRequest, findings: Sequence[Finding], phrases: Phrases
) -> None:
    """What stays open, the closing and the signature."""
    still_open = left_open(findings, phrases)
    for sentence in still_open:
        letter.paragraph()
        letter.say(sentence)
    letter.paragraph()
    letter.say(phrases.closing_open if still_open else phrases.closing)
    if request.signature.strip():
        letter.paragraph()
        letter.say(request.signature.strip())


def language_of(request: DraftRequest, findings: Sequence[Finding]) -> str:
    """The requester's, unless what is quoted is plainly in another: a letter has one language."""
    said = " ".join(quote.text for finding in findings for quote in finding.quotes)
    quoted = detect_language(said, fallback=request.language)
    return quoted if has_phrases(quoted) else request.language


def full_name(name: str) -> str:
    """As it is given, if it is a name: "Berg, Anna" → "Anna Berg", "ANNA BERG" → "Anna Berg"."""
    if "@" in name or not _names(name):
        return ""
    last, comma, first = name.partition(",")
    whole = " ".join((f"{first} {last}" if comma else name).split())
    return whole.title() if whole.islower() or whole.isupper() else whole


def first_name(full_name: str) -> str:
    """What to call somebody: "Dr. Anna Berg" → "Anna"; an address or a number → nothing.

    Nothing for "Mr Ortega" either: "Hi Ortega" would be rude.
    """
    if "@" in full_name:
        return ""
    if "," in full_name:  # "Berg, Anna"
        full_name = full_name.partition(",")[2]
    names = _names(full_name)
    if not names or (len(names) == 1 and _is_title(full_name.split()[0])):
        return ""
    return names[0].capitalize() if names[0].islower() or names[0].isupper() else names[0]


def _names(text: str) -> list[str]:
    parts = [part.strip(".,;") for part in text.split() if not _is_title(part)]
    return [part for part in parts if len(part) > 1 and _NAME.fullmatch(part)]


def _is_title(word: str) -> bool:
    return word.strip(".,;").lower() in _TITLES


def _answer(
    letter: Letter, finding: Finding, said: set[tuple[int, int, int]], phrases: Phrases
) -> None:
    """One question's paragraph; sentences that stand in the letter already are not repeated."""
    told = {_bare(sentence.text) for sentence in letter.sentences}
    fresh = [
        quote
        for quote in finding.quotes
        if _place(quote) not in said and _bare(quote.text) not in told
    ]
    if fresh:
        letter.paragraph()
    is_list = False
    is_alone = sum(bool(quote.marker) for quote in fresh) == 1
    if fresh and fresh[0].marker[:1].isdigit() and not is_alone:
        letter.say(phrases.steps)
    for quote in fresh:
        said.add(_place(quote))
        if quote.marker and not is_alone:
            letter.line(f"{_marker(quote)} ")
        elif is_list:
            letter.paragraph()
        is_list = bool(quote.marker) and not is_alone
        letter.say(quote.text, quote.evidence)


def _marker(quote: Quote) -> str:
    return quote.marker if quote.marker[:1].isdigit() else "-"


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".!:")


def _place(quote: Quote) -> tuple[int, int, int]:
    first = quote.evidence[0]
    return first.revision_id, first.start, first.end


def _repeated_rows(findings: Sequence[Finding]) -> set[tuple[int, int, int]]:
    """Table rows whose words another sentence of the letter says better."""
    every = [quote for finding in findings for quote in finding.quotes]
    prose = [content_stems(quote.text) for quote in every if not _is_row(quote)]
    return {
        _place(quote)
        for quote in every
        if _is_row(quote) and any(_is_within(content_stems(quote.text), one) for one in prose)
    }


def _is_row(quote: Quote) -> bool:
    return is_row(quote.evidence[0].quote)


def _is_within(part: frozenset[str], whole: frozenset[str]) -> bool:
    return bool(part) and len(part & whole) / len(part) >= SAID_ALREADY


def left_open(findings: Sequence[Finding], phrases: Phrases) -> list[str]:
    """What a colleague will look at, after the answers; each thing said once."""
    waiting = [finding.outcome for finding in findings if not finding.quotes]
    of_orders = [one for one in waiting if one.reason is Reason.NEEDS_ORDER_DATA]
    asked = [presentable(one.question) for one in waiting if one not in of_orders]
    told = [phrases.unanswered.format(questions=_in_one(asked, phrases))] if asked else []
    return [*told, phrases.needs_order] if of_orders else told


def _in_one(asked: Sequence[str], phrases: Phrases) -> str:
    """The open questions as one phrase; an empty one cannot be quoted back."""
    quoted = list(dict.fromkeys(question for question in asked if question))
    others = len([question for question in asked if not question])
    if not quoted:
        return phrases.one_of_yours if others == 1 else phrases.some_of_yours
    if len(quoted) == 1 and not others:
        return phrases.your_question.format(question=quoted[0])
    parts = [phrases.quoted.format(question=question) for question in quoted]
    parts += [phrases.another] * bool(others)
    *most, last = parts
    return f"{', '.join(most)}{phrases.joint}{last}" if most else last


def presentable(question: str) -> str:
    """The question as one may quote it back; empty where that would be impolite.

    Of several sentences the last, which asks, unless it says little: "What now?".
    """
    *others, last = re.split(r"(?<=[.!?])\s+", question.strip())
    if others:
        return presentable(last) if len(last.split()) >= ENOUGH_WORDS else ""
    words = _LEAD_IN.sub("", " ".join(question.split()), count=1)
    if words[-1:].isalnum() and (
        _ASKS.match(words) or asks_abroad(words)
    ):  # the first half of a double question
        words += "?"
    is_clean = words.endswith(("?", "？")) and len(words) <= MAX_QUESTION  # noqa: RUF001
    if not words or not is_clean or re.search(r"\bi\b|\?\?|!!", words):
        return ""
    return words[0].upper() + words[1:]

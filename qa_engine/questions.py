"""A message split into the questions that it asks. Imports no Django.

Each question carries what it needs from its surroundings: "It broke after 14 months. Is
this covered?" is looked up with both sentences. A complaint that asks nothing ("my zip
broke, i want repair") is one question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qa_engine.asking import LEANS_ABROAD, clauses, is_question
from qa_engine.messages import sentences
from qa_engine.settled import is_settled
from qa_engine.text import content_words

MAX_QUESTIONS = 5
# A question with fewer words of its own borrows from the sentences before it.
FEW_WORDS = 3
MAX_CONTEXT_SENTENCES = 2
# Words of a detail behind a question that is looked up with it.
MAX_DETAIL = 12
# What a message is about, it says early; more than this no encoder takes in.
MAX_MESSAGE_WORDS = 150
# More than this and it is a story, whose first sentences say what it is about.
MAX_STATEMENT_SENTENCES = 3

# Asks on about what was asked, in words that say nothing alone: "and what do I get for them".
_ASKS_ON = re.compile(r"\W*(?:and\s+)?(?:what|which|who|why|how)\b(?:\W+\w+){2}", re.IGNORECASE)
# What comes before "Also …?" is a question of its own, though it asks nothing.
_ADDS = re.compile(
    r"\W*(?:also|besides|additionally|another\s+(?:question|thing))\b", re.IGNORECASE
)
# Asks for a figure about what was asked before: "How much is it?".
_FIGURE = re.compile(
    r"\W*(?:and\s+|also\s+)*(?P<what>how\s+(?:much|long|many|often|far)|when|where)\b",
    re.IGNORECASE,
)
# Wonders, and asks nothing that another question does not.
_MUSES = re.compile(
    r"\W*(?:but\s+|and\s+)?(?:i|we)\s+(?:thought|assumed|believed|understood|was\s+told|were\s+told)\b",
    re.IGNORECASE,
)
# Words of a complaint that does not say what about: "It doesn't work", "problem with order".
_VAGUE_WORDS = """
broke broken bug error fail failed fast happen happened help issue issues item order ordered
    problem problems product question questions quick quickly said seem stuff subject support
    talk talked tell told urgent work worked working works wrong phone"""
_VAGUE = frozenset(_VAGUE_WORDS.split())
# Of a request for nothing but an answer: "Kindly look and let me know today".
_URGING = frozenset(
    {"advise", "answer", "asap", "kindly", "reply", "respond", "response", "today", "urgently"}
)
_ENDS = (".", "!", "?", ":", "。", "！", "？")  # noqa: RUF001
_LEANS = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|one|ones|there|so|either|both|the\s+same"
    rf"|{LEANS_ABROAD})\b",
    re.IGNORECASE,
)
# Words that look as if they leaned on something, but stand for nothing said before: "a pack
# that I have not used", "is there a discount", "how long does it take to", "in one order".
_STANDS_ALONE = re.compile(
    r"""\b(?:an?|the|any|my|your|our|some|no|every|all)\s+(?!ones?\b)(?:[\w-]+\s+){1,3}?that
        (?=\s+(?:i|we|you|he|she|they|has|have|had|is|are|was|were|does|did|do|will|can|cannot)\b)
      |\b(?:is|are|was|were)\s+there\b|\bthere\s+(?:is|are|was|were)\b
      |\b(?:does|do|did|will|would|is)\s+it\s+(?:\w+\s+)?(?:takes?|costs?|possible|allowed)
        (?=\s+(?:me\s+|us\s+)?(?:to|for|until|before)\b)
      |\bno\s+one\b|\bone(?=\s+(?!of\b|for\b|in\b|to\b|or\b|and\b|that\b|which\b|with\b)[a-z])""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the sentences that it cannot be understood without, and the message."""

    text: str
    context: str = ""
    # Of the message that asks it, subject first: what the whole of it is about.
    message: str = ""
    # How people read it, where it is half a sentence alone: "And the fee, can I avoid it?".
    in_full: str = ""

    @property
    def query(self) -> str:
        return f"{self.context} {self.text}".strip()

    @property
    def as_asked(self) -> str:
        return self.in_full or self.text

    @property
    def wants_figure(self) -> bool:
        """ "How long is it valid?", not "How do I get one?"."""
        return _FIGURE.match(self.text) is not None


def split_questions(text: str, subject: str = "") -> list[Question]:
    """The questions of a message in the order asked, at most `MAX_QUESTIONS`.

    Empty where nothing can be read as a question or a problem.
    """
    whole = sentences(text)
    said = list(clauses(whole))
    subject = "" if _is_empty_subject(subject) else subject.strip()
    message = " ".join(" ".join([subject, *whole]).split()[:MAX_MESSAGE_WORDS])
    return [replace(question, message=message) for question in _split(said, subject)]


def _split(said: list[str], subject: str) -> list[Question]:
    asked = [at for at, one in enumerate(said) if is_question(one)]
    asked = [at for at in asked if not _MUSES.match(said[at])] or asked
    if not asked:
        return [] if is_settled(said) else _from_statement(said, subject)
    questions: list[Question] = []
    last = -1
    for at in asked:
        before = [one for one in said[last + 1 : at] if content_words(one)]
        if before and not questions and _ADDS.match(said[at]):
            questions.append(Question(" ".join(before[-MAX_STATEMENT_SENTENCES:]), subject))
        question = _in_context(said[at], before, questions, subject)
        if question is not None:
            questions.append(question)
        last = at
    if len(questions) == 1:
        questions[-1] = _with_what_follows(questions[-1], said[last + 1 :])
    told = [question for question in _unique(questions) if _says_something(question)]
    return told[:MAX_QUESTIONS] or _from_statement(said, subject)


def _in_context(
    sentence: str, before: list[str], earlier: list[Question], subject: str
) -> Question | None:
    """The question with what it leans on; None where it asks nothing of its own."""
    own = content_words(sentence)
    if set(own) <= _URGING:
        own = []
    if not own and not before:
        # "Is that possible?" right after a question, or "How are you?" before one.
        if earlier and (_FIGURE.match(sentence) or _ASKS_ON.match(sentence)):
            return Question(sentence, earlier[-1].query)
        return Question(subject, "") if not earlier and content_words(subject) else None
    if not own:
        return Question(" ".join([*before[-MAX_CONTEXT_SENTENCES:], sentence]), subject)
    context: list[str] = []
    leans = _leans(sentence)
    if leans or len(own) <= FEW_WORDS:
        context = before[-MAX_CONTEXT_SENTENCES:]
        if not context and earlier:
            context = [earlier[-1].query]
        # A subject is often about another matter, and what it is about the message tells too.
        if subject and not earlier and (leans or len(own) < FEW_WORDS):
            context = [subject, *context]
    return Question(sentence, " ".join(context), in_full=_in_full(sentence, own, before))


def _in_full(sentence: str, own: list[str], before: list[str]) -> str:
    """With the clause before it that it leans on, or the sentence where it says nothing itself."""
    if not before or not _leans(sentence):
        return ""
    told = before[-1].rstrip(" \"')")
    if not told.endswith(_ENDS):
        return f"{told.rstrip(',;')}, {sentence}"
    return "" if set(own) - _VAGUE else f"{before[-1]} {sentence}"


def _leans(sentence: str) -> bool:
    return _LEANS.search(_STANDS_ALONE.sub(" ", sentence)) is not None


def _with_what_follows(question: Question, after: list[str]) -> Question:
    """A short question with the detail given behind it: "… my money? I paid with PayPal."."""
    detail = next((one for one in after if content_words(one)), "")
    if (
        not detail
        or len(content_words(question.text)) > FEW_WORDS
        or len(detail.split()) > MAX_DETAIL
        or not _tells_of_me(detail)
    ):
        return question
    return replace(question, context=f"{question.context} {detail}".strip())


def _tells_of_me(sentence: str) -> bool:
    return re.match(r"\W*(?:i|we|it|my|our)\b", sentence, re.IGNORECASE) is not None


def _from_statement(said: list[str], subject: str) -> list[Question]:
    told = [one for one in said if content_words(one)][:MAX_STATEMENT_SENTENCES]
    question = Question(" ".join(told), subject) if told else Question(subject)
    return [question] if _says_something(question) else []


def _says_something(question: Question) -> bool:
    """Whether anything in it could be looked up; "It doesn't work" alone could not."""
    return bool(set(content_words(question.query)) - _VAGUE)


def _unique(questions: list[Question]) -> list[Question]:
    """Without those that ask the same; one that leans is told apart by what it leans on too."""
    seen: dict[tuple[frozenset[str], str], Question] = {}
    for question in questions:
        own = content_words(question.text)
        asked = content_words(
            question.query if not own or _leans(question.text) else question.text
        )
        what = ""
        if figure := _FIGURE.match(question.text):
            what = " ".join(figure["what"].lower().split())
        elif not own and _ASKS_ON.match(question.text):
            what = question.text.lower()
        seen.setdefault((frozenset(asked), what), question)
    return list(seen.values())


def _is_empty_subject(subject: str) -> bool:
    """Subjects that say nothing: "Question", "Help!", "(no subject)"."""
    words = set(content_words(subject))
    return not words - {"question", "questions", "urgent", "order", "problem", "subject", "fwd"}

"""The values that pass between the stages, and out of the engine. Imports no Django.

    DraftRequest → questions → Candidate → Span → Finding → DraftResult

All offsets count characters (code points), `text[start:end]`, so that they mean the
same in Python and in PostgreSQL's `substring`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.types import CUSTOMER, Viewer

if TYPE_CHECKING:
    from qa_engine.grounding.types import Grounding


class Reason(StrEnum):
    """Why a question got no answer, or a ticket no draft."""

    NO_PASSAGE = "no_passage"  # nothing published says anything about it
    UNCLEAR = "unclear"  # no question could be read in the text
    LOW_CONFIDENCE = "low_confidence"  # something was found, but it is not sure enough
    WANTS_PERSON = "wants_person"
    NEEDS_ORDER_DATA = "needs_order_data"  # only the shop's order system knows
    LANGUAGE = "language"  # nothing is published in the language of the message
    # Sensitive: a person answers, from the first word, whatever is switched on.
    ANGER = "anger"
    LEGAL = "legal"
    THREATS = "threats"
    SELF_HARM = "self_harm"
    PAYMENT_DATA = "payment_data"
    MINORS = "minors"  # a child writes, or has ordered
    INJURY = "injury"
    SENSITIVE = "sensitive"  # of drafts from before the kinds were told apart

    @property
    def is_sensitive(self) -> bool:
        return self in SENSITIVE

    @property
    def is_for_a_person(self) -> bool:
        """Decided by what was written, before anything was looked up."""
        return self in SENSITIVE or self is Reason.WANTS_PERSON


SENSITIVE = frozenset(
    {
        Reason.ANGER,
        Reason.LEGAL,
        Reason.THREATS,
        Reason.SELF_HARM,
        Reason.PAYMENT_DATA,
        Reason.MINORS,
        Reason.INJURY,
        Reason.SENSITIVE,
    }
)


@dataclass(frozen=True, slots=True)
class Precedent:
    """A like question that a person answered, and what of an article says what they wrote."""

    article_id: int
    # The sentence in words, as `Stated.said`.
    quote: str
    # Cosine of both questions.
    similarity: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a retriever proposes."""

    passage_id: int
    article_id: int
    revision_id: int
    title: str
    heading_path: str
    # The passage, equal to `revision.body[start:end]`.
    text: str
    start: int
    end: int
    # Higher is better; comparable only within one retrieval.
    score: float
    # Lane → score of that lane, for the explanation ("lexical", "dense").
    lanes: dict[str, float] = field(default_factory=dict)
    # The whole revision, for what stands around the passage: headings, a table's head.
    body: str = ""
    # Those of the question that speak for this article.
    precedents: tuple[Precedent, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a candidate that answer the question."""

    candidate: Candidate
    # Offsets in the revision's body, not in the passage.
    start: int
    end: int
    text: str
    # Raw score of the reader; see `confidence` of the outcome for a probability.
    score: float
    heading_path: str = ""
    # Of all the sentences proposed, the part of the belief that this one takes: 0 … 1.
    share: float = 0.0
    # The same of all sentences of its section, and of its article.
    section_share: float = 0.0
    article_share: float = 0.0
    # What like questions that people answered say for it: see `likeness`.
    precedent: float = 0.0
    # Of the sentence itself, without what it needs to stand alone; both 0 where it is all.
    core_start: int = 0
    core_end: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A citation: words of a revision that support a sentence of the draft."""

    article_id: int
    revision_id: int
    title: str
    heading_path: str
    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the draft, where it stands in the body, and what supports it.

    Greeting, signature and "the knowledge base does not say" have no evidence and
    `is_claim` false; each claim has at least one piece of evidence.
    """

    text: str
    start: int
    end: int
    evidence: tuple[Evidence, ...] = ()
    is_claim: bool = True


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What became of one question of a ticket."""

    question: str
    is_answered: bool
    confidence: float
    reason: Reason | None = None
    evidence: tuple[Evidence, ...] = ()
    # The next best candidates, for "why this and not that".
    runners_up: tuple[Evidence, ...] = ()
    # What the confidence was made of, by name; empty where nothing was read.
    features: dict[str, float] = field(default_factory=dict)
    # Whether a language model put it so; else it is in the customer's words.
    is_restated: bool = False


class Tone(StrEnum):
    """How a queue speaks to its requesters."""

    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A ticket's newest message as the engine sees it. Knows no ticket."""

    text: str
    subject: str = ""
    requester_name: str = ""
    language: str = "en"
    signature: str = ""
    viewer: Viewer = CUSTOMER
    # Names the queue for the calibration, which may have a scale of its own for it.
    segment: str = ""
    tone: Tone = Tone.NEUTRAL
    # Numbers of orders that the shop knows, to be taken out of what a model reads.
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftResult:
    """The draft, or the reason why there is none (then `body` is empty)."""

    body: str
    sentences: tuple[Sentence, ...]
    questions: tuple[QuestionOutcome, ...]
    # Calibrated probability that an agent would approve it as it stands.
    confidence: float
    reason: Reason | None
    # Names weights, index and code that made it.
    fingerprint: str
    seconds: float
    # The engine's own confidence, before what agents decided was brought to bear on it.
    own_confidence: float | None = None
    # The check of each sentence against its citations, and what became of a rewritten draft.
    grounding: Grounding | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a single question, for the portal, the API and `manage.py ask`."""

    question: str
    text: str
    confidence: float
    reason: Reason | None
    evidence: tuple[Evidence, ...]
    runners_up: tuple[Evidence, ...]
    fingerprint: str
    seconds: float

    @property
    def is_answered(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence for the letter, in plain words, with the raw words that it quotes."""

    text: str
    evidence: tuple[Evidence, ...]
    # Of a list item: "-" or "1.".
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A question's outcome, and what the writer may say about it."""

    outcome: QuestionOutcome
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A turn of a conversation with a language model: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What a language model wrote, or why it wrote nothing."""

    text: str
    problem: str = ""
    # The model or its server cannot be had at all; the problem is not this conversation's.
    is_unavailable: bool = False


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A letter in a model's words, not checked yet; `problem` says why there is none."""

    body: str
    sentences: tuple[Sentence, ...]
    problem: str = ""

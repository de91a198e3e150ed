"""From tickets to training examples: only what a person wrote, changed or turned down.

Reads; writes nothing. The engine gets redacted text and the name of its source, never a
ticket. What is left out is counted, by reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from helpdesk.models import Citation, Draft, Message, Ticket
from qa_engine import services as engine
from qa_engine.redaction import Redactor
from qa_engine.training.examples import Example, Source, Taught

#: A sentence of fewer words is a courtesy.
MIN_WORDS = 4
#: Tickets that are read at once.
CHUNK = 200

#: Reasons that say that the passages were the wrong ones; tone says nothing about them.
WRONG_PASSAGES = frozenset({Draft.RejectReason.WRONG, Draft.RejectReason.NOT_ASKED})

UNEDITED = "unedited drafts"
OBJECTED = "customers who objected"
NOTHING_OWN = "replies without a sentence of the agent's own"
NO_QUESTION = "replies to no question"
TOO_FRESH = "replies that may still be taken back"

_SPACE = re.compile(r"\W+")


@dataclass
class Collected:
    examples: list[Example] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def collect(since: datetime | None = None) -> Collected:
    """All examples of the shop's tickets, oldest ticket first."""
    found = Collected()
    tickets = Ticket.objects.order_by("pk")
    if since is not None:
        tickets = tickets.filter(updated_at__gte=since)
    objected = tickets.exclude(requester__objected_to_training_at=None)
    found.left_out[OBJECTED] = objected.values("requester").distinct().count()
    for ticket in _readable(tickets):
        found.examples += _of_ticket(ticket, found.left_out)
    return found


def answers_on(ticket_id: int) -> list[Example]:
    """What agents wrote themselves on one ticket."""
    left_out: Counter[str] = Counter()
    return [
        example
        for ticket in _readable(Ticket.objects.filter(pk=ticket_id))
        for example in _of_ticket(ticket, left_out)
        if example.reply
    ]


def may_learn_from(ticket_id: int) -> bool:
    """Whether it is there, and its customer has not objected."""
    tickets = Ticket.objects.filter(pk=ticket_id, requester__objected_to_training_at=None)
    return tickets.exists()


def source_of(ticket_id: int) -> str:
    """How a training set names a ticket."""
    return f"ticket:{ticket_id}"


def _readable(tickets: QuerySet[Ticket]) -> Iterator[Ticket]:
    """With all that is read of them, but those of customers who objected."""
    drafts = Draft.objects.prefetch_related(
        Prefetch("citations", Citation.objects.select_related("revision__article"))
    )
    allowed = tickets.filter(requester__objected_to_training_at=None)
    return (
        allowed.select_related("requester", "queue")
        .prefetch_related(
            Prefetch("messages", Message.objects.select_related("author").order_by("pk")),
            Prefetch("drafts", drafts.order_by("pk")),
        )
        .iterator(chunk_size=CHUNK)
    )


def _of_ticket(ticket: Ticket, left_out: Counter[str]) -> list[Example]:
    thread = [one for one in ticket.messages.all() if one.kind == Message.Kind.REPLY]
    drafts = list(ticket.drafts.all())
    people = {ticket.requester.name, *(one.author.name for one in thread if one.author)}
    names = sorted(name for name in people if name)
    references = [ticket.order_reference] if ticket.order_reference else []
    made = _Maker(ticket, drafts, Redactor(names, references))
    examples: list[Example] = []
    asked: list[Message] = []
    for message in thread:
        if message.is_from_requester:
            asked.append(message)
            examples += made.rejections(message)
            continue
        if message.approved_by_id is not None:
            example = made.reply(message, asked, left_out)
            examples += [example] if example else []
        asked = []
    return examples


@dataclass
class _Maker:
    """Examples of one ticket, whose placeholders are the same in all its texts."""

    ticket: Ticket
    drafts: Sequence[Draft]
    redactor: Redactor

    def reply(
        self, reply: Message, asked: Sequence[Message], left_out: Counter[str]
    ) -> Example | None:
        draft = next((one for one in self.drafts if one.reply_id == reply.pk), None)
        own = self._own_sentences(reply)
        if reply.send_after is not None and reply.send_after > timezone.now():
            left_out[TOO_FRESH] += 1
        elif draft is not None and draft.state == Draft.State.APPROVED:
            left_out[UNEDITED] += 1
        elif not own:
            left_out[NOTHING_OWN] += 1
        elif not (question := self._question(asked)):
            left_out[NO_QUESTION] += 1
        else:
            return self._example(
                Taught.EDITED if draft else Taught.WRITTEN,
                question,
                reply=" ".join(own),
                draft=draft.body if draft else "",
                positives=engine.passages_that_say(own),
                negatives=_sources(_dropped(draft, reply)) if draft else (),
            )
        return None

    def rejections(self, message: Message) -> Iterator[Example]:
        for draft in self.drafts:
            if draft.message_id != message.pk or draft.state != Draft.State.REJECTED:
                continue
            question = self._question([message])
            if question and draft.body:
                is_wrong = draft.reject_reason in WRONG_PASSAGES
                yield self._example(
                    Taught.REJECTED,
                    question,
                    draft=draft.body,
                    reason=draft.reject_reason,
                    negatives=_sources(draft.citations.all()) if is_wrong else (),
                )

    def _example(
        self,
        taught: Taught,
        question: str,
        *,
        reply: str = "",
        draft: str = "",
        reason: str = "",
        positives: Sequence[Source] = (),
        negatives: Sequence[Source] = (),
    ) -> Example:
        wanted = {(one.article, one.text) for one in positives}
        return Example(
            source=source_of(self.ticket.pk),
            taught=taught,
            question=self.redactor.redact(question),
            reply=self.redactor.redact(reply),
            draft=self.redactor.redact(draft),
            reason=reason,
            language=self.ticket.language,
            queue=self.ticket.queue.slug,
            positives=tuple(positives),
            negatives=tuple(one for one in negatives if (one.article, one.text) not in wanted),
        )

    def _question(self, asked: Sequence[Message]) -> str:
        """What was asked since the last reply; the subject too, where it says more."""
        texts = [" ".join(engine.sentences_of(one.body)) for one in asked]
        first = self.ticket.messages.all()[0] if asked else None
        if asked and first is not None and asked[0].pk == first.pk:
            texts.insert(0, self.ticket.subject)
        return "\n".join(text for text in texts if text)

    def _own_sentences(self, reply: Message) -> list[str]:
        """Without the signature, courtesies, and every sentence that the engine had drafted."""
        body = reply.body.strip().removesuffix(self.ticket.queue.signature.strip())
        echo = {_key(one) for draft in self.drafts for one in engine.sentences_of(draft.body)}
        return [
            one
            for one in engine.sentences_of(body)
            if len(one.split()) >= MIN_WORDS and _key(one) not in echo
        ]


def _dropped(draft: Draft, reply: Message) -> list[Citation]:
    """What the draft quoted in sentences that the agent took out."""
    kept = {_key(one) for one in engine.sentences_of(reply.body)}
    return [
        one
        for one in draft.citations.all()
        if not _is_kept(draft.body[one.sentence_start : one.sentence_end], kept)
    ]


def _is_kept(sentence: str, kept: set[str]) -> bool:
    return any(_key(one) in kept for one in engine.sentences_of(sentence))


def _sources(citations: Iterable[Citation]) -> tuple[Source, ...]:
    found = {
        (one.revision.article.slug, one.start): Source(
            one.revision.article.slug, one.revision.title, one.heading_path, one.quote
        )
        for one in citations
    }
    return tuple(found.values())


def _key(sentence: str) -> str:
    """Equal for sentences that differ in signs, spaces and capitals alone."""
    return _SPACE.sub(" ", sentence.lower()).strip()

"""As many tickets as one likes, over the days that a night looks at, written by bulk inserts.

As shops have them: most were answered by a draft, some drafts abstained, some tickets were
answered late or badly rated; agents replied to nearly all, to those who asked the same in
much the same words, and decided about a part of the drafts.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Left
from django.utils import timezone

from helpdesk.gaps import DAYS
from helpdesk.models import (
    Citation,
    Draft,
    DraftDecision,
    Message,
    Queue,
    Ticket,
    TicketRating,
    User,
)
from knowledge.models import Article

CHUNK = 2000
PEOPLE = 2000
#: Shares of all tickets.
ABSTAINED, LATE, RATED_BADLY, REPLIED = 0.1, 0.03, 0.02, 0.95
#: Of the drafts with an answer, those that somebody decided about, and what was decided.
DECIDED = 0.4
_VERDICTS = ("approved", "approved", "approved", "light", "light", "heavy", "replaced")
OPENINGS = ("", "Hello, ", "Hi there. ", "Good morning! ", "Quick one: ", "Please help. ")
CLOSINGS = ("", " Thanks!", " Thank you in advance.", " It is urgent.", " Kind regards")
_TOLD = (
    "We answer this within {n} working days, and nobody need write again.",
    "The charge for it is {n} euros, which is shown before anything is confirmed.",
    "If it takes longer than {n} days, the amount is paid back by itself.",
    "Open the app, choose Settings and then item {n} to change it.",
    "Only accounts that are older than {n} months may do so.",
)
_QUOTED = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a file, and the name of those that ask the same."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Shop:
    """Who and what the tickets are about."""

    queue: Queue
    agent: User
    people: Sequence[User]
    # Published revisions, with the first letters of each.
    revisions: Sequence[tuple[int, str]]


def add_tickets(count: int, questions: Sequence[Asked], seed: int) -> None:
    """Tickets with a message, a draft and mostly a reply each."""
    chance = random.Random(seed)  # no secret
    shop = _shop()
    for first in range(0, count, CHUNK):
        asked = [chance.choice(questions) for _number in range(min(CHUNK, count - first))]
        _add(shop, asked, chance)


def _shop() -> Shop:
    queue, _new = Queue.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    agent, _new = User.objects.get_or_create(email="agent@example.com", defaults={"name": "Ada"})
    people = list(User.objects.filter(name__startswith="Person ").order_by("pk"))
    people = people or User.objects.bulk_create(
        User(email=f"person{number}@example.com", name=f"Person {number}", password="!")
        for number in range(PEOPLE)
    )
    opening = Left("published_revision__body", _QUOTED)
    shown = Article.objects.published().annotate(opening=opening).order_by("pk")
    return Shop(queue, agent, people, list(shown.values_list("published_revision", "opening")))


def _add(shop: Shop, asked: Sequence[Asked], chance: random.Random) -> None:
    texts = [chance.choice(OPENINGS) + one.text + chance.choice(CLOSINGS) for one in asked]
    tickets = Ticket.objects.bulk_create(_ticket(shop, text, chance) for text in texts)
    messages = Message.objects.bulk_create(
        Message(
            ticket=ticket,
            author_id=ticket.requester_id,
            is_from_requester=True,
            body=text,
            created_at=ticket.created_at,
        )
        for ticket, text in zip(tickets, texts, strict=True)
    )
    Message.objects.bulk_create(
        Message(
            ticket=ticket,
            author=shop.agent,
            approved_by=shop.agent,
            body=_reply(ticket, one.intent, chance),
            created_at=ticket.first_replied_at,
        )
        for ticket, one in zip(tickets, asked, strict=True)
        if ticket.first_replied_at
    )
    TicketRating.objects.bulk_create(
        TicketRating(ticket=ticket, rating=TicketRating.Rating.BAD)
        for ticket in tickets
        if chance.random() < RATED_BADLY
    )
    drafts = Draft.objects.bulk_create(_draft(message, chance) for message in messages)
    _cite_and_decide(shop, [draft for draft in drafts if draft.body], chance)


def _ticket(shop: Shop, text: str, chance: random.Random) -> Ticket:
    created_at = timezone.now() - timedelta(days=chance.uniform(1, DAYS - 1))
    due_at = created_at + timedelta(hours=8)
    replied_at = created_at + timedelta(hours=chance.uniform(0.2, 7))
    if chance.random() < LATE:
        replied_at += timedelta(hours=8)
    return Ticket(
        subject=text[:60],
        requester=chance.choice(shop.people),
        queue=shop.queue,
        created_at=created_at,
        due_at=due_at,
        first_replied_at=replied_at if chance.random() < REPLIED else None,
    )


def _reply(ticket: Ticket, intent: str, chance: random.Random) -> str:
    """Two things about what was asked, the same to whoever asks it, in any order."""
    number = zlib.crc32(intent.encode())
    told = [_TOLD[(number + at) % len(_TOLD)].format(n=2 + number % 40) for at in range(2)]
    chance.shuffle(told)
    about = f"About {intent.replace('_', ' ')}: {' '.join(told)}"
    return f"Hello {ticket.requester.name},\n\n{about}\n\nKind regards, Ada"


def _draft(message: Message, chance: random.Random) -> Draft:
    is_answered = chance.random() >= ABSTAINED
    reason = None if is_answered else "no_passage"
    outcome = {"question": message.body, "is_answered": is_answered, "reason": reason}
    return Draft(
        ticket_id=message.ticket_id,
        message=message,
        fingerprint="bench",
        body="An answer." if is_answered else "",
        reason=reason or "",
        confidence=0.9 if is_answered else 0.0,
        questions=[outcome],
    )


def _cite_and_decide(shop: Shop, drafts: Sequence[Draft], chance: random.Random) -> None:
    if shop.revisions:
        Citation.objects.bulk_create(
            Citation(
                draft=draft,
                number=1,
                sentence_start=0,
                sentence_end=len(draft.body),
                revision_id=revision,
                start=0,
                end=len(opening),
                quote=opening,
            )
            for draft in drafts
            for revision, opening in [chance.choice(shop.revisions)]
        )
    DraftDecision.objects.bulk_create(
        DraftDecision(
            draft=draft,
            verdict=chance.choice(_VERDICTS),
            language="en",
            queue=shop.queue,
            fingerprint=draft.fingerprint,
            own_confidence=draft.confidence,
            confidence=draft.confidence,
            decided_at=draft.created_at,
        )
        for draft in drafts
        if chance.random() < DECIDED
    )

"""Everything a suggestion's page shows, read in a constant number of queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk import replays
from helpdesk.effects import WEEKS
from helpdesk.models import Draft, Message, ReplayedTicket, Ticket, User
from helpdesk.suggestions.outcome import gap_outcome_of, outcome_of
from helpdesk.suggestions.tracing import evidence_of, trace_of
from knowledge.diffing import Piece, Row, by_phrase, diff_lines, diff_words
from knowledge.languages import languages_known, name_of
from knowledge.models import Category, Revision, Suggestion, SuggestionEvidence
from knowledge.services.gates import may_publish
from knowledge.services.suggestions import may_accept, may_dismiss, text_for_head
from knowledge.types import ArticleText

#: Rows of evidence shown; the rest is counted.
MOST_EVIDENCE = 50
#: How much of a message stands open beside the diff.
EXCERPT = 1200
#: Shown as a page and not as a comparison: there is nothing to compare with.
_WITHOUT_CHANGE = frozenset(
    {Suggestion.Kind.NEW_ARTICLE, Suggestion.Kind.RETIRE, Suggestion.Kind.CHECK}
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence with the ticket that it is from, if there still is one."""

    row: SuggestionEvidence
    ticket: Ticket | None
    question: str
    # The quoted reply in pieces, with those that are quoted marked.
    reply: tuple[tuple[str, bool], ...]
    # Of the sentences of the text, those that it speaks for.
    numbers: tuple[int, ...] = ()

    @property
    def is_open(self) -> bool:
        return bool(self.question or self.reply)


@dataclass(frozen=True, slots=True)
class Change:
    """What would change, in words: the old text, the new one, and the way between."""

    old: ArticleText
    new: ArticleText
    rows: list[Row]
    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    # The article has moved on, and the edit could be carried over.
    is_rebased: bool = False
    is_conflicting: bool = False


def find(user: User, pk: int) -> Suggestion | None:
    rows = Suggestion.objects.visible_to(user).select_related(
        "article__head", "article__published_revision", "article__category", "base_revision",
        "category", "decided_by", "revision", "other_article__published_revision",
        "other_article__head",
    )  # fmt: skip
    return rows.filter(pk=pk).first()


def page_context(suggestion: Suggestion, user: User) -> dict[str, Any]:
    change = change_of(suggestion)
    evidence = list(evidence_of(suggestion)[: MOST_EVIDENCE + 1])
    is_preview = suggestion.kind in _WITHOUT_CHANGE
    trace = trace_of(suggestion, change.new, evidence[:MOST_EVIDENCE]) if is_preview else None
    order = list(Suggestion.objects.open().values_list("pk", flat=True)[:500])
    at = order.index(suggestion.pk) if suggestion.pk in order else -1
    article = suggestion.article
    replay = replays.newest(suggestion=suggestion)
    figures = replays.figures(replay) if replay else {}
    return {
        "suggestion": suggestion,
        "article": article,
        "change": change,
        "proofs": proofs_of(evidence[:MOST_EVIDENCE], user, trace.numbers if trace else {}),
        "has_more_evidence": len(evidence) > MOST_EVIDENCE,
        "effect_words": effect_in_words(suggestion),
        "replay": replay,
        "figures": figures,
        "is_older_text": replay is not None and replays.is_of_older_text(replay),
        "is_other_engine": replay is not None and replays.is_against_other_engine(replay),
        "replay_differs": any(figures.get(outcome) for outcome in ReplayedTicket.Outcome),
        "waiting_drafts": _waiting_drafts(suggestion),
        "held_drafts": _held_drafts(suggestion),
        "outcome": outcome_of(suggestion) if suggestion.is_accepted else None,
        "gap_outcome": gap_outcome_of(suggestion),
        "next_pk": order[at + 1] if at + 1 < len(order) else None,
        "previous_pk": order[at - 1] if at > 0 else None,
        "position": at + 1,
        "queue_length": len(order),
        "may_accept": may_accept(user) and (may_publish(user) or not suggestion.takes_away),
        "may_publish": may_publish(user),
        "may_dismiss": may_dismiss(user),
        "will_publish": may_publish(user)
        and not (article is not None and article.has_unpublished_changes),
        "dismiss_reasons": Suggestion.DismissReason.choices,
        "preview": trace.preview if trace else "",
        **_places(suggestion),
        "base_revision": article.head_id if article else "",
        "can_undo": article is not None
        and suggestion.is_undoable
        and article.head_id == suggestion.revision_id,
    }


def _places(suggestion: Suggestion) -> dict[str, Any]:
    """Where a new article can stand, and what it can be written in."""
    if suggestion.kind != Suggestion.Kind.NEW_ARTICLE or not suggestion.is_open:
        return {}
    return {
        "categories": Category.objects.in_tree_order(),
        "languages": {suggestion.language: name_of(suggestion.language)} | languages_known(),
        "chosen_category": suggestion.category_id,
        "chosen_language": suggestion.language,
    }


def change_of(suggestion: Suggestion) -> Change:
    """Against the article's newest text while open; against the text it was made of after."""
    base, proposed = suggestion.base_revision, _proposed(suggestion)
    article = suggestion.article
    if base is None or article is None:
        return _change(ArticleText("", ""), proposed)
    head = article.head
    if not suggestion.is_open or head is None or head.pk == base.pk:
        return _change(base.text, _accepted(suggestion) or proposed)
    text = text_for_head(suggestion, head)
    if text is None:
        return _change(base.text, proposed, is_conflicting=True)
    return _change(head.text, text, is_rebased=True)


def effect_in_words(suggestion: Suggestion) -> str:
    """ "23 tickets a week · ~3 h of work"; of less than one a week, how many there were.

    Readers where it is about them; empty where nobody has said anything yet.
    """
    weekly = suggestion.tickets_per_week
    if not weekly and not suggestion.ticket_count:
        readers = int(suggestion.effect.get("readers", 0))
        return ngettext("%d reader", "%d readers", readers) % readers if readers else ""
    if weekly >= 1:
        count = round(weekly)
        tickets = ngettext("%d ticket a week", "%d tickets a week", count) % count
    else:
        # Without tickets among its evidence: how many of the last weeks rest on it.
        count = suggestion.ticket_count or round(weekly * WEEKS)
        tickets = ngettext("%d ticket", "%d tickets", count) % count
    minutes = suggestion.weekly_minutes or 0
    if minutes < 1:
        return tickets
    work = (
        _("~%(hours)s h of work") % {"hours": f"{minutes / 60:.0f}"}
        if minutes >= 60
        else _("~%(minutes)d min of work") % {"minutes": minutes}
    )
    return f"{tickets} · {work}"


def proofs_of(
    rows: Sequence[SuggestionEvidence], user: User, says: Mapping[int, tuple[int, ...]]
) -> list[Proof]:
    """The evidence with its tickets, as far as `user` may read them: three queries."""
    numbers = {row.ticket_number for row in rows if row.ticket_number is not None}
    tickets = {
        ticket.number: ticket
        for ticket in Ticket.objects.visible_to(user).filter(number__in=numbers)
    }
    ids = [ticket.pk for ticket in tickets.values()]
    messages = Message.objects.visible_to(user).filter(ticket__in=ids)
    replies = messages.in_bulk([row.message_id for row in rows if row.message_id])
    asked: dict[int, str] = {}
    for ticket_id, body in (
        messages.from_requester().order_by("created_at", "pk").values_list("ticket", "body")
    ):
        asked.setdefault(ticket_id, body)
    return [
        replace(
            _proof(row, tickets.get(row.ticket_number or 0), replies, asked),
            numbers=says.get(row.message_id or 0, ())
            if row.kind == SuggestionEvidence.Kind.REPLY
            else (),
        )
        for row in rows
    ]


def _proof(
    row: SuggestionEvidence,
    ticket: Ticket | None,
    replies: dict[int, Message],
    asked: dict[int, str],
) -> Proof:
    if ticket is None or row.forgotten_at is not None:
        return Proof(row, ticket, "", ())
    reply = replies.get(row.message_id or 0)
    body = reply.body if reply is not None and row.kind == SuggestionEvidence.Kind.REPLY else ""
    return Proof(row, ticket, asked.get(ticket.pk, "")[:EXCERPT], _marked(body, row.quote))


def _marked(body: str, quote: str) -> tuple[tuple[str, bool], ...]:
    """The body in pieces: what the quote's lines quote, and what stands around them.

    Lines that are not there as quoted are not marked; long ends are cut.
    """
    pieces: list[tuple[str, bool]] = []
    at = 0
    for line in [quote] if quote in body else quote.split("\n"):
        words = r"\s+".join(re.escape(word) for word in line.split())
        found = re.compile(words).search(body, at) if words else None
        if found:
            pieces += [(body[at : found.start()], False), (found[0], True)]
            at = found.end()
    if pieces:
        pieces[0] = (pieces[0][0][-EXCERPT:], False)
    pieces.append((body[at:][:EXCERPT], False))
    return tuple((text, is_quoted) for text, is_quoted in pieces if text)


def _change(old: ArticleText, new: ArticleText, **flags: bool) -> Change:
    return Change(
        old=old,
        new=new,
        rows=[
            replace(row, pieces=by_phrase(row.pieces))
            for row in diff_lines(old.body, new.body, context=2)
        ],
        title=_pieces(old.title, new.title),
        summary=_pieces(old.summary, new.summary),
        **flags,
    )


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    return by_phrase(diff_words(old, new)) if old != new else ()


def _proposed(suggestion: Suggestion) -> ArticleText:
    return ArticleText(suggestion.title, suggestion.body, suggestion.summary)


def _accepted(suggestion: Suggestion) -> ArticleText | None:
    revision: Revision | None = suggestion.revision
    return revision.text if revision is not None else None


def _waiting_drafts(suggestion: Suggestion) -> int:
    """Drafts that rest on the paragraph, and would be written anew."""
    base = suggestion.base_revision
    if not suggestion.is_open or base is None or suggestion.paragraph_start is None:
        return 0
    return (
        Draft.objects.waiting()
        .filter(
            citations__revision=base,
            citations__start__lt=suggestion.paragraph_end,
            citations__end__gt=suggestion.paragraph_start,
        )
        .distinct()
        .count()
    )


def _held_drafts(suggestion: Suggestion) -> int:
    """Drafts that cannot be sent before it is decided: what they quote may not be true."""
    return Draft.objects.held_for(suggestion.pk).count() if suggestion.is_open else 0

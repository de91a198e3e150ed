"""Each impossible state, asked of the database itself: it refuses, by the constraint's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.models import Draft, Replay, TicketEvent
from knowledge.models import FactChange, FactPlace, Revision, SuggestionEvidence
from knowledge.services.sources import add_version
from knowledge.services.suggestions import propose
from knowledge.sourcing.reading import SourceText
from knowledge.staleness import retiring
from qa_engine.training_models import ModelVersion
from tests.factories import TicketFactory, UserFactory

NOW = timezone.now()
DRAFT = {"fingerprint": "f", "confidence": 0.5, "body": "Yes."}
CITATION = {"number": 1, "sentence_start": 0, "sentence_end": 4}
TAUGHT = {"change": "added", "said": "60 days.", "start": 0, "end": 3, "fact_key": "60 day"}
MACRO = {"name": "Greeting", "body": "Hello."}
MAILED = {"body": "x", "delivery": "queued", "message_id": "<1@x>", "approved_rule": "r"}

#: Model, the constraint, and the rows of which the last is refused.
REFUSED: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("user", "user_email_is_lower_case", [{"email": "A@x.example"}]),
    ("user", "user_staff_iff_agent_or_admin", [{"email": "a@x.example", "is_staff": True}]),
    ("user", "user_editorial_role_is_of_an_agent",
     [{"email": "a@x.example", "editorial_role": "publisher"}]),
    ("user", "user_superuser_is_admin", [{"email": "a@x.example", "is_superuser": True}]),
    ("queue", "queue_one_default", [{"slug": s, "name": s, "is_default": True} for s in "ab"]),
    ("queue", "queue_first_reply_within_a_year", [{"slug": "a", "first_reply_hours": 0}]),
    ("queue", "queue_suggestion_needs_a_ticket", [{"slug": "a", "suggestion_threshold": 0}]),
    ("queue", "queue_tone_is_known", [{"slug": "a", "tone": "rude"}]),
    ("shadowdraft", "shadow_once_per_draft", [{}, {}]),
    ("shadowdraft", "shadow_has_body_or_reason", [{"reason": "unclear"}]),
    ("gap", "gap_answered_at_iff_answered", [{"state": "answered"}]),
    ("gapquestion", "gap_question_once", [{}, {}]),
    ("gapquestion", "gap_question_known_why", [{"why": "so"}]),
    ("gapnight", "gap_night_finished_iff_done", [{"key": "1", "stage": "done"}]),
    ("gapnight", "gap_night_done_within_total", [{"key": "1", "done": 2, "total": 1}]),
    ("replay", "replay_of_one_change", [{"threshold": None}]),
    ("replay", "replay_threshold_is_a_probability", [{"threshold": 1.5}]),
    ("replay", "replay_done_at_most_total", [{"done": 2, "total": 1}]),
    ("replay", "replay_known_state", [{"state": "lost"}]),
    ("replay", "replay_open_once", [{"fingerprint": "1"}, {"fingerprint": "2"}]),
    ("replayedticket", "replayed_once_per_message", [{}, {}]),
    ("replayedticket", "replayed_known_outcome", [{"outcome": "same"}]),
    ("taughtfact", "taught_once_per_reply", [TAUGHT, TAUGHT]),
    ("taughtfact", "taught_place_not_empty", [TAUGHT | {"end": 0}]),
    ("taughtfact", "taught_corrected_iff_old_value", [TAUGHT | {"change": "corrected"}]),
    ("tag", "tag_name_once", [{"name": "Zip"}, {"name": "zIP"}]),
    ("ticket", "ticket_known_status", [{"status": "lost"}]),
    ("ticket", "ticket_known_priority", [{"priority": 5}]),
    ("ticket", "ticket_has_subject", [{"subject": ""}]),
    ("ticket", "ticket_solved_at_iff_done", [{"status": "solved"}]),
    ("ticket", "ticket_closed_at_iff_closed", [{"status": "closed", "solved_at": NOW}]),
    ("ticket", "ticket_times_are_ordered", [{"first_replied_at": NOW - timedelta(days=1)}]),
    ("ticketrating", "rating_known", [{"rating": "so"}]),
    ("ticketviewing", "viewing_once_per_agent", [{}, {}]),
    ("message", "message_known_kind", [{"kind": "shout"}]),
    ("message", "message_id_once", [MAILED, MAILED]),
    ("message", "message_mailed_only_if_approved", [MAILED | {"approved_rule": ""}]),
    ("message", "message_mailed_has_message_id", [MAILED | {"message_id": ""}]),
    ("message", "message_sent_at_iff_sent", [MAILED | {"delivery": "sent"}]),
    ("message", "message_note_is_never_mailed", [MAILED | {"kind": "note"}]),
    ("message", "message_from_requester_is_a_reply", [{"is_from_requester": True}]),
    ("draft", "draft_once_per_message_and_attempt", [DRAFT | {"state": "stale"}] * 2),
    ("draft", "draft_one_waiting", [DRAFT, DRAFT | {"attempt": 2}]),
    ("draft", "draft_has_body_or_reason", [DRAFT | {"body": ""}]),
    ("draft", "draft_confidence_is_a_probability", [DRAFT | {"confidence": 1.1}]),
    ("draft", "draft_sent_has_decider", [DRAFT | {"state": "approved"}]),
    ("draft", "draft_rejected_has_reason", [DRAFT | {"reject_reason": "tone"}]),
    ("draft", "draft_abstained_is_never_sent",
     [DRAFT | {"body": "", "reason": "unclear", "state": "approved"}]),
    ("citation", "citation_once_per_sentence", [CITATION | {"start": 0, "end": 3}] * 2),
    ("citation", "citation_ranges_not_empty", [CITATION | {"start": 3, "end": 3}]),
    ("draftdecision", "decision_known_verdict", [{"verdict": "so"}]),
    ("draftdecision", "decision_confidences_are_probabilities", [{"own_confidence": 1.1}]),
    ("errorpromise", "promise_makes_sense", [{"most_wrong": 0}]),
    ("errorpromise", "promise_sends_only_if_proven", [{"sends": True}]),
    ("errorpromise", "promise_wrong_are_among_sure", [{"wrong": 1}]),
    ("job", "job_queued_once", [{"key": "1"}, {"key": "1"}]),
    ("job", "job_running_once", [{"key": "1", "state": "running", "leased_until": NOW}] * 2),
    ("job", "job_leased_iff_running", [{"state": "running"}]),
    ("job", "job_finished_at_iff_finished", [{"state": "done"}]),
    ("drafthold", "hold_once_per_place", [{"reason": "r"}] * 2),
    ("drafthold", "hold_once_per_statement",
     [{"reason": "r", "place": None, "statement": True}] * 2),
    ("drafthold", "hold_has_one_reason", [{"reason": "r", "place": None}]),
    ("drafthold", "hold_released_has_outcome", [{"released_at": NOW}]),
    ("macro", "macro_name_once", [MACRO, MACRO | {"name": "GREETING"}]),
    ("macro", "macro_has_name", [MACRO | {"name": ""}]),
    ("macro", "macro_has_text", [MACRO | {"body": ""}]),
    ("macroedit", "macro_edit_open_once_per_fact",
     [{"fact_key": "k"}, {"fact_key": "k", "change": 1}]),
    ("macroedit", "macro_edit_once_per_change", [{}, {"state": "superseded", "decided_at": NOW}]),
    ("macroedit", "macro_edit_changes_something", [{"proposed_text": "30 days."}]),
    ("macroedit", "macro_edit_decided_iff_not_open", [{"state": "accepted", "decided_at": NOW}]),
    ("idempotentrequest", "idempotency_key_once_per_user", [{"key": "1"}, {"key": "1"}]),
]  # fmt: skip


def place_of(revision: Revision) -> FactPlace:
    """A place of a changed fact in the revision; the same one each time."""
    if known := FactPlace.objects.first():
        return known
    version = add_version(name="Returns", source=SourceText("policy", "14 days")).version
    change = FactChange.objects.create(version=version, position=0, new="14 days", fact_key="k")
    return FactPlace.objects.create(
        change=change, article=revision.article, revision=revision, start=0, end=3,
        quote=revision.body[:3], score=1,
    )  # fmt: skip


def statement_of(revision: Revision) -> SuggestionEvidence:
    """A quotation of the revision that a suggestion rests on; the same one each time."""
    if known := SuggestionEvidence.objects.first():
        return known
    proposal = retiring(
        revision.article, rationale="Old.", fact_key="expired:1", confidence=0.9, at=NOW
    )
    return propose(proposal).suggestion.evidence.get()


@pytest.fixture
def row(message, revision):
    """A valid row of any model, with some of its values replaced."""

    def values(model: str) -> dict[str, Any]:
        ticket = message.ticket
        match model:
            case "ticket":
                return {"subject": "x", "requester": ticket.requester, "queue": ticket.queue}
            case "ticketviewing":
                return {"ticket": ticket, "user": ticket.requester}
            case "message" | "ticketrating":
                return {"ticket": ticket}
            case "draft":
                decider = {"decided_by": UserFactory(), "decided_at": NOW}
                return {"ticket": ticket, "message": message} | decider
            case "citation":
                draft = values("draft") | DRAFT | {"state": "stale", "attempt": 9}
                made, _ = apps.get_model("helpdesk.draft").objects.get_or_create(
                    attempt=9, defaults=draft
                )
                return {"draft": made, "revision": revision}
            case "taughtfact":
                place = {"article": revision.article, "revision": revision}
                return {"ticket": ticket, "message": message} | place
            case "drafthold":
                citation = values("citation")
                return {"draft": citation["draft"], "place": place_of(revision)}
            case "job":
                return {"kind": "mail"}
            case "draftdecision":
                draft = Draft.objects.create(ticket=ticket, message=message, **DRAFT)
                known = {"queue": ticket.queue, "own_confidence": 0.5, "confidence": 0.5}
                return known | {"draft": draft, "verdict": "approved"}
            case "errorpromise":
                return {"queue": ticket.queue}
            case "shadowdraft":
                draft = values("citation")["draft"]
                known = {"kind": "retriever", "number": 1, "data_digest": "0" * 64}
                version, _ = ModelVersion.objects.get_or_create(**known, fingerprint="f")
                more = {"body": "Yes.", "confidence": 0.5, "is_same": True}
                return {"draft": draft, "version": version} | more
            case "gap":
                return {"name": "Norway", "embedder": "e", "centroid": [1.0]}
            case "gapquestion":
                asked = {"why": "abstained", "text": "Norway?", "asked_at": NOW}
                return {"ticket": ticket, "message": message} | asked
            case "macroedit":
                macro, _ = apps.get_model("helpdesk.macro").objects.get_or_create(**MACRO)
                texts = {"base_text": "30 days.", "proposed_text": "14 days."}
                return {"macro": macro, "change": place_of(revision).change} | texts
            case "replay":
                return {"threshold": 0.5, "since": NOW, "until": NOW, "fingerprint": "f"}
            case "replayedticket":
                replay, _ = Replay.objects.get_or_create(**values("replay"))
                return {"replay": replay, "ticket": ticket, "message": message, "outcome": "lost"}
            case "idempotentrequest":
                return {"user": ticket.requester, "digest": "x"}
            case _:
                return {}

    def create(model: str, given: dict[str, Any]) -> None:
        kept = values(model) | given
        if kept.get("statement"):
            kept["statement"] = statement_of(revision)
        if model == "macroedit" and "change" in given:  # another one of the same version
            version = values(model)["change"].version
            kept["change"] = FactChange.objects.create(version=version, position=9, new="x")
        if model == "citation":
            kept["quote"] = revision.body[kept["start"] : kept["end"]]
        if given.get("state") == "approved" and given.get("body"):
            kept |= {"decided_by": None, "decided_at": None}
        apps.get_model(f"helpdesk.{model}").objects.create(**kept)

    return create


@pytest.mark.parametrize(("model", "constraint", "rows"), REFUSED, ids=[r[1] for r in REFUSED])
def test_the_database_refuses(row, model, constraint, rows):
    for given in rows[:-1]:
        row(model, given)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(model, rows[-1])


def test_every_constraint_of_the_helpdesk_is_tested():
    declared = {
        constraint.name
        for model in apps.get_app_config("helpdesk").get_models()
        for constraint in model._meta.constraints
    }
    assert declared == {constraint for _, constraint, _ in REFUSED}


def test_the_timeline_is_never_rewritten(ticket):
    event = TicketEvent.objects.create(ticket=ticket, kind="created")
    with pytest.raises(IntegrityError, match="event_is_never_changed"), transaction.atomic():
        TicketEvent.objects.filter(pk=event.pk).update(kind="replied")
    TicketEvent.objects.filter(pk=event.pk).update(actor=None)


def test_no_two_tickets_have_one_number(db):
    assert len({TicketFactory().number for _ in range(5)}) == 5

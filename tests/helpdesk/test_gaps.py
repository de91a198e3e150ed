"""Questions that nobody answers become a gap, a proposal, and later a closed one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk import gap_proposing, gaps, jobs, work
from helpdesk.models import (
    Draft,
    Gap,
    GapNight,
    GapQuestion,
    Job,
    Message,
    Ticket,
    TicketRating,
)
from helpdesk.services.messages import post_reply
from helpdesk.services.tickets import open_ticket
from knowledge.models import Category, Suggestion
from qa_engine.indexing import sync_article
from tests.factories import QueueFactory, UserFactory, publish_article

pytestmark = pytest.mark.django_db

ASKED = [
    "Can I rent a tent from you?",
    "Can I rent a tent for a weekend from you?",
    "Can we rent a tent from you, please?",
    "Is it possible to rent a tent from you?",
]
REPLY = (
    "Hello Rex Ortega,\n\nTents can be rented in the Rotterdam store for 9 euros a night. "
    "If you keep it longer than a week, each night costs 7 euros. "
    "I have put one aside for your order 88-1203.\n\nKind regards, Ada"
)


@pytest.fixture(autouse=True)
def shop(settings):
    settings.QA_EMBEDDER = "hashing"
    settings.UNDO_SECONDS = 0
    QueueFactory(is_default=True, handling_minutes=8)
    publish_article("Washing wool", "Wash wool cold and by hand.")


def ask(body: str, *, answered: bool = False, language: str = "en"):
    ticket = open_ticket(
        requester=UserFactory(name="Rex Ortega"),
        subject="Question",
        body=body,
        order_reference="88-1203",
    )
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    message = Message.objects.from_requester().get(ticket=ticket)
    reason = "" if answered else "no_passage"
    outcome = {"question": body, "is_answered": answered, "reason": reason or None}
    Draft.objects.create(
        ticket=ticket,
        message=message,
        fingerprint="test",
        state=Draft.State.SUPERSEDED,
        body="",
        reason="no_passage",
        confidence=0.0,
        questions=[outcome],
    )
    return ticket


def night() -> None:
    jobs.enqueue(Job.Kind.GAPS, timezone.now())
    while work.run_batch("gaps", limit=1):
        pass
    assert not Job.objects.filter(kind="gaps").exclude(last_error="").exists()


def test_alike_questions_make_one_gap_that_stays_itself() -> None:
    for body in ASKED[:3]:
        ask(body)
    ask("Do you sell kayaks made of wood?")
    night()
    gap = Gap.objects.get()
    assert gap.question_count == 3
    assert gap.name in ASKED
    assert (gap.tickets_per_week, gap.handling_minutes) == (0.75, 8.0)
    ask(ASKED[3])
    night()
    night()
    again = Gap.objects.get()
    assert (again.pk, again.name, again.question_count) == (gap.pk, gap.name, 4)


def test_replies_become_an_article_without_anybody_in_it() -> None:
    agent = UserFactory(role="agent", name="Ada")
    for body in ASKED[:3]:
        post_reply(ticket=ask(body), author=agent, body=REPLY)
    night()
    suggestion = Suggestion.objects.get()
    assert suggestion.origin == "gap"
    assert suggestion.kind == "new"
    assert suggestion.title.endswith("?")
    assert suggestion.body.startswith("Tents can be rented")
    assert "## Conditions\n\n- If you keep it longer" in suggestion.body
    for private in ("Rex", "Ortega", "88-1203", "Ada", "put one aside"):
        assert private not in suggestion.body
    assert suggestion.ticket_count == 3
    replies = list(
        Message.objects.filter(is_from_requester=False, author=agent)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    assert suggestion.sentences == [
        {"text": "Tents can be rented in the Rotterdam store for 9 euros a night.",
         "messages": replies},
        {"text": "If you keep it longer than a week, each night costs 7 euros.",
         "messages": replies},
    ]  # fmt: skip
    quotes = set(suggestion.evidence.filter(kind="reply").values_list("quote", flat=True))
    assert quotes == {"\n".join(one["text"] for one in suggestion.sentences)}
    night()
    assert Suggestion.objects.count() == 1


def test_an_article_is_in_the_language_and_beside_the_article_that_the_tickets_are_near() -> None:
    agent = UserFactory(role="agent", name="Ada")
    nearest = publish_article("Zelt mieten", "Ein Zelt mieten.", category="Miete").article
    sync_article(nearest.pk)
    asked = ["Kann ich ein Zelt mieten?", "Kann ich bei Ihnen ein Zelt mieten?"]
    for body in asked:
        post_reply(
            ticket=ask(body, language="de"),
            author=agent,
            body="Guten Tag,\n\nZelte kann man im Laden in Rotterdam für 9 Euro mieten. "
            "Wenn man es länger behält, kostet jede Nacht 7 Euro.\n\nViele Grüße, Ada",
        )
    english = ask("Kann ich ein Zelt mieten, please?")
    post_reply(ticket=english, author=agent, body=REPLY)
    night()
    suggestion = Suggestion.objects.get()
    assert (suggestion.kind, suggestion.language) == ("new", "de")
    assert suggestion.category == nearest.category
    assert "## Bedingungen\n\n- Wenn man es länger behält" in suggestion.body
    assert "Tents" not in suggestion.body
    quoted = suggestion.evidence.filter(kind="reply")
    assert not quoted.filter(ticket_number=english.number).exists()


def test_where_no_article_is_near_what_the_drafts_cite_says_the_category() -> None:
    cited = publish_article("Tents", "Tents weigh 2 kg.", category="Tents")
    publish_article("Boots", "Boots weigh 1 kg.", category="Boots")
    tickets = [ask(body) for body in ASKED[:3]]
    Draft.objects.get(ticket=tickets[1]).citations.create(
        number=1, sentence_start=0, sentence_end=5, revision=cited, start=0, end=5, quote="Tents"
    )
    keys = [ticket.pk for ticket in tickets]
    assert gap_proposing._category(None, keys) == cited.article.category
    first = Category.objects.order_by("position", "pk").first()
    assert gap_proposing._category(None, []) == first


def test_answered_tickets_close_a_gap_and_an_unanswered_one_opens_it_again() -> None:
    for body in ASKED[:3]:
        ask(body)
    night()
    for body in ASKED[:3]:
        ask(body, answered=True)
    night()
    gap = Gap.objects.get()
    assert gap.state == Gap.State.ANSWERED
    assert gap.question_count == 3
    ask(ASKED[3])
    night()
    gap.refresh_from_db()
    assert gap.state == Gap.State.REOPENED
    assert gap.answered_at is None


def test_what_somebody_objected_to_is_left_out() -> None:
    for body in ASKED[:3]:
        requester = ask(body).requester
        requester.objected_to_training_at = timezone.now() - timedelta(days=1)
        requester.save(update_fields=["objected_to_training_at"])
    night()
    assert not GapQuestion.objects.exists()


def test_a_question_is_kept_once() -> None:
    ask(ASKED[0])
    night()
    question = GapQuestion.objects.get()
    question.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        question.save(force_insert=True)


def test_a_night_that_was_stopped_goes_on_where_it_was(monkeypatch) -> None:
    for body in ASKED:
        ask(body)
    monkeypatch.setattr(gaps, "STEP_SECONDS", 0)
    jobs.enqueue(Job.Kind.GAPS, "a night")
    assert work.run_batch("gaps", limit=1) == 1
    stopped = GapNight.objects.get()
    assert (stopped.stage, GapQuestion.objects.count()) == ("tickets", 4)
    assert Job.objects.filter(kind="gaps", state="queued").count() == 1

    monkeypatch.undo()
    assert work.run_batch("gaps", limit=1) == 1
    finished = GapNight.objects.get()
    assert finished.stage == "done"
    assert finished.figures["drafts"]["rows"] == 4
    assert finished.figures["asked"]["found"] == Gap.objects.get().question_count == 4


def test_a_night_whose_worker_was_killed_goes_on_once_the_lease_lapses(monkeypatch) -> None:
    for body in ASKED:
        ask(body)
    monkeypatch.setitem(gaps._WORK, "drafts", (2, gaps._WORK["drafts"][1]))
    size, _embed = gaps._WORK["embed"]

    def killed(keys, night):
        raise KeyboardInterrupt  # as for a killed worker, nothing behind it runs

    jobs.enqueue(Job.Kind.GAPS, "a night")
    with monkeypatch.context() as patch:
        patch.setitem(gaps._WORK, "embed", (size, killed))
        with pytest.raises(KeyboardInterrupt):
            work.run_batch("gaps", limit=1)
    stopped = GapNight.objects.get()
    assert (stopped.stage, stopped.figures["drafts"]["rows"]) == ("embed", 4)
    assert work.run_batch("gaps", limit=1) == 0  # the lease still holds

    Job.objects.filter(kind="gaps").update(leased_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    Job.objects.filter(kind="gaps").update(run_at=timezone.now())
    assert work.run_batch("gaps", limit=1) == 1
    finished = GapNight.objects.get()
    assert finished.stage == "done"
    assert (finished.figures["drafts"]["rows"], finished.figures["embed"]["rows"]) == (4, 4)
    assert Gap.objects.get().question_count == 4


def test_the_next_night_looks_only_at_what_is_new() -> None:
    for body in ASKED[:3]:
        ask(body)
    night()
    ask(ASKED[3])
    night()
    second = GapNight.objects.first()
    assert {stage: second.figures[stage]["rows"] for stage in ("drafts", "embed", "asked")} == {
        "drafts": 1,
        "embed": 1,
        "asked": 1,
    }
    assert Gap.objects.get().question_count == 4


def test_questions_come_together_over_steps(monkeypatch) -> None:
    size, group = gaps._WORK["asked"]
    monkeypatch.setitem(gaps._WORK, "asked", (1, group))
    for body in ASKED:
        ask(body)
    night()
    assert Gap.objects.get().question_count == 4
    assert size > 1


def rate_badly(ticket) -> None:
    TicketRating.objects.create(ticket=ticket, rating="bad")


def reply_late(ticket) -> None:
    replied = timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(
        first_replied_at=replied, due_at=replied - timedelta(minutes=1)
    )


@pytest.mark.parametrize(("fails", "why"), [(rate_badly, "bad"), (reply_late, "late")])
def test_answers_that_failed_open_a_gap_though_they_were_drafted(fails, why) -> None:
    tickets = [ask(body, answered=True) for body in ASKED[:3]]
    night()
    assert not Gap.objects.exists()
    assert set(GapQuestion.objects.values_list("why", flat=True)) == {"answered"}
    vectors = dict(GapQuestion.objects.values_list("ticket", "vector"))

    for ticket in tickets:
        fails(ticket)
    night()
    gap = Gap.objects.get()
    assert (gap.state, gap.question_count, gap.tickets_per_week) == ("open", 3, 0.75)
    assert {(one.why, one.number) for one in gap.questions.all()} == {(why, 0)}
    assert {one.ticket_id: list(one.vector) for one in gap.questions.all()} == {
        ticket: list(vector) for ticket, vector in vectors.items()
    }
    assert GapNight.objects.first().figures["embed"]["rows"] == 0


def test_a_bad_rating_opens_an_answered_gap_again_and_is_counted_once() -> None:
    for body in ASKED[:3]:
        ask(body)
    night()
    answered = [ask(body, answered=True) for body in ASKED[:3]]
    night()
    gap = Gap.objects.get()
    assert (gap.state, gap.question_count) == (Gap.State.ANSWERED, 3)

    rate_badly(answered[1])
    night()
    gap.refresh_from_db()
    assert (gap.state, gap.question_count) == (Gap.State.REOPENED, 4)
    rows = list(GapQuestion.objects.order_by("pk").values())
    centroid = list(gap.centroid)
    night()
    gap.refresh_from_db()
    assert (gap.state, gap.question_count) == (Gap.State.REOPENED, 4)
    assert list(gap.centroid) == centroid
    assert [str(row) for row in GapQuestion.objects.order_by("pk").values()] == [
        str(row) for row in rows
    ]


def test_a_late_reply_says_nothing_about_what_was_asked_after_it() -> None:
    ticket = ask(ASKED[0], answered=True)
    asked_at = Message.objects.from_requester().get(ticket=ticket).created_at
    Ticket.objects.filter(pk=ticket.pk).update(
        created_at=asked_at - timedelta(hours=3),
        due_at=asked_at - timedelta(hours=2),
        first_replied_at=asked_at - timedelta(hours=1),
    )
    night()
    night()
    assert GapQuestion.objects.get().why == "answered"
    assert GapNight.objects.first().figures["tickets"]["rows"] == 0


def test_a_late_ticket_without_a_draft_is_kept_once() -> None:
    ticket = ask(ASKED[0])
    Draft.objects.all().delete()
    reply_late(ticket)
    night()
    night()
    assert GapQuestion.objects.get().why == "late"
    assert GapNight.objects.first().figures["tickets"]["rows"] == 0

"""The demo shop, loaded into an empty helpdesk and into one that has it already."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db.models import F

from helpdesk.demo import editorial, passwords, records
from helpdesk.models import Job, Macro, Message, Queue, Ticket, TicketEvent, TicketRating, User
from knowledge.health import look
from knowledge.models import Article, ScheduledPublication


@pytest.fixture
def data_dir(db, settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path
    call_command("load_demo", verbosity=0)
    return tmp_path


def test_people_can_log_in_with_the_passwords_that_are_kept(data_dir, client):
    logins = passwords.read(data_dir)

    assert {login.role for login in logins} == {"requester", "agent", "admin"}
    assert (data_dir / passwords.FILE_NAME).stat().st_mode & 0o777 == 0o600
    for login in logins:
        user = User.objects.get(email=login.email)
        assert user.check_password(login.password)
        assert user.role == login.role
        assert EmailAddress.objects.get(user=user).verified


def test_macros_are_there_and_made_once(data_dir):
    call_command("load_demo", no_tickets=True, verbosity=0)

    macros = Macro.objects.order_by("pk")
    assert [one.name for one in macros] == [row.name for row in records.macros()]
    assert not any(one.unknown_placeholders for one in macros)
    assert {row.queue for row in records.macros() if row.queue} == {
        one.queue.name for one in macros if one.queue
    }


def test_every_ticket_is_in_the_state_that_is_written_down(data_dir):
    wanted = sorted((record.subject[:200], record.status) for record in records.tickets())

    assert sorted(Ticket.objects.values_list("subject", "status")) == wanted
    assert TicketRating.objects.count() == sum(bool(one.rating) for one in records.tickets())
    imported = Article.objects.exclude(external_id__startswith=editorial.MADE)
    assert imported.count() == len(list(records.ARTICLES.rglob("*.md")))
    assert Queue.objects.get(is_default=True).name == "Orders and returns"


def test_numbers_rise_as_time_goes_by(data_dir):
    created = list(Ticket.objects.order_by("number").values_list("created_at", flat=True))

    assert created == sorted(created)


def test_the_knowledge_base_has_something_to_do_for_everybody(data_dir):
    roles = User.objects.exclude(editorial_role="").order_by("name")
    assert [user.editorial_role for user in roles] == ["contributor", "publisher", "reviewer"]
    counts = look().counts
    assert (counts.in_review, counts.overdue, counts.outdated) == (1, 2, 1)
    assert (counts.with_broken_links, counts.votes) == (1, 22)
    assert counts.reads > counts.reads_before > 0
    assert ScheduledPublication.objects.waiting().count() == 1
    restricted = Article.objects.get(visibility="restricted")
    readers = [
        user.email for user in User.objects.all() if restricted in Article.objects.visible_to(user)
    ]
    assert sum(email.startswith("rex@") for email in readers) == 1
    assert len(readers) == 1 + User.objects.exclude(role="requester").count()
    assert Article.objects.with_feedback().found_unhelpful().count() == 1


def test_nothing_is_mailed_for_the_past(data_dir, mailoutbox):
    assert not Job.objects.filter(kind__in=[Job.Kind.MAIL, Job.Kind.NOTICE]).exists()
    assert not Message.objects.exclude(delivery__in=["none", "sent"]).exists()
    assert mailoutbox == []


def test_tickets_that_wait_for_an_answer_get_a_draft_job(data_dir):
    newest = [ticket.messages.exclude(kind="note").last() for ticket in Ticket.objects.active()]
    waiting = [message for message in newest if message.is_from_requester]

    keys = Job.objects.filter(kind=Job.Kind.DRAFT).values_list("key", flat=True)
    assert sorted(keys) == sorted(f"{message.pk}:1" for message in waiting)
    assert len(waiting) > 20


def test_the_timeline_ends_in_the_present_state(data_dir):
    for ticket in Ticket.objects.exclude(status="new"):
        last = ticket.events.filter(kind=TicketEvent.Kind.STATUS).last()
        assert last is not None, ticket
        assert last.data["to"] == ticket.status


def test_loading_it_again_changes_nothing(data_dir):
    def state():
        models = (User, Queue, Ticket, Message, TicketEvent, TicketRating, Job, Article)
        return [list(model.objects.order_by("pk").values()) for model in models]

    before, kept = state(), (data_dir / passwords.FILE_NAME).read_bytes()

    call_command("load_demo", verbosity=0)

    assert state() == before
    assert (data_dir / passwords.FILE_NAME).read_bytes() == kept


def test_members_of_an_organization_are_found_by_their_address(data_dir):
    for user in User.objects.exclude(organization=None):
        assert user.email.endswith(f"@{user.organization.domain}")
    assert Ticket.objects.exclude(organization=F("requester__organization")).exclude(
        organization=None
    ).count() == 0  # fmt: skip

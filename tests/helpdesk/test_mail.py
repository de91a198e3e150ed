"""Mail as a real SMTP server gets it, and what happens while there is none."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.core.files.base import ContentFile
from django.utils import timezone

from helpdesk import jobs, work
from helpdesk.embedded.ports import free_port
from helpdesk.models import Attachment, Job, Message, TicketEvent
from helpdesk.services.messages import post_note, post_reply
from helpdesk.services.tickets import open_ticket


class Inbox:
    """Keeps what arrives; refuses recipients it does not know."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.unknown: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return "550 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def inbox(settings):
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.UNDO_SECONDS = 0
    yield inbox
    server.stop()


@pytest.fixture
def no_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.UNDO_SECONDS = 0


def deliver() -> None:
    Job.objects.filter(state="queued").update(run_at=timezone.now())
    work.run_batch("mail", limit=20)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()


def test_the_acknowledgement_says_number_and_link_and_that_it_is_automatic(rex, inbox):
    ticket = open_ticket(requester=rex, subject="Zip", body="It broke.")
    deliver()
    (mail,) = inbox.mails
    assert mail["To"] == rex.email
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Subject"] == f"Re: Zip [#{ticket.number}]"
    for kind in ("plain", "html"):
        assert ticket.token in part(mail, kind)
    message = Message.objects.get(kind="automatic")
    assert (message.delivery, mail["Message-ID"]) == ("sent", message.message_id)
    assert message.sent_at


def test_a_reply_continues_the_thread_and_is_not_automatic(rex, ada, inbox):
    ticket = open_ticket(requester=rex, subject="Zip", body="It broke.")
    deliver()
    for body in ("First.", "Second."):
        post_reply(ticket=ticket, author=ada, body=body)
        deliver()
    acknowledgement, first, second = inbox.mails
    assert first["In-Reply-To"] == acknowledgement["Message-ID"]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"].split() == [acknowledgement["Message-ID"], first["Message-ID"]]
    assert "Auto-Submitted" not in second
    assert "First." in part(first, "plain")
    assert "<p>First.</p>" in part(first, "html")


def test_what_a_requester_wrote_is_escaped_in_the_mail(ticket, ada, inbox):
    post_reply(ticket=ticket, author=ada, body="5 < 6 & <script>alert(1)</script>")
    deliver()
    assert "<script>" not in part(inbox.mails[0], "html")
    assert "5 < 6 & <script>" in part(inbox.mails[0], "plain")


def test_files_travel_with_the_mail(ticket, ada, inbox, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    reply = post_reply(ticket=ticket, author=ada, body="The label is attached.")
    file = Attachment(message=reply, name="label.txt", content_type="text/plain", size=5)
    file.file.save("label.txt", ContentFile(b"LABEL"))
    deliver()
    (attached,) = inbox.mails[0].iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("label.txt", "LABEL")


def test_nothing_else_is_ever_mailed(ticket, ada, inbox):
    post_note(ticket=ticket, author=ada, body="Internal.")
    deliver()
    assert inbox.mails == []


def test_a_reply_is_not_mailed_while_it_may_be_taken_back(ticket, ada, inbox, settings):
    settings.UNDO_SECONDS = 15
    post_reply(ticket=ticket, author=ada, body="Wait.")
    work.run_batch("mail", limit=20)
    assert inbox.mails == []


def test_a_message_that_was_sent_is_not_sent_again(ticket, ada, inbox):
    reply = post_reply(ticket=ticket, author=ada, body="Once.")
    deliver()
    jobs.enqueue("mail", reply.pk)
    deliver()
    assert len(inbox.mails) == 1


def test_a_worker_that_died_after_sending_leaves_the_same_message_id(ticket, ada, inbox):
    reply = post_reply(ticket=ticket, author=ada, body="Perhaps twice.")
    deliver()
    # As the row would be had the worker died before it wrote down that it had sent.
    Message.objects.filter(pk=reply.pk).update(delivery="sending", sent_at=None)
    jobs.enqueue("mail", reply.pk)
    deliver()
    first, again = inbox.mails
    assert first["Message-ID"] == again["Message-ID"] == reply.message_id


def test_one_unknown_address_does_not_hold_up_the_others(ticket, ada, olga, inbox):
    inbox.unknown.add(ticket.requester.email)
    refused = post_reply(ticket=ticket, author=ada, body="To nobody.")
    open_ticket(requester=olga, subject="Voucher", body="Where is it?")
    deliver()
    assert [mail["To"] for mail in inbox.mails] == [olga.email]
    refused.refresh_from_db()
    assert refused.delivery == "queued"
    assert "550" in refused.delivery_error


def test_without_a_server_mail_is_tried_three_times_and_the_ticket_says_so(ticket, ada, no_server):
    reply = post_reply(ticket=ticket, author=ada, body="Lost?")
    for _ in range(2):
        deliver()
        reply.refresh_from_db()
        assert reply.delivery == "queued"
    deliver()
    reply.refresh_from_db()
    assert (reply.delivery, Job.objects.get(kind="mail").state) == ("failed", "dead")
    assert "ConnectionRefusedError" in reply.delivery_error
    event = TicketEvent.objects.get(kind="delivery_failed")
    assert (event.ticket, event.data) == (ticket, {"message": reply.pk})


def test_mail_whose_workers_all_died_is_told_too(ticket, ada, no_server):
    reply = post_reply(ticket=ticket, author=ada, body="Lost?")
    for _ in range(3):
        Job.objects.filter(state="queued").update(run_at=timezone.now())
        jobs.claim("mail", worker="dies", limit=1)
        Job.objects.filter(state="running").update(
            leased_until=timezone.now() - timedelta(seconds=1)
        )
        jobs.sweep()
    reply.refresh_from_db()
    assert reply.delivery == "failed"
    assert TicketEvent.objects.filter(kind="delivery_failed").count() == 1


def test_mail_that_was_given_up_is_sent_when_an_admin_asks(ticket, ada, inbox, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    reply = post_reply(ticket=ticket, author=ada, body="At last.")
    for _ in range(3):
        deliver()
    settings.EMAIL_PORT = port
    assert jobs.retry_dead(list(Job.objects.dead())) == 1
    deliver()
    reply.refresh_from_db()
    assert (reply.delivery, reply.delivery_error) == ("sent", "")
    assert len(inbox.mails) == 1

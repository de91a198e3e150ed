"""What each person may read, asked of the one door: `visible_to`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.utils import timezone

from helpdesk.drafting import store_result
from helpdesk.models import Attachment, Draft, Message, Organization, Ticket, TicketEvent
from helpdesk.services.messages import post_note, post_reply
from tests.factories import TicketFactory, UserFactory
from tests.helpdesk.test_drafts import result_of


@pytest.fixture
def club(db):
    return Organization.objects.create(name="Alpine club", shares_tickets=True)


def test_strangers_and_people_who_left_read_nothing(rex, ticket):
    assert not Ticket.objects.visible_to(AnonymousUser()).exists()
    rex.is_active = False
    assert not Ticket.objects.visible_to(rex).exists()
    assert not Message.objects.visible_to(rex).exists()


def test_an_agent_who_left_reads_nothing(ada, ticket, message):
    store_result(message=message, attempt=1, result=result_of())
    ada.is_active = False
    for model in (Ticket, Message, Draft, TicketEvent):
        assert not model.objects.visible_to(ada).exists()


def test_requesters_read_their_own_tickets_and_agents_all(rex, olga, ada, ticket):
    theirs = TicketFactory(requester=olga)
    assert list(Ticket.objects.visible_to(rex)) == [ticket]
    assert list(Ticket.objects.visible_to(olga)) == [theirs]
    assert set(Ticket.objects.visible_to(ada)) == {ticket, theirs}


def test_members_share_the_tickets_that_were_opened_for_their_organization(club):
    member, colleague = UserFactory(organization=club), UserFactory(organization=club)
    shared = TicketFactory(requester=member, organization=club)
    TicketFactory(requester=member)  # from before they joined
    assert list(Ticket.objects.visible_to(colleague)) == [shared]

    club.shares_tickets = False
    club.save()
    colleague.refresh_from_db()
    assert not Ticket.objects.visible_to(colleague).exists()
    assert Ticket.objects.visible_to(member).count() == 2


def test_who_leaves_an_organization_keeps_only_their_own(club):
    member = UserFactory(organization=club)
    own = TicketFactory(requester=member, organization=club)
    TicketFactory(organization=club)
    member.organization = None
    member.save()
    assert list(Ticket.objects.visible_to(member)) == [own]


def test_two_people_without_an_organization_share_nothing(rex, olga, ticket):
    assert not Ticket.objects.visible_to(olga).exists()


def test_a_requester_reads_replies_that_stand_and_nothing_internal(rex, ada, message, ticket):
    post_note(ticket=ticket, author=ada, body="Careful.")
    reply = post_reply(ticket=ticket, author=ada, body="Yes.")
    assert list(Message.objects.visible_to(rex)) == [message]
    Message.objects.filter(pk=reply.pk).update(send_after=timezone.now() - timedelta(seconds=1))
    assert list(Message.objects.visible_to(rex)) == [message, reply]
    assert Message.objects.visible_to(ada).count() == 3


def test_drafts_and_the_timeline_are_for_agents(rex, ada, message):
    store_result(message=message, attempt=1, result=result_of())
    for model in (Draft, TicketEvent):
        assert not model.objects.visible_to(rex).exists()
        assert not model.objects.visible_to(AnonymousUser()).exists()
        assert model.objects.visible_to(ada).count() == 1


def test_a_file_is_as_visible_as_its_message(rex, olga, ada, ticket, message, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    note = post_note(ticket=ticket, author=ada, body="See.")
    for owner in (message, note):
        file = Attachment(message=owner, name="a.txt", size=1, content_type="text/plain")
        file.file.save("a.txt", ContentFile(b"a"))
    assert [file.message for file in Attachment.objects.visible_to(rex)] == [message]
    assert not Attachment.objects.visible_to(olga).exists()
    assert Attachment.objects.visible_to(ada).count() == 2

"""The cast. Every test speaks of the same people.

ada     an agent
bo      another agent
mia     an admin
cai     an agent who contributes to the knowledge base
rhea    an agent who reviews it
pia     an agent who publishes it
rex     a requester, who opens tickets
olga    an outsider: another requester, with no business in rex's tickets
wim     a requester who is in the group of wholesale customers, and reads what is for them
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from rest_framework.test import APIClient

    from helpdesk.models import Message, Ticket, User
    from knowledge.models import ReaderGroup, Revision


def _person(email: str, name: str, role: str, editorial_role: str = "") -> User:
    from helpdesk.roles import set_role
    from tests.factories import UserFactory

    user = UserFactory(email=email, name=name)
    return set_role(user=user, role=role, editorial_role=editorial_role)


@pytest.fixture
def ada(db: None) -> User:
    return _person("ada@shop.example", "Ada Novak", "agent")


@pytest.fixture
def bo(db: None) -> User:
    return _person("bo@shop.example", "Bo Lindqvist", "agent")


@pytest.fixture
def mia(db: None) -> User:
    return _person("mia@shop.example", "Mia Hart", "admin")


@pytest.fixture
def cai(db: None) -> User:
    return _person("cai@shop.example", "Cai Evans", "agent", "contributor")


@pytest.fixture
def rhea(db: None) -> User:
    return _person("rhea@shop.example", "Rhea Dimas", "agent", "reviewer")


@pytest.fixture
def pia(db: None) -> User:
    return _person("pia@shop.example", "Pia Moreau", "agent", "publisher")


@pytest.fixture
def rex(db: None) -> User:
    return _person("rex@example.com", "Rex Ortega", "requester")


@pytest.fixture
def olga(db: None) -> User:
    return _person("olga@example.org", "Olga Petrova", "requester")


@pytest.fixture
def wholesale(db: None) -> ReaderGroup:
    from knowledge.models import ReaderGroup

    return ReaderGroup.objects.create(name="Wholesale customers")


@pytest.fixture
def wim(wholesale: ReaderGroup) -> User:
    from knowledge.services import join_group

    wim = _person("wim@trade.example", "Wim de Boer", "requester")
    join_group(group=wholesale, person=wim)
    return wim


@pytest.fixture
def ticket(rex: User) -> Ticket:
    """Rex's ticket, with his first message."""
    from tests.factories import MessageFactory, TicketFactory

    ticket = TicketFactory(requester=rex, subject="Returning a jacket")
    MessageFactory(ticket=ticket, author=rex)
    return ticket


@pytest.fixture
def message(ticket: Ticket) -> Message:
    return ticket.messages.get()


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A logged-in test client for a person."""

    def log_in(user: User) -> Client:
        from django.test import Client

        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return log_in


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    """An authenticated API client for a person."""

    def authenticate(user: User) -> APIClient:
        from rest_framework.test import APIClient

        client = APIClient()
        client.force_authenticate(user)
        return client

    return authenticate


@pytest.fixture
def revision(db: None) -> Revision:
    """The published article on returns, as it stands."""
    from tests.factories import publish_article

    return publish_article(
        "Returns", "You can return any item within **30 days** – unworn, with its tags."
    )

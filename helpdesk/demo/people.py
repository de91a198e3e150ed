"""Demo people, organizations, queues and macros, each made only where it is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from allauth.account.models import EmailAddress
from django.db import transaction

from helpdesk.demo import passwords, records
from helpdesk.demo.passwords import DemoLogin
from helpdesk.demo.records import DemoPerson
from helpdesk.models import Macro, Organization, Queue, User
from helpdesk.roles import set_role


def load_people(data_dir: Path) -> dict[str, User]:
    """By username. A new person gets a random password, kept under `data_dir`."""
    found: dict[str, User] = {}
    logins: list[DemoLogin] = []
    with transaction.atomic():
        for person in records.people():
            user = User.objects.filter(email=person.email).first()
            if user is None:
                password = passwords.new_password()
                user = _make(person, password)
                logins.append(DemoLogin(person.role, person.email, password))
            found[person.username] = user
    if logins:
        passwords.add(data_dir, logins)
    return found


def load_organizations() -> dict[str, Organization]:
    """By e-mail domain."""
    rows = {}
    for row in records.organizations():
        defaults = {"domain": row.domain, "shares_tickets": True}
        rows[row.domain], _ = Organization.objects.get_or_create(name=row.name, defaults=defaults)
    return rows


def load_queues() -> dict[str, Queue]:
    """By name. An installation's own default queue stays the default."""
    has_default = Queue.objects.filter(is_default=True).exists()
    rows = {}
    for row in records.queues():
        defaults = {
            "name": row.name,
            "signature": row.signature,
            "is_default": row.is_default and not has_default,
        }
        rows[row.name], _ = Queue.objects.get_or_create(slug=row.slug, defaults=defaults)
    return rows


def load_macros(queues: Mapping[str, Queue]) -> None:
    for row in records.macros():
        if not Macro.objects.filter(name__iexact=row.name).exists():
            Macro.objects.create(name=row.name, body=row.body, queue=queues.get(row.queue))


def _make(person: DemoPerson, password: str) -> User:
    user = User.objects.create_user(email=person.email, password=password, name=person.name)
    # Nobody can click a link in a mail to a made-up address.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return set_role(user=user, role=person.role, editorial_role=person.editorial_role)

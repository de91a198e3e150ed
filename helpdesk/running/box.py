"""The plain box that greets whoever started the helpdesk. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH = 76
#: Part of the first line; who starts the helpdesk from a program looks for it.
READY = "helpdesk is ready after"


@dataclass(frozen=True)
class Person:
    role: str
    email: str
    password: str


def box(
    *, shop_name: str, url: str, mail_dir: Path | None, people: Sequence[Person], seconds: float
) -> str:
    """URLs, who may log in, and what to try first."""
    lines = [f"{shop_name} {READY} {seconds:.1f} s.", ""]
    lines += _table(
        [
            ("Customers", f"{url}/"),
            ("Staff", f"{url}/admin/"),
            ("API", f"{url}/api/v1/docs/"),
            ("Mail", str(mail_dir) if mail_dir else "sent as EMAIL_URL says"),
        ]
    )
    if people:
        lines += ["", "Log in as"]
        wide = max(len(person.email) for person in people)
        lines += _table(
            [(person.role, f"{person.email:<{wide}}  {person.password}") for person in people]
        )
        lines += ["", "Try first", *_first_steps(url, has_mail_dir=mail_dir is not None)]
    else:
        lines += ["", "Make yourself an admin: .venv/bin/python manage.py createsuperuser"]
    lines += ["", "Ctrl-C stops everything."]
    wide = max(WIDTH, *(len(line) for line in lines))
    edge = f"+{'-' * (wide + 2)}+"
    return "\n".join([edge, *(f"| {line:<{wide}} |" for line in lines), edge])


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    return [f"  {name:<10} {text}" for name, text in rows]


def _first_steps(url: str, *, has_mail_dir: bool) -> list[str]:
    then = "find the mail in the mail folder" if has_mail_dir else "look into your mail"
    return [
        f"  1. Ask something as a customer at {url}/",
        "  2. Log in as the agent, open the ticket, read the draft and its sources",
        "  3. Approve it and " + then,
    ]

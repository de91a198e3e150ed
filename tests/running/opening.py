"""Opens tickets as a stubborn client does: again, until it knows that they are there.

python -m tests.running.opening COUNT PAUSE_S
"""

from __future__ import annotations

import sys
import time

import django

BODY = "Hello, can I return the jacket that I bought three weeks ago, and who pays the label?"


def main(count: int, pause_s: float) -> None:
    django.setup()
    from django.db import Error, connection

    for number in range(count):
        while True:
            try:
                open_once(f"Ticket {number}")
            except Error:
                connection.close()
                time.sleep(0.2)
            else:
                break
        time.sleep(pause_s)


def open_once(subject: str) -> None:
    """The answer to the last try may have been lost on its way: look first."""
    from helpdesk.models import Ticket
    from helpdesk.services.tickets import find_or_create_requester, open_ticket

    if Ticket.objects.filter(subject=subject).exists():
        return
    requester = find_or_create_requester(email="rex@example.com", name="Rex Ortega")
    open_ticket(requester=requester, subject=subject, body=BODY)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

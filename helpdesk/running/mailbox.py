"""A mail server that keeps what it gets in memory, for whoever waits for a mail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from helpdesk.embedded.ports import LOOPBACK, free_port


class MailDidNotCome(Exception):
    """Nobody got the mail in time."""


class Mailbox:
    """Use as a context; `url` is what EMAIL_URL has to be."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # every line of SMTP otherwise
        self._controller = Controller(self, hostname=LOOPBACK, port=free_port())

    def __enter__(self) -> Mailbox:
        self._controller.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self._controller.port}"

    async def handle_DATA(  # noqa: N802 (aiosmtpd calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        mail = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
        self.mails.append((list(envelope.rcpt_tos), mail))
        return "250 Got it"

    def wait_for(
        self, to: str, fits: Callable[[str], bool], *, what: str, timeout_s: float
    ) -> str:
        """The plain text of the first mail to `to` that fits."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            for recipients, mail in list(self.mails):
                text = plain_text(mail)
                if to in recipients and fits(text):
                    return text
            time.sleep(0.05)
        raise MailDidNotCome(f"{what} did not come within {timeout_s:.0f} s")


def plain_text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""

"""A message as a mail: both alternatives, threaded, honest about being automatic."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from helpdesk.models import Message

#: Attached to the mail up to this size in all; the rest stays on the private page.
MAX_ATTACHED = 8 * 1024 * 1024


def compose(message: Message, connection: Any = None) -> EmailMultiAlternatives:
    """The mail for a queued message, with its stored Message-ID (RFC 5322, RFC 3834)."""
    ticket = message.ticket
    context = {
        "message": message,
        "ticket": ticket,
        "link": settings.SITE_URL + ticket.get_absolute_url(),
        "shop_name": settings.SHOP_NAME,
        "is_automatic": message.kind == Message.Kind.AUTOMATIC,
    }
    with translation.override(ticket.language):
        text = render_to_string("mail/message.txt", context)
        html = render_to_string("mail/message.html", context)
    mail = EmailMultiAlternatives(
        subject=f"Re: {ticket.subject} [#{ticket.number}]".replace("\n", " "),
        body=text,
        to=[ticket.requester.email],
        headers=_headers(message),
        connection=connection,
    )
    mail.attach_alternative(html, "text/html")
    _attach_files(mail, message)
    return mail


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id}
    if references := message.ticket.mail_references:
        headers["In-Reply-To"] = references[-1]
        headers["References"] = " ".join(references)
    if message.kind == Message.Kind.AUTOMATIC:
        headers["Auto-Submitted"] = "auto-replied"
        headers["X-Auto-Response-Suppress"] = "All"
    return headers


def _attach_files(mail: EmailMultiAlternatives, message: Message) -> None:
    total = 0
    for attachment in message.attachments.all():
        total += attachment.size
        if total > MAX_ATTACHED:
            return
        with attachment.file.open("rb") as file:
            mail.attach(attachment.name, file.read(), attachment.content_type)

"""What was written on a ticket, and what came with it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.tickets import Ticket, new_token
from helpdesk.querysets import AttachmentQuerySet, MessageQuerySet


class Message(models.Model):
    """An entry in a ticket's thread. Outgoing ones are mail that is claimed and sent."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")
        AUTOMATIC = "automatic", _("Automatic message")

    class Delivery(models.TextChoices):
        NONE = "none", _("Not mailed")
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.REPLY)
    # None: the helpdesk itself wrote it.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages", null=True, blank=True
    )
    is_from_requester = models.BooleanField(default=False)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Ticket.Channel, default=Ticket.Channel.WEB
    )
    # Plain text as it was written, and the same as sanitised HTML to show and mail.
    body = models.TextField(_("text"))
    body_html = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Mail. The Message-ID is made with the row, so that a retry sends the same one.
    message_id = models.CharField(max_length=250, blank=True, editable=False)
    delivery = models.CharField(
        _("delivery"), max_length=10, choices=Delivery, default=Delivery.NONE
    )
    # Not before this moment: the time in which the agent may take it back.
    send_after = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    delivery_error = models.CharField(max_length=500, blank=True, editable=False)
    # Nothing goes out that a person, or a named rule, did not approve.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_rule = models.CharField(max_length=50, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["ticket", "created_at"], name="message_thread"),
            GinIndex(SearchVector("body", config="english"), name="message_search"),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_known_kind", condition=Q(kind__in=["reply", "note", "automatic"])
            ),
            models.UniqueConstraint(
                fields=["message_id"], name="message_id_once", condition=~Q(message_id="")
            ),
            models.CheckConstraint(
                name="message_mailed_only_if_approved",
                condition=Q(delivery="none") | Q(approved_by__isnull=False) | ~Q(approved_rule=""),
            ),
            models.CheckConstraint(
                name="message_mailed_has_message_id",
                condition=Q(delivery="none") | ~Q(message_id=""),
            ),
            models.CheckConstraint(
                name="message_sent_at_iff_sent",
                condition=Q(delivery="sent", sent_at__isnull=False)
                | (~Q(delivery="sent") & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_note_is_never_mailed",
                condition=~Q(kind="note") | Q(delivery="none"),
            ),
            models.CheckConstraint(
                name="message_from_requester_is_a_reply",
                condition=Q(is_from_requester=False)
                | Q(kind="reply", delivery="none", author__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_public(self) -> bool:
        return self.kind != self.Kind.NOTE


class Attachment(models.Model):
    """A file that came with a message. Served only to who may read the message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    token = models.CharField(max_length=48, unique=True, default=new_token, editable=False)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(_("name"), max_length=200)
    # As its bytes say, not as the browser claimed.
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

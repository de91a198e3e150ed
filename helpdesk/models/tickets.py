"""Tickets, where they wait, and what happened to them."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.querysets import TicketEventQuerySet, TicketQuerySet

if TYPE_CHECKING:
    from helpdesk.models.drafts import Draft

ACTIVE_STATUSES = ["new", "open", "pending"]
DONE_STATUSES = ["solved", "closed"]


def new_token() -> str:
    """192 random bits for a private link."""
    return secrets.token_urlsafe(24)


class Queue(models.Model):
    """Where tickets wait for a group of agents."""

    class Tone(models.TextChoices):
        FRIENDLY = "friendly", _("Friendly")
        NEUTRAL = "neutral", _("Neutral")
        FORMAL = "formal", _("Formal")

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    signature = models.TextField(
        _("signature"), blank=True, help_text=_("Closes every draft of this queue.")
    )
    tone = models.CharField(
        _("tone of drafts"),
        max_length=10,
        choices=Tone,
        default=Tone.NEUTRAL,
        help_text=_("How drafts greet and close; what they quote stays as the article says it."),
    )
    first_reply_hours = models.PositiveIntegerField(
        _("first reply within (hours)"),
        default=24,
        help_text=_("At normal priority; high gets half, urgent a quarter, low twice as long."),
    )
    is_default = models.BooleanField(_("receives new tickets"), default=False)
    suggestion_threshold = models.PositiveSmallIntegerField(
        _("tickets that make a suggestion"),
        default=3,
        help_text=_(
            "On how many tickets agents must have changed the same fact before an edit of the "
            "article is suggested."
        ),
    )
    handling_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer by hand"),
        default=8,
        help_text=_("What a ticket without a usable draft costs; suggestions are ranked by it."),
    )

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], name="queue_one_default", condition=Q(is_default=True)
            ),
            models.CheckConstraint(
                name="queue_tone_is_known",
                condition=Q(tone__in=["friendly", "neutral", "formal"]),
            ),
            models.CheckConstraint(
                name="queue_first_reply_within_a_year",
                condition=Q(first_reply_hours__gte=1, first_reply_hours__lte=8760),
            ),
            models.CheckConstraint(
                name="queue_suggestion_needs_a_ticket", condition=Q(suggestion_threshold__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that agents sort tickets by."""

    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Upper("name"), name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """One requester's problem, from first contact to its solution."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        PENDING = "pending", _("Waiting for requester")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", _("Closed")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Channel(models.TextChoices):
        WEB = "web", _("Web")
        EMAIL = "email", _("E-mail")
        API = "api", _("API")

    ACTIVE = frozenset(ACTIVE_STATUSES)
    DONE = frozenset(DONE_STATUSES)

    # What people call it. From a sequence, so that it does not tell how rows are kept.
    number = models.BigIntegerField(
        _("number"),
        unique=True,
        editable=False,
        db_default=Func(Value("helpdesk_ticket_number"), function="nextval"),
    )
    # Opens the private link. Whoever has it may read the thread and reply.
    token = models.CharField(max_length=48, unique=True, default=new_token, editable=False)
    subject = models.CharField(_("subject"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.WEB)
    language = models.CharField(_("language"), max_length=15, default="en")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="requested_tickets",
        verbose_name=_("requester"),
    )
    organization = models.ForeignKey(
        "helpdesk.Organization", models.SET_NULL, related_name="tickets", null=True, blank=True
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="assigned_tickets",
        null=True,
        blank=True,
        limit_choices_to={"role__in": ["agent", "admin"]},
        verbose_name=_("assignee"),
    )
    queue = models.ForeignKey(
        Queue, models.PROTECT, related_name="tickets", verbose_name=_("queue")
    )
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True, verbose_name=_("tags"))
    order_reference = models.CharField(_("order number"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Of the newest message anybody wrote; the inbox is sorted by it.
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("first reply due"), null=True, blank=True)
    first_replied_at = models.DateTimeField(null=True, blank=True, editable=False)
    solved_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Message-IDs of the mail thread, oldest first: the References of the next mail.
    mail_references = ArrayField(
        models.CharField(max_length=250), default=list, blank=True, editable=False
    )

    # Present only on rows of `for_list()`.
    newest_text: str
    waiting_drafts: list[Draft]

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-updated_at", "-pk"]
        indexes = [
            # The agents' inbox: active tickets only, which stay few while the table grows.
            models.Index(
                fields=["assignee", "-updated_at"],
                name="ticket_active_inbox",
                condition=Q(status__in=ACTIVE_STATUSES),
            ),
            models.Index(
                fields=["due_at"],
                name="ticket_due",
                condition=Q(status__in=ACTIVE_STATUSES, first_replied_at=None),
            ),
            models.Index(fields=["-updated_at", "-id"], name="ticket_newest"),
            models.Index(fields=["-created_at", "-id"], name="ticket_created"),
            models.Index(fields=["requester", "-updated_at"], name="ticket_of_requester"),
            models.Index(fields=["organization", "-updated_at"], name="ticket_of_organization"),
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="ticket_subject_trgm"),
        ]
        constraints = [
            models.CheckConstraint(
                name="ticket_known_status",
                condition=Q(status__in=ACTIVE_STATUSES + DONE_STATUSES),
            ),
            models.CheckConstraint(
                name="ticket_known_priority", condition=Q(priority__gte=1, priority__lte=4)
            ),
            models.CheckConstraint(name="ticket_has_subject", condition=~Q(subject="")),
            models.CheckConstraint(
                name="ticket_solved_at_iff_done",
                condition=Q(status__in=DONE_STATUSES, solved_at__isnull=False)
                | Q(status__in=ACTIVE_STATUSES, solved_at__isnull=True),
            ),
            models.CheckConstraint(
                name="ticket_closed_at_iff_closed",
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="ticket_times_are_ordered",
                condition=(Q(first_replied_at=None) | Q(first_replied_at__gte=F("created_at")))
                & (Q(solved_at=None) | Q(solved_at__gte=F("created_at")))
                & (Q(closed_at=None) | Q(closed_at__gte=F("solved_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        """The private link. Only for the requester's eyes."""
        return reverse("ticket-private", args=[self.token])

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    @property
    def waiting_draft(self) -> Draft | None:
        """Of a row of `for_list()`: the draft that waits, if any. There is at most one."""
        return self.waiting_drafts[0] if self.waiting_drafts else None

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    def is_overdue(self, at: datetime | None = None) -> bool:
        """Nobody has replied yet, and the time for it is over."""
        return (
            self.is_active
            and self.first_replied_at is None
            and self.due_at is not None
            and self.due_at < (at or timezone.now())
        )


class TicketEvent(models.Model):
    """Who changed what, when: the timeline and the audit trail. Never changed."""

    class Kind(models.TextChoices):
        CREATED = "created", _("opened the ticket")
        REPLIED = "replied", _("replied")
        NOTED = "noted", _("added a note")
        STATUS = "status", _("changed the status")
        ASSIGNEE = "assignee", _("changed the assignee")
        QUEUE = "queue", _("changed the queue")
        PRIORITY = "priority", _("changed the priority")
        TAGS = "tags", _("changed the tags")
        DRAFTED = "drafted", _("drafted a reply")
        ABSTAINED = "abstained", _("found no answer")
        DRAFT_APPROVED = "draft_approved", _("approved the draft")
        DRAFT_EDITED = "draft_edited", _("edited and sent the draft")
        DRAFT_REJECTED = "draft_rejected", _("rejected the draft")
        SENT_BY_RULE = "sent_by_rule", _("sent the draft by the rule of its queue")
        RATED = "rated", _("rated the help")
        DELIVERY_FAILED = "delivery_failed", _("could not be delivered")
        UNDONE = "undone", _("took back the reply")
        WITHDRAWN = "withdrawn", _("withdrew the rule's reply: the requester wrote again")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    # None: the helpdesk itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    # What changed, for example {"from": "new", "to": "open"}; never a message's text.
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TicketEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["ticket", "created_at"], name="event_timeline")]

    def __str__(self) -> str:
        return self.get_kind_display()


class TicketRating(models.Model):
    """What the requester thought of the help (CSAT): one of two faces, and a comment."""

    class Rating(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Not good")

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="rating")
    rating = models.CharField(max_length=4, choices=Rating)
    comment = models.TextField(_("comment"), blank=True, max_length=2000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(name="rating_known", condition=Q(rating__in=["good", "bad"])),
        ]

    def __str__(self) -> str:
        return self.get_rating_display()


class TicketViewing(models.Model):
    """An agent has the ticket's page open; shown to the others who look at it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="viewings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "user"], name="viewing_once_per_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.ticket_id}"

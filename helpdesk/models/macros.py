"""Canned replies, and the edits that they need when a source says otherwise."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.tickets import Queue, Ticket
from helpdesk.querysets import MacroQuerySet
from knowledge.models import FactChange

#: What a macro may name in braces, to be filled in from the ticket that it is inserted for.
PLACEHOLDERS = ("first_name", "ticket_number")
_PLACEHOLDER = re.compile(r"(?P<space> ?)\{(?P<name>\w+)\}")


class Macro(models.Model):
    """A reply that is written once, and inserted where it fits."""

    name = models.CharField(_("name"), max_length=100)
    body = models.TextField(
        _("text"),
        help_text=_(
            "{first_name} becomes the customer’s first name, {ticket_number} the number of the "
            "ticket."
        ),
    )
    language = models.CharField(_("language"), max_length=15, default="en")
    queue = models.ForeignKey(
        Queue, models.CASCADE, related_name="macros", null=True, blank=True,
        verbose_name=_("queue"), help_text=_("Offered in this queue only; empty means in all."),
    )  # fmt: skip
    is_active = models.BooleanField(_("offered"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    # Present only on rows of `with_open_edits()`.
    open_edits: list[MacroEdit]

    objects = MacroQuerySet.as_manager()

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="macro_name_once",
                violation_error_message=_("There is another macro with this name."),
            ),
            models.CheckConstraint(name="macro_has_name", condition=~Q(name="")),
            models.CheckConstraint(name="macro_has_text", condition=~Q(body="")),
        ]

    def __str__(self) -> str:
        return self.name

    def text_for(self, ticket: Ticket) -> str:
        """The text with its placeholders filled in; "Hello," to whoever gave no name."""
        values = {
            "first_name": ticket.requester.first_name,
            "ticket_number": str(ticket.number),
        }

        def filled(found: re.Match[str]) -> str:
            value = values.get(found["name"])
            if value is None:
                return found[0]
            return f"{found['space']}{value}" if value else ""

        return _PLACEHOLDER.sub(filled, self.body)

    @property
    def unknown_placeholders(self) -> list[str]:
        named = [found["name"] for found in _PLACEHOLDER.finditer(self.body)]
        return [name for name in named if name not in PLACEHOLDERS]


class MacroEdit(models.Model):
    """What a macro would have to say since a source says otherwise.

    While one is open the macro is not inserted: its words are no longer true.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")
        SUPERSEDED = "superseded", _("Superseded")

    macro = models.ForeignKey(Macro, models.CASCADE, related_name="edits")
    change = models.ForeignKey(FactChange, models.CASCADE, related_name="+")
    # The fact of the change, which is the same in every version of the source.
    fact_key = models.CharField(max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # What the macro said, and would say.
    base_text = models.TextField()
    proposed_text = models.TextField(_("proposed text"))
    # In words, and where the source says it: "Returns policy, version 2, line 4".
    reason = models.CharField(_("reason"), max_length=500)
    evidence = models.CharField(_("evidence"), max_length=300)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("edit of a macro")
        verbose_name_plural = _("edits of macros")
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["macro", "fact_key"],
                name="macro_edit_open_once_per_fact",
                condition=Q(state="open"),
            ),
            models.UniqueConstraint(fields=["macro", "change"], name="macro_edit_once_per_change"),
            models.CheckConstraint(
                name="macro_edit_changes_something",
                condition=~Q(base_text=F("proposed_text")),
            ),
            models.CheckConstraint(
                name="macro_edit_decided_iff_not_open",
                condition=Q(state="open", decided_at=None, decided_by=None)
                | Q(state="superseded", decided_at__isnull=False)
                | Q(
                    state__in=["accepted", "dismissed"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

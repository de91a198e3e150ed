"""What requesters fill in: shape and presence. What is allowed is the services' business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _

from helpdesk.models import TicketRating
from helpdesk.portal.once import new_key
from helpdesk.services.attachments import ALLOWED
from helpdesk.texts import MAX_BODY

#: The file dialog offers these first; the service looks at the bytes.
ACCEPT = ",".join(sorted(kind for kind in ALLOWED if "openxml" not in kind)) + ",.txt,.docx,.xlsx"
SUBJECT_LENGTH = 90


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"multiple": True, "accept": ACCEPT}))
        kwargs.setdefault(
            "help_text",
            format_lazy(
                _("Up to {count}, {size} MB each: pictures, short videos, PDF or text."),
                count=settings.ATTACHMENT_MAX_COUNT,
                size=settings.ATTACHMENT_MAX_BYTES // 1024 // 1024,
            ),
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [one for file in files if file if (one := super(FilesField, self).clean(file))]


class WritingForm(forms.Form):
    """What every form that posts text has: a trap for robots, and a key against doubles."""

    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("once", new_key())

    def clean_website(self) -> str:
        """A robot fills in everything. A person whose browser did is told what to do."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _(
                    "This looked like an automatic message. Nothing you wrote is lost: "
                    "please empty the field “Leave this field empty” and send it again."
                )
            )
        return ""


class TicketForm(WritingForm):
    body = forms.CharField(
        label=_("What can we help with?"),
        max_length=MAX_BODY,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Please tell us what we can help with.")},
    )
    subject = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=200,
        help_text=_("Becomes the title of your ticket. Empty, your first words do."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("Our answer goes there, and a private link to follow it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Please give your e-mail address, so that we can answer."),
            "invalid": _("This address is not complete. It looks like name@example.com."),
        },
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    order_reference = forms.CharField(
        label=_("Order number"),
        required=False,
        max_length=50,
        help_text=_("If it is about an order. It is in the confirmation mail."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    attachments = FilesField(label=_("Pictures or files"), required=False)

    field_order = ["body", "subject", "email", "name", "order_reference", "attachments"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.is_authenticated:
            del self.fields["email"], self.fields["name"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("subject"):
            cleaned["subject"] = subject_from(cleaned.get("body", ""))
        return cleaned


class ReplyForm(WritingForm):
    body = forms.CharField(
        label=_("Your answer"),
        max_length=MAX_BODY,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write something first.")},
    )
    attachments = FilesField(label=_("Pictures or files"), required=False)


class RatingForm(forms.Form):
    rating = forms.ChoiceField(
        label=_("How was our help?"),
        choices=TicketRating.Rating.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the two faces.")},
    )
    comment = forms.CharField(
        label=_("Anything you would like to tell us?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def subject_from(text: str) -> str:
    """The first line of what was written, cut at a word."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(first) <= SUBJECT_LENGTH:
        return first
    cut = Truncator(first).chars(SUBJECT_LENGTH, truncate="")
    return f"{cut.rsplit(' ', 1)[0].rstrip(',.;:–-')}…"

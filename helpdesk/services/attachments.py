"""Files that come with a message: counted, sized, and typed by their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from helpdesk.exceptions import AttachmentRefused
from helpdesk.models import Attachment, Message
from knowledge.uploads import PICTURES, TEXT, UploadRefused, look_at

ALLOWED = PICTURES | {
    TEXT, "image/heic", "application/pdf",
    "video/mp4", "video/quicktime", "video/webm", "application/zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def attach(message: Message, files: Sequence[UploadedFile[Any]]) -> list[Attachment]:
    """Keep the files with the message. Raises AttachmentRefused, naming the file and why."""
    if len(files) > settings.ATTACHMENT_MAX_COUNT:
        most = settings.ATTACHMENT_MAX_COUNT
        raise AttachmentRefused(_("Please attach at most %(most)s files.") % {"most": most})
    return [_keep(message, file) for file in files]


def _keep(message: Message, file: UploadedFile[Any]) -> Attachment:
    refused = _("“%(name)s” is of a kind that cannot be attached. Pictures, PDF and text can.")
    try:
        looked = look_at(file, allowed=ALLOWED, refused=refused)
    except UploadRefused as refusal:
        raise AttachmentRefused(str(refusal)) from refusal
    return Attachment.objects.create(
        message=message,
        file=file,
        name=looked.name,
        content_type=looked.content_type,
        size=looked.size,
    )

"""Files that come with a message: counted, sized, and typed by their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from helpdesk.exceptions import AttachmentRefused
from helpdesk.models import Attachment, Message
from helpdesk.texts import clean_text

#: By their bytes; text has no signature and is recognised by decoding.
ALLOWED = frozenset(
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "application/pdf",
        "video/mp4", "video/quicktime", "video/webm", "application/zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)  # fmt: skip
#: Shown by a browser in its tab; everything else is only ever downloaded.
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def attach(message: Message, files: Sequence[UploadedFile[Any]]) -> list[Attachment]:
    """Keep the files with the message. Raises AttachmentRefused, naming the file and why."""
    if len(files) > settings.ATTACHMENT_MAX_COUNT:
        most = settings.ATTACHMENT_MAX_COUNT
        raise AttachmentRefused(_("Please attach at most %(most)s files.") % {"most": most})
    return [_keep(message, file) for file in files]


def _keep(message: Message, file: UploadedFile[Any]) -> Attachment:
    name = clean_text(PurePosixPath((file.name or "file").replace("\\", "/")).name)[-200:]
    size = file.size or 0
    if size > settings.ATTACHMENT_MAX_BYTES:
        most = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
        raise AttachmentRefused(
            _("“%(name)s” is larger than %(most)s MB.") % {"name": name, "most": most}
        )
    return Attachment.objects.create(
        message=message, file=file, name=name or "file", content_type=_type(file, name), size=size
    )


def _type(file: UploadedFile[Any], name: str) -> str:
    head = file.read(8192)
    file.seek(0)
    kind = filetype.guess(head)
    if kind is not None and kind.mime in ALLOWED:
        return str(kind.mime)
    if kind is None and b"\x00" not in head:
        return "text/plain"
    raise AttachmentRefused(
        _("“%(name)s” is of a kind that cannot be attached. Pictures, PDF and text can.")
        % {"name": name}
    )

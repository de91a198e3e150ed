"""Files that people send: named, sized, and typed by their bytes. Serves nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

#: Pictures that every browser shows, and in which nothing can run.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
TEXT = "text/plain"


class UploadRefused(Exception):
    """The file is too large, or of a kind that is not taken; its text is fit to be shown."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file is: a name without a path, its bytes' type, not what the browser claimed."""

    name: str
    content_type: str
    size: int


def look_at(file: UploadedFile[Any], *, allowed: Collection[str], refused: str) -> Looked:
    """Raises UploadRefused; `refused` says what is not taken, and what is, of a `%(name)s`.

    Text has no signature: it is taken for text, where that is allowed, if no byte is zero.
    """
    name = _name(file)
    size = file.size or 0
    if size > settings.ATTACHMENT_MAX_BYTES:
        most = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
        raise UploadRefused(
            _("“%(name)s” is larger than %(most)s MB.") % {"name": name, "most": most}
        )
    head = file.read(8192)
    file.seek(0)
    kind = filetype.guess(head)
    if kind is not None and kind.mime in allowed:
        return Looked(name, str(kind.mime), size)
    if kind is None and TEXT in allowed and b"\x00" not in head:
        return Looked(name, TEXT, size)
    raise UploadRefused(refused % {"name": name})


def _name(file: UploadedFile[Any]) -> str:
    """Its last part, without characters that do not show or turn the others round."""
    last = PurePosixPath((file.name or "").replace("\\", "/")).name
    return "".join(one for one in last if one.isprintable()).strip()[-200:] or "file"

"""Pictures of articles: kept once each, and deleted only when no text names them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.exceptions import ImageRefused
from knowledge.models import ArticleImage
from knowledge.models.images import ENDINGS
from knowledge.services.gates import ensure_may_publish, ensure_may_write
from knowledge.uploads import PICTURES, UploadRefused, look_at

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def keep_image(*, file: UploadedFile[Any], alt: str, by: User | None) -> ArticleImage:
    """The picture, or the one that has the same bytes. Raises NotAllowed and ImageRefused."""
    ensure_may_write(by)
    alt = " ".join(alt.split())[:300]
    if not alt:
        raise ImageRefused(_("Please say what the picture shows, for who cannot see it."))
    try:
        looked = look_at(
            file,
            allowed=PICTURES,
            refused=_("“%(name)s” is no picture. PNG, JPEG, GIF and WebP files are."),
        )
    except UploadRefused as refusal:
        raise ImageRefused(str(refusal)) from refusal
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    file.name = f"{digest}.{ENDINGS[looked.content_type]}"
    image, _is_new = ArticleImage.objects.get_or_create(
        sha256=digest,
        defaults={
            "file": file,
            "content_type": looked.content_type,
            "size": looked.size,
            "alt": alt,
            "uploader": by,
        },
    )
    return image


@transaction.atomic
def delete_unused_images(*, images: Collection[int], by: User | None) -> int:
    """Those of them that no text names; how many. The files go once that is certain.

    Raises NotAllowed.
    """
    ensure_may_publish(by)
    rows = list(ArticleImage.objects.unused().filter(pk__in=images))
    for row in rows:
        transaction.on_commit(partial(row.file.storage.delete, str(row.file.name)))
    ArticleImage.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)

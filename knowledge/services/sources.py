"""Sources and their versions: keeping a text, and having it compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.exceptions import SourceUnreadable
from knowledge.models import Category, SourceDocument, SourceVersion
from knowledge.signals import source_changed
from knowledge.sourcing.reading import SourceText

if TYPE_CHECKING:
    from helpdesk.models import User


@dataclass(frozen=True, slots=True)
class Added:
    version: SourceVersion
    is_new: bool


@transaction.atomic
def add_version(
    *,
    name: str,
    source: SourceText,
    external_id: str = "",
    category: Category | None = None,
    author: User | None = None,
    note: str = "",
    file_name: str = "",
    original: bytes = b"",
) -> Added:
    """Keep a text as the newest version of the source with this id (by default its name).

    The same text again changes nothing. Raises SourceUnreadable where the source is of the
    other kind, or its name is taken.
    """
    name = " ".join(name.split())[:150]
    key = external_id or name
    if not name:
        raise SourceUnreadable(_("A source needs a name."))
    taken = SourceDocument.objects.filter(name=name).exclude(external_id=key)
    if taken.exists() and not SourceDocument.objects.filter(external_id=key).exists():
        raise SourceUnreadable(_("There is another source with the name “%s”.") % name)
    SourceDocument.objects.get_or_create(
        external_id=key, defaults={"name": name, "kind": source.kind, "category": category}
    )
    document = SourceDocument.objects.select_for_update().get(external_id=key)
    if document.kind != source.kind:
        raise SourceUnreadable(
            _("“%(name)s” is a %(kind)s; this text is something else.")
            % {"name": document.name, "kind": document.get_kind_display().lower()}
        )
    head = document.versions.order_by("-number").first()
    digest = hashlib.sha256(source.text.encode()).hexdigest()
    if head is not None and head.digest == digest:
        return Added(head, is_new=False)
    version = SourceVersion.objects.create(
        document=document,
        number=(head.number if head else 0) + 1,
        text=source.text,
        digest=digest,
        file_name=file_name[:200],
        original=original,
        author=author,
        note=" ".join(note.split())[:300],
    )
    document.head = version
    document.save(update_fields=["head", "updated_at"])
    source_changed.send(SourceVersion, version_id=version.pk)
    return Added(version, is_new=True)


@transaction.atomic
def compare_again(*, version: SourceVersion) -> None:
    """Have a version compared anew, as somebody asked after it was given up."""
    SourceVersion.objects.filter(pk=version.pk).update(
        state=SourceVersion.State.WAITING, compared_at=None, error=""
    )
    source_changed.send(SourceVersion, version_id=version.pk)

"""Sources from a folder: what `import_sources` and the schedule do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.exceptions import KnowledgeError
from knowledge.services.sources import add_version
from knowledge.sourcing.reading import MAX_FILE, files_in, read_source


@dataclass(frozen=True, slots=True)
class Imported:
    """`outcome` is "new", "unchanged" or "refused"; then `reason` says why."""

    name: str
    outcome: str
    reason: str = ""


def import_folder(path: Path) -> list[Imported]:
    """Every file once; one that cannot be read does not keep the others from being read."""
    return list(_imported(path))


def _imported(path: Path) -> Iterator[Imported]:
    root = path if path.is_dir() else path.parent
    for file in files_in(path):
        key = file.relative_to(root).as_posix()
        try:
            if file.stat().st_size > MAX_FILE:
                yield Imported(key, "refused", "it is larger than 10 MB")
                continue
            data = file.read_bytes()
            added = add_version(
                name=file.stem.replace("-", " ").replace("_", " ").capitalize(),
                source=read_source(file.name, data),
                external_id=key,
                file_name=file.name,
                original=data,
            )
        except (KnowledgeError, OSError) as error:
            yield Imported(key, "refused", str(error))
        else:
            yield Imported(key, "new" if added.is_new else "unchanged")

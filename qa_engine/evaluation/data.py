"""Files of questions and answers, in the formats that docs/evaluation.md describes.

A record that cannot be used is told with its place and the reason, the others are taken;
what a figure was measured on is named by the sha256 of the file. Imports no Django.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class UnusableData(Exception):
    """The file as a whole is not what it should be; the message says why."""


class Refused(Exception):
    """A record cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Where a record stands, and why it was not taken."""

    place: str
    reason: str


@dataclass(frozen=True)
class Loaded(Generic[Item]):
    """The usable records of a file, and the file's identity."""

    name: str
    digest: str
    records: tuple[Item, ...]
    refusals: tuple[Refusal, ...] = ()

    def described(self) -> dict[str, Any]:
        """For the row of the run. Names no directory of the machine."""
        return {
            "name": self.name,
            "sha256": self.digest,
            "records": len(self.records),
            "refused": len(self.refusals),
        }


def digest_of(path: Path) -> str:
    """The sha256 of a file; of a folder, that of its Markdown files with their names."""
    if path.is_dir():
        lines = [
            f"{digest_of(file)}  {file.relative_to(path).as_posix()}"
            for file in sorted(path.rglob("*.md"))
        ]
        return digest_of_texts(lines)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnusableData(f"{path.name}: {error.strerror}") from error


def digest_of_texts(texts: Iterable[str]) -> str:
    """Of a list of texts in its order, whatever file they came from."""
    total = hashlib.sha256()
    for text in texts:
        total.update(text.encode() + b"\n")
    return total.hexdigest()


def collect(
    path: Path,
    rows: Iterable[tuple[str, Any]],
    build: Callable[[Mapping[str, Any]], Item],
) -> Loaded[Item]:
    """Each row through `build`, which raises Refused. Raises UnusableData if none is left."""
    digest = digest_of(path)
    taken: list[Item] = []
    refusals: list[Refusal] = []
    for place, row in rows:
        try:
            if isinstance(row, Refused):
                raise row
            if not isinstance(row, Mapping):
                raise Refused("it is not an object")
            taken.append(build(row))
        except Refused as refused:
            refusals.append(Refusal(place, str(refused)))
    if not taken:
        first = f" ({refusals[0].place}: {refusals[0].reason})" if refusals else ""
        raise UnusableData(f"{path.name} holds no usable record{first}.")
    return Loaded(path.name, digest, tuple(taken), tuple(refusals))


def jsonl(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, object) for each line that holds anything."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                place = f"{path.name}:{number}"
                try:
                    yield place, json.loads(line)
                except ValueError:
                    yield place, Refused("it is not JSON")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableData(f"{path.name} cannot be read: {error}") from error


def text(row: Mapping[str, Any], *names: str, required: bool = True, strict: bool = True) -> str:
    """The first of these fields that says anything."""
    for name in names:
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            if strict:
                raise Refused(f"its {name} is not text")
            continue
        if value is not None and str(value).strip():
            return str(value)
    if required:
        raise Refused(f"it has no {names[0]}")
    return ""


def texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts; one text is a list of one, nothing is none."""
    value = row.get(name)
    if value in (None, ""):
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise Refused(f"its {name} is not a list of texts")

"""Files of articles, record by record, so that memory does not grow with the file.

A record that cannot be read at all comes with its place and the reason instead.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontmatter.default_handlers import YAMLHandler
from yaml import YAMLError

_MAX_FIELD = 10_000_000  # characters of one CSV field; the csv module's own limit is 128 K


class UnknownFormat(Exception):
    """The path is nothing that articles can be read from."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at one place of a file: its fields, or why they cannot be read."""

    place: str
    fields: dict[str, Any]
    problem: str = ""


def read_records(path: Path) -> Iterator[Record]:
    """The records of a Markdown folder or file, a JSONL or a CSV file."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.md") if file.is_file())
        return (read_markdown(file, path) for file in files)
    if not path.is_file():
        raise UnknownFormat(f"There is nothing at {path}.")
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            return _read_jsonl(path)
        case ".csv":
            return _read_csv(path)
        case ".md" | ".markdown":
            return iter([read_markdown(path, path.parent)])
    raise UnknownFormat(f"{path.name} is neither a folder of .md files nor .jsonl, .csv or .md.")


def read_markdown(file: Path, root: Path) -> Record:
    """One file: YAML front matter, then the body. Without an id, its path is one."""
    name = file.relative_to(root).as_posix()
    try:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return Record(name, {}, f"it is not UTF-8 (byte {error.start})")
    handler = YAMLHandler()
    fields: Any = {}
    if handler.detect(text):
        try:
            front, text = handler.split(text)
            fields = handler.load(front) or {}
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            reason = getattr(error, "problem", None) or "it cannot be read"
            return Record(f"{name}:{line}", {}, f"its front matter is no YAML: {reason}")
        except ValueError:
            return Record(f"{name}:1", {}, "its front matter has no end")
    if not isinstance(fields, dict):
        return Record(f"{name}:1", {}, "its front matter is not a list of fields")
    defaults = {"path": name, "title": _title_of(text, file)}
    if not fields.get("external_id") and not fields.get("id") and fields.get("slug"):
        defaults["external_id"] = ""
        defaults.pop("path")
    return Record(name, {**defaults, **fields, "body": text})


def _title_of(text: str, file: Path) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return first[2:].strip() if first.startswith("# ") else file.stem.replace("-", " ")


def _read_jsonl(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            place = f"line {number}"
            if not line.strip():
                continue
            if not line.isascii() and any("\udc80" <= char <= "\udcff" for char in line):
                yield Record(place, {}, "it is not UTF-8")
                continue
            try:
                fields = json.loads(line)
            except ValueError as error:
                yield Record(place, {}, f"it is no JSON: {error}")
                continue
            if isinstance(fields, dict):
                yield Record(place, fields)
            else:
                yield Record(place, {}, "it is not a JSON object")


def _read_csv(path: Path) -> Iterator[Record]:
    csv.field_size_limit(_MAX_FIELD)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file)
        line = 1
        while True:
            place = f"line {line + 1}"
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(place, {}, f"it is no CSV: {error}")
                return
            line = reader.line_num
            if None in fields:
                yield Record(place, {}, "it has more fields than the first line names")
            elif any("\udc80" <= c <= "\udcff" for v in fields.values() if v for c in v):
                yield Record(place, {}, "it is not UTF-8")
            else:
                yield Record(place, dict(fields))

"""What was pasted, uploaded or found in a folder, as text that versions can be made of."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.utils.translation import gettext as _

from knowledge.exceptions import SourceUnreadable
from knowledge.sourcing.extracting import html_to_markdown
from knowledge.sourcing.feeds import read_feed, write_feed

#: Bytes of a file, and characters of its text.
MAX_FILE = 10_000_000
MAX_TEXT = 1_000_000
#: Of a feed, as text.
MAX_FEED = 10_000_000
TIME_LIMIT = 30  # seconds for a PDF or DOCX
FEEDS = {".csv": False, ".tsv": False, ".json": True}
POLICIES = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx"})
SUFFIXES = frozenset(FEEDS) | POLICIES


@dataclass(frozen=True, slots=True)
class SourceText:
    """`kind` is "feed" or "policy"; the text is canonical, so that equal is equal."""

    kind: str
    text: str


def read_source(file_name: str, data: bytes) -> SourceText:
    """Raises SourceUnreadable, with words for whoever sent it."""
    suffix = PurePath(file_name).suffix.lower()
    if suffix not in SUFFIXES:
        raise SourceUnreadable(
            _("“%(name)s” is no kind of file that can be read. Use one of: %(known)s.")
            % {"name": file_name, "known": ", ".join(sorted(SUFFIXES))}
        )
    if len(data) > MAX_FILE:
        raise SourceUnreadable(_("The file is larger than 10 MB."))
    if suffix in FEEDS:
        return SourceText("feed", write_feed(read_feed(_decoded(data), is_json=FEEDS[suffix])))
    match suffix:
        case ".pdf" | ".docx":
            text = _extracted(suffix[1:], data)
        case ".html" | ".htm":
            text = html_to_markdown(_decoded(data))
        case _:
            text = _decoded(data)
    return SourceText("policy", _checked(text))


def read_pasted(kind: str, text: str) -> SourceText:
    """A policy as Markdown or plain text; a feed as CSV or JSON, told by how it begins."""
    if kind == "feed":
        is_json = text.lstrip("\ufeff \t\r\n").startswith(("[", "{"))
        if len(text) > MAX_FEED:
            raise SourceUnreadable(_("The feed is longer than 10 million characters."))
        return SourceText("feed", write_feed(read_feed(text.strip("\n"), is_json=is_json)))
    return SourceText("policy", _checked(text))


def files_in(path: Path) -> list[Path]:
    """The readable files of a folder, or the one file. Raises SourceUnreadable."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceUnreadable(_("There is nothing at %(path)s.") % {"path": path})
    return sorted(
        file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES
    )


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(
            _("The file is not UTF-8 (byte %(byte)d). Please save it as UTF-8.")
            % {"byte": error.start}
        ) from error


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    if not text:
        raise SourceUnreadable(_("There is no text in it."))
    if len(text) > MAX_TEXT:
        raise SourceUnreadable(_("The text is longer than a million characters."))
    return text


def _extracted(kind: str, data: bytes) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "knowledge.sourcing.extracting", kind],
            input=data,
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise SourceUnreadable(
            _("The file could not be read within %(limit)d seconds.") % {"limit": TIME_LIMIT}
        ) from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["?"]
        raise SourceUnreadable(
            _("The file cannot be read: %(reason)s.") % {"reason": reason[0][:200]}
        )
    return done.stdout.decode("utf-8", "replace")

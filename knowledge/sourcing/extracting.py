"""Policy texts out of files: HTML, PDF and DOCX become Markdown. Imports no Django.

PDF and DOCX come from strangers' programs, so they are read by a process of its own
(`python -m knowledge.sourcing.extracting pdf < file`) with limits on time and memory. DOCX
goes through mammoth to HTML; HTML is read by the standard library's parser, which is linear.
"""

from __future__ import annotations

import io
import re
import resource
import sys
import zipfile
from html.parser import HTMLParser

MAX_PAGES = 500
#: Of a DOCX, unpacked: a small file may unpack to anything.
MAX_UNPACKED = 100_000_000
MEMORY = 1_500_000_000
_BLOCKS = {"p", "div", "section", "article", "table", "ul", "ol", "blockquote", "header", "main"}
_SILENT = {"script", "style", "head", "nav", "footer", "template", "svg"}


class _Markdown(HTMLParser):
    """Headings, paragraphs, lists and tables; everything else is its words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._words: list[str] = []
        self._prefix = ""
        self._lists: list[int] = []
        self._cells: list[str] | None = None
        self._rows = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self._end_block()
            self._prefix = "#" * int(tag[1]) + " "
        elif tag in {"ul", "ol"}:
            self._end_block()
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._end_block()
            self._prefix = self._marker()
        elif tag == "table":
            self._end_block()
            self.lines.append("")
            self._rows = 0
        elif tag == "tr":
            self._end_block()
            self._cells = []
        elif tag in {"td", "th"}:
            self._words = []
        elif tag == "br":
            self._words.append(" ")
        elif tag in _BLOCKS and self._cells is None and not self._prefix:
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append(_joined(self._words).replace("|", "\\|"))
            self._words = []
        elif tag == "tr" and self._cells is not None:
            self._end_row(self._cells)
        elif tag == "table":
            self.lines.append("")
        elif tag in {"ul", "ol"}:
            self._end_block()
            self._lists = self._lists[:-1]
        elif self._cells is None and (tag in _BLOCKS | {"li"} or re.fullmatch(r"h[1-6]", tag)):
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)

    def text(self) -> str:
        self._end_block()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()

    def _marker(self) -> str:
        if not self._lists or self._lists[-1] < 0:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _end_row(self, row: list[str]) -> None:
        self.lines.append("| " + " | ".join(row) + " |")
        if not self._rows:
            self.lines.append("|" + "---|" * len(row))
        self._rows += 1
        self._cells, self._words = None, []

    def _end_block(self) -> None:
        words = _joined(self._words)
        if words:
            is_item = bool(re.match(r"(?:-|\d+\.) ", self._prefix))
            if not is_item or not self.lines or not re.match(r"(?:-|\d+\.) ", self.lines[-1]):
                self.lines.append("")
            self.lines.append(self._prefix + words)
            if not is_item:
                self.lines.append("")
        self._words, self._prefix = [], ""


def html_to_markdown(html: str) -> str:
    parser = _Markdown()
    parser.feed(html)
    parser.close()
    return parser.text()


def pdf_to_text(data: bytes) -> str:
    """The words of each page; lines of a paragraph are joined, since a page breaks them."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(data)).pages
    if len(pages) > MAX_PAGES:
        raise ValueError(f"more than {MAX_PAGES} pages")
    return "\n\n".join(_reflowed(page.extract_text()) for page in pages).strip()


def docx_to_markdown(data: bytes) -> str:
    import mammoth

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise ValueError("it unpacks to more than 100 MB")
    return html_to_markdown(mammoth.convert_to_html(io.BytesIO(data)).value)


def _joined(words: list[str]) -> str:
    return " ".join("".join(words).split())


def _reflowed(page: str) -> str:
    """Lines that go on in small letters belong to the line before."""
    text = re.sub(r"-\n(?=[a-z])", "", page)
    text = re.sub(r"(?<![.!?:;\n])\n(?=[^\n•\-–#|])(?![A-Z][^.!?]{0,60}\n)", " ", text)
    return "\n\n".join(line.strip() for line in text.splitlines() if line.strip())


def main() -> None:
    """Read a file on stdin, write its text to stdout; a refusal is status 3 and a reason."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    read = {"pdf": pdf_to_text, "docx": docx_to_markdown}[sys.argv[1]]
    try:
        text = read(sys.stdin.buffer.read())
    except Exception as error:  # outermost loop of a process: whatever a broken file causes
        sys.stderr.write(f"{type(error).__name__}: {error}"[:200])
        raise SystemExit(3) from error
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

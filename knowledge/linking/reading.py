"""The addresses that a text points to, as readers get it."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.utils.encoding import iri_to_uri

from knowledge.rendering import render

MAX_URL = 2000


@dataclass(frozen=True, slots=True)
class Pointer:
    """`url` is a path where it lies inside; `host` is empty then."""

    url: str
    host: str
    text: str
    is_image: bool

    @property
    def is_inside(self) -> bool:
        return not self.host


def pointers_in(body: str, *, page: str, site: str) -> list[Pointer]:
    """Each address once, in the order of the text.

    `page` is the path of the article's own page, `site` where the help centre is reached. Mail
    addresses and telephone numbers are nowhere to look.
    """
    parser = _Links()
    parser.feed(render(body))
    parser.close()
    found: dict[str, Pointer] = {}
    for address, text, is_image in parser.found:
        pointer = _pointer(address, " ".join(text.split())[:200], is_image, page, site)
        if pointer is not None:
            found.setdefault(pointer.url, pointer)
    return list(found.values())


def _pointer(address: str, text: str, is_image: bool, page: str, site: str) -> Pointer | None:
    try:
        whole = urljoin(site + page, address.strip())
        parts = urlsplit(whole)
        host = (parts.hostname or "")[:255]
        ours = urlsplit(site)
    except ValueError:
        return Pointer(iri_to_uri(address.strip())[:MAX_URL], "?", text, is_image)
    if parts.scheme not in {"http", "https"}:
        return None
    if parts.netloc == ours.netloc:
        inside = iri_to_uri(whole.partition(parts.netloc)[2] or "/")
        return Pointer(inside[:MAX_URL], "", text, is_image)
    outside = iri_to_uri(urldefrag(whole).url)
    return Pointer(outside[:MAX_URL], host or "?", text, is_image)


class _Links(HTMLParser):
    """The links and images of an article's HTML, with the words that readers click."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, bool]] = []
        self._open: list[str] | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "img" and said.get("src"):
            self.found.append((said["src"] or "", said.get("alt") or "", True))
        if tag == "a" and said.get("href"):
            self._open, self._words = [said["href"] or ""], []

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self.found.append((self._open[0], "".join(self._words), False))
            self._open = None

"""A very small browser: keeps cookies, follows redirects, reads and submits forms.

For playing the main loop as people do, over real HTTP. Knows nothing of the helpdesk.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any

TIMEOUT_S = 20


class PageRefused(Exception):
    """The server answered with an error, or a page is not what it should be."""


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    url: str
    text: str
    forms: list[Form]
    links: list[str]

    def form(self, ends_with: str) -> Form:
        """The first form whose action ends so; an empty action is the page itself."""
        for form in self.forms:
            if urllib.parse.urlsplit(form.action).path.endswith(ends_with):
                return form
        raise PageRefused(f"{self.url} has no form that leads to {ends_with}")


class Browser:
    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._cookies = CookieJar()
        processor = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(processor)

    def open(self, url: str) -> Page:
        return self._page(urllib.request.Request(self._absolute(url)))

    def submit(self, page: Page, form: Form, values: Mapping[str, str]) -> Page:
        """Send the form as a person would who changed `values` in it."""
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        url = urllib.parse.urljoin(page.url, form.action)
        return self._page(urllib.request.Request(url, data, {"Referer": page.url}))

    def json(self, url: str) -> Any:
        return json.loads(self._read(urllib.request.Request(self._absolute(url)))[1])

    def post_json(self, url: str, values: Mapping[str, str]) -> Any:
        """As a page's script does it, with the token that shows where it comes from."""
        tokens = [cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"]
        headers = {"Content-Type": "application/json", "X-CSRFToken": "".join(tokens[:1])}
        data = json.dumps(values).encode()
        return json.loads(
            self._read(urllib.request.Request(self._absolute(url), data, headers))[1]
        )

    def _absolute(self, url: str) -> str:
        return urllib.parse.urljoin(self._base, url)

    def _page(self, request: urllib.request.Request) -> Page:
        url, html = self._read(request)
        reader = _Reader(url)
        reader.feed(html)
        return Page(url, " ".join(reader.words), reader.forms, reader.links)

    def _read(self, request: urllib.request.Request) -> tuple[str, str]:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return response.geturl(), response.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as exc:
            with exc:
                raise PageRefused(f"{request.full_url} answered {exc.code}") from exc
        except OSError as exc:
            raise PageRefused(f"{request.full_url} did not answer: {exc}") from exc


class _Reader(HTMLParser):
    """Collects forms with what is filled in, links, and the words that are shown."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._url = url
        self._form: Form | None = None
        self._textarea = ""
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action") or self._url)
            self.forms.append(self._form)
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in {"script", "style"}:
            self._is_hidden = True
        elif self._form is not None and values.get("name"):
            self._field(self._form, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag in {"script", "style"}:
            self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] += data
        elif not self._is_hidden:
            self.words.extend(data.split())

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        if tag == "textarea":
            self._textarea = values["name"]
            form.fields[self._textarea] = ""
        elif tag == "input":
            kind = values.get("type", "text")
            is_ticked = kind not in {"checkbox", "radio"} or "checked" in values
            if is_ticked and kind not in {"submit", "button", "file", "image", "reset"}:
                form.fields[values["name"]] = values.get("value", "")

"""Addresses of pages and of mail in a sentence. Imports no Django."""

from __future__ import annotations

import re

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]"
    r"|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|shop|store|eu|de|nl|cn|uk|fr|info|biz|example)\b(?:/[^\s<>\"')\]]*[^\s<>\"')\].,;:!?])?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def addresses(text: str) -> frozenset[str]:
    """Pages and mail addresses, small, without what varies in writing."""
    mails = {mail.lower() for mail in _EMAIL.findall(text)}
    pages = {
        re.sub(r"^(?:https?://)?(?:www\.)?", "", page.lower()).rstrip("/")
        for page in _URL.findall(_EMAIL.sub(" ", text))
    }
    return frozenset(mails | pages)


def without_addresses(text: str) -> str:
    return _URL.sub(" ", _EMAIL.sub(" ", text))

"""Who a reader is without knowing who they are: a keyed hash, the same each time."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def visitor_of(request: HttpRequest) -> str | None:
    """Of the account or else the session; None for a reader who has neither yet."""
    if request.user.is_authenticated:
        return _hashed(f"user:{request.user.pk}")
    key = request.session.session_key
    return _hashed(f"session:{key}") if key else None


def remembered_visitor_of(request: HttpRequest) -> str:
    """As `visitor_of`, starting a session where there is none."""
    if not request.user.is_authenticated and not request.session.session_key:
        request.session.create()
    visitor = visitor_of(request)
    assert visitor is not None
    return visitor


def _hashed(identity: str) -> str:
    return salted_hmac("knowledge.visitor", identity, algorithm="sha256").hexdigest()

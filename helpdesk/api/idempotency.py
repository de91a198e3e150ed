"""The header `Idempotency-Key`: which request it stands for, and what is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from helpdesk.api.views.endpoint import AuthenticatedRequest
from helpdesk.services.idempotency import Outcome, once

HEADER = "Idempotency-Key"
MAX_LENGTH = 100


def respond_once(request: AuthenticatedRequest, act: Callable[[], Response]) -> Response:
    """`act`'s response; the first one again, where the request carries a key used before."""
    key = request.headers.get(HEADER, "")
    if not key:
        return act()
    if len(key) > MAX_LENGTH or not key.isprintable():
        raise ValidationError(f"{HEADER} may have at most {MAX_LENGTH} printable characters.")

    def outcome() -> Outcome:
        response = act()
        return Outcome(response.status_code, json.loads(JSONRenderer().render(response.data)))

    result = once(user=request.user, key=key, digest=_digest(request), act=outcome)
    replayed = {"Idempotent-Replayed": "true"} if result.is_replay else None
    return Response(result.content, status=result.status, headers=replayed)


def _digest(request: AuthenticatedRequest) -> str:
    """Of method, address and content, files included."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for part in _parts(request.data):
        digest.update(part)
    return digest.hexdigest()


def _parts(data: Any) -> Iterator[bytes]:
    if not hasattr(data, "lists"):
        yield json.dumps(data, sort_keys=True).encode()
        return
    for name, values in sorted(data.lists()):
        for value in values:
            yield json.dumps(name).encode()
            if isinstance(value, UploadedFile):
                yield json.dumps([value.name, value.size]).encode()
                yield from value.chunks()
                value.seek(0)
            else:
                yield json.dumps(value).encode()

"""One shape for every error: {"code": …, "message": …, "fields": {…}}."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from helpdesk.exceptions import HelpdeskError


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(exc, HelpdeskError):
        return Response({"code": exc.code, "message": exc.message}, status=exc.status)
    return drf_exception_handler(exc, context)

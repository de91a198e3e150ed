"""One shape for every error: {"code": …, "message": …, "fields": {…}}.

`code` is for machines and stays as it is, `message` is for people. `fields` is there when
what was sent did not fit: the field's name, and what is wrong with it.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as drf_exception_handler
from rest_framework.views import set_rollback

from helpdesk.exceptions import HelpdeskError


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The request is too large."


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(exc, HelpdeskError):
        set_rollback()
        return Response({"code": exc.code, "message": exc.message}, status=exc.status)
    if isinstance(exc, RequestDataTooBig):
        exc = TooLarge()
    elif isinstance(exc, SuspiciousOperation):
        exc = APIException(_("This request is not well formed."), code="parse_error")
        exc.status_code = status.HTTP_400_BAD_REQUEST
    response = drf_exception_handler(exc, context)
    if response is not None:
        response.data = _shape(exc, response)
    return response


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@permission_classes([AllowAny])
def not_found(request: Request) -> Response:
    """For addresses under the API that lead nowhere."""
    raise NotFound(_("There is nothing at this address. Addresses end with a slash."))


def _shape(exc: Exception, response: Response) -> dict[str, Any]:
    if isinstance(exc, ValidationError):
        return _invalid(exc)
    if isinstance(exc, APIException):
        # Without the wait that DRF appends to `throttled`: that is in Retry-After.
        code = exc.get_codes()
        return {"code": code if isinstance(code, str) else exc.default_code,
                "message": str(exc.detail)}  # fmt: skip
    detail = response.data.get("detail", "")
    return {"code": getattr(detail, "code", "error"), "message": str(detail)}


def _invalid(exc: ValidationError) -> dict[str, Any]:
    errors = as_serializer_error(exc)
    general = _words(errors.pop(api_settings.NON_FIELD_ERRORS_KEY, []))
    fields = {name: _words(said) for name, said in errors.items()}
    message = " ".join(general) or _("Some of what was sent does not fit.")
    return {"code": "invalid", "message": message} | ({"fields": fields} if fields else {})


def _words(said: Any) -> list[str]:
    """The messages, whatever they are nested in."""
    if isinstance(said, dict):
        return [f"{key}: {word}" for key, inner in said.items() for word in _words(inner)]
    if isinstance(said, list):
        return [word for inner in said for word in _words(inner)]
    return [str(said)]

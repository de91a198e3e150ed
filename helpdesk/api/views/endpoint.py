"""What all endpoints share."""

from __future__ import annotations

from collections.abc import Sequence

from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from helpdesk.api.parsers import LimitedJSONParser
from helpdesk.api.schema import ErrorAwareSchema
from helpdesk.api.throttles import WriteThrottle
from helpdesk.models import User


class AuthenticatedRequest(Request):
    user: User


class Endpoint(APIView):
    """Every view of the API is one."""

    schema = ErrorAwareSchema()
    parser_classes: Sequence[type[BaseParser]] = [LimitedJSONParser]
    throttle_classes: Sequence[type[BaseThrottle]] = [WriteThrottle]
    request: AuthenticatedRequest

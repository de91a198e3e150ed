"""How often one person may write, or ask the engine.

DRF's counters may be off by a few under load; they keep out floods, no more is needed.
"""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView


class WriteThrottle(UserRateThrottle):
    scope = "write"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)


class AnswerThrottle(UserRateThrottle):
    scope = "answer"

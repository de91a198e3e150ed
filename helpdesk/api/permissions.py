"""Who may call an endpoint at all. What they may see of it is `visible_to`'s to say."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class IsAgent(BasePermission):
    message = "Only agents may do that."
    code = "not_an_agent"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(getattr(request.user, "is_agent", False))

"""Who the caller is."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from helpdesk.api.serializers.people import MeSerializer
from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint


class MeView(Endpoint):
    @extend_schema(responses=MeSerializer)
    def get(self, request: AuthenticatedRequest) -> Response:
        """The person whose token or session this is."""
        return Response(MeSerializer(request.user).data)

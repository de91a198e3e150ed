"""Drafts: read with their citations, approved, edited or rejected. For agents."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from helpdesk.api.filters import DraftFilter
from helpdesk.api.permissions import IsAgent
from helpdesk.api.serializers.drafts import (
    ApprovalSerializer,
    DraftSerializer,
    RejectionSerializer,
)
from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint
from helpdesk.models import Citation, Draft
from helpdesk.services.drafts import approve_draft, reject_draft


class DraftViewSet(
    Endpoint,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Draft],
):
    """What the engine wrote, or why it wrote nothing. `state=waiting` are those to decide on."""

    permission_classes = [IsAuthenticated, IsAgent]
    filterset_class = DraftFilter
    serializer_class = DraftSerializer
    queryset = Draft.objects.none()  # for the router's basename; see get_queryset
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Draft]:
        citations = Citation.objects.select_related("revision__article").defer("revision__body")
        return (
            Draft.objects.visible_to(self.request.user)
            .select_related("ticket", "decided_by")
            .prefetch_related(Prefetch("citations", queryset=citations))
            .defer("questions")
        )

    @extend_schema(request=ApprovalSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def approve(self, request: AuthenticatedRequest, pk: str) -> Response:
        """Send it as it stands, or as edited in `body`. `reply` is the message sent."""
        asked = ApprovalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        approve_draft(
            draft=self.get_object(),
            by=request.user,
            body=asked.validated_data.get("body"),
            solve=asked.validated_data["solve"],
            despite_hold=asked.validated_data["despite_hold"],
        )
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=RejectionSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def reject(self, request: AuthenticatedRequest, pk: str) -> Response:
        """Say that it must not be sent, and why."""
        asked = RejectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        reject_draft(draft=self.get_object(), by=request.user, **asked.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

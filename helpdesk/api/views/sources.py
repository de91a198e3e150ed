"""Sources: the newest version of each, and adding one."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.api.parsers import LimitedJSONParser
from helpdesk.api.serializers.sources import SourceTextSerializer, SourceVersionSerializer
from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint
from knowledge.exceptions import SourceUnreadable
from knowledge.models import SourceVersion
from knowledge.services.sources import add_version
from knowledge.sourcing.reading import read_pasted, read_source


class KeepsSources(BasePermission):
    """Reading and writing follow the permissions that the admin's pages ask for."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        wanted = "add" if request.method == "POST" else "view"
        return bool(request.user.has_perm(f"knowledge.{wanted}_sourcedocument"))


class SourceViewSet(
    Endpoint,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[SourceVersion],
):
    """The newest version of each product feed and policy text, with the facts it changed."""

    permission_classes = [IsAuthenticated, KeepsSources]
    parser_classes = [LimitedJSONParser, MultiPartParser]
    filter_backends = []
    serializer_class = SourceVersionSerializer
    queryset = SourceVersion.objects.none()  # for the router's basename; see get_queryset

    def get_queryset(self) -> QuerySet[SourceVersion]:
        return (
            SourceVersion.objects.filter(document__head=F("pk"))
            .select_related("document")
            .prefetch_related("changes__places__article")
            .defer("text", "original")
        )

    @extend_schema(
        request={
            "application/json": SourceTextSerializer,
            "multipart/form-data": SourceTextSerializer,
        },
        responses={200: SourceVersionSerializer, 201: SourceVersionSerializer},
    )
    def create(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> Response:
        """Add a version. 200 where the newest one says the same already."""
        asked = SourceTextSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        file = told.get("file")
        data = file.read() if file else b""
        try:
            source = (
                read_source(file.name, data) if file else read_pasted(told["kind"], told["text"])
            )
            added = add_version(
                name=told.get("name") or told["id"],
                source=source,
                external_id=told["id"],
                author=request.user,
                note=told["note"],
                file_name=file.name if file else "",
                original=data,
            )
        except SourceUnreadable as refusal:
            raise ValidationError({"file" if file else "text": [str(refusal)]}) from refusal
        code = status.HTTP_201_CREATED if added.is_new else status.HTTP_200_OK
        return Response(self.get_serializer(added.version).data, status=code)

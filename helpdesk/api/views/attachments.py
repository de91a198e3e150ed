"""Files, for whoever may read the message they came with."""

from __future__ import annotations

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404

from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint
from helpdesk.models import Attachment


class AttachmentView(Endpoint):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: AuthenticatedRequest, token: str) -> FileResponse:
        """The file itself, always to be saved and never shown by a browser."""
        attachment = get_object_or_404(Attachment.objects.visible_to(request.user), token=token)
        return FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type=attachment.content_type,
        )

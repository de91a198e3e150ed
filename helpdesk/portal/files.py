"""Attachments, for those who may read the message that they came with."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from helpdesk.models import Attachment
from helpdesk.portal.private import private_page, ticket_behind
from knowledge.serving import serve


@private_page
@require_safe
def attachment(request: HttpRequest, token: str) -> FileResponse:
    """For agents, and for requesters who are logged in."""
    return _serve(get_object_or_404(Attachment.objects.visible_to(request.user), token=token))


@private_page
@require_safe
def private_attachment(request: HttpRequest, token: str, file_token: str) -> FileResponse:
    """For whoever has the ticket's private link."""
    readable = ticket_behind(token).messages.public()
    rows = Attachment.objects.filter(message__in=readable)
    return _serve(get_object_or_404(rows, token=file_token))


def _serve(row: Attachment) -> FileResponse:
    return serve(row.file, name=row.name, content_type=row.content_type)

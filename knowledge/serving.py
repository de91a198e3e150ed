"""Files that people sent, served so that nothing in them can run."""

from __future__ import annotations

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

from knowledge.uploads import PICTURES


def serve(file: FieldFile, *, name: str, content_type: str) -> FileResponse:
    """Pictures open in the tab; whatever else could run there is only ever downloaded."""
    try:
        opened = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        opened,
        filename=name,
        content_type=content_type,
        as_attachment=content_type not in PICTURES,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

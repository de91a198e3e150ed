"""The OpenAPI description: what every operation may answer besides its result."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "Makes it safe to send the request again: for 24 hours the same key with the same "
        "content gets the first answer, with the header `Idempotent-Replayed: true`."
    ),
)


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error looks like this."""

    code = serializers.CharField(help_text="For machines; stays as it is.")
    message = serializers.CharField(help_text="For people.")
    fields_ = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer cannot declare a field that is called `fields`.
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class ErrorAwareSchema(AutoSchema):
    """Adds the errors that follow from the kind of the operation."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        for code in self._error_codes():
            error = self._get_response_for_code(ErrorSerializer, code)  # type: ignore[no-untyped-call]
            responses.setdefault(code, error)
        return responses

    def _error_codes(self) -> list[str]:
        codes = ["401", "403"]
        if "{" in self.path:
            codes.append("404")
        if self.method not in SAFE_METHODS:
            codes += ["400", "409", "415", "429"]
        return sorted(codes)

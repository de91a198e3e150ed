"""Fields that more than one shape uses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.models import Ticket

#: Words in the API, numbers in the database, where they are sorted by.
PRIORITY_NAMES = {priority.name.lower(): priority for priority in Ticket.Priority}


@extend_schema_field(
    {"type": "string", "enum": list(PRIORITY_NAMES), "description": "How urgent it is."}
)
class PriorityField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(PRIORITY_NAMES), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return PRIORITY_NAMES[super().to_internal_value(data)]

    def to_representation(self, value: Any) -> str:
        return Ticket.Priority(value).name.lower()

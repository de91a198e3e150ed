"""People, as others may see them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from helpdesk.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody on a ticket. Requesters see of an agent the name only."""

    class Meta:
        model = User
        fields = ["id", "name", "email"]
        extra_kwargs = {"id": {"allow_null": True}, "email": {"allow_null": True}}

    def to_representation(self, instance: User) -> dict[str, Any]:
        viewer = self.context["request"].user
        if viewer.is_agent or instance == viewer:
            return {"id": instance.pk, "name": instance.name, "email": instance.email}
        email = None if instance.is_agent else instance.email
        return {"id": None, "name": instance.name, "email": email}


class MeSerializer(serializers.ModelSerializer[User]):
    organization = serializers.CharField(source="organization.name", default=None, read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "name", "role", "language", "organization"]
        read_only_fields = fields

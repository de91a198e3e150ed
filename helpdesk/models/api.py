"""Requests to the API that must take effect once, however often they are sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: A client that has not tried again by then will not.
KEPT_FOR = timedelta(hours=24)


class IdempotentRequestQuerySet(models.QuerySet["IdempotentRequest"]):
    def expired(self, at: datetime | None = None) -> Self:
        return self.filter(created_at__lt=(at or timezone.now()) - KEPT_FOR)


class IdempotentRequest(models.Model):
    """What was answered to a request that carried an `Idempotency-Key`.

    Written in the transaction of the request itself, so that the row stands if and only
    if the request took effect.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    # Of method, address and content: the same key with another content is a mistake.
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IdempotentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request with an idempotency key")
        verbose_name_plural = _("requests with an idempotency key")
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"

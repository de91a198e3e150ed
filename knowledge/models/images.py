"""Pictures that were uploaded for articles."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.image_querysets import ArticleImageQuerySet

#: How the name of each kind ends.
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class ArticleImage(models.Model):
    """A picture, known by the SHA-256 of its bytes: the same one is kept once.

    Whoever knows its address may see it, as readers without an account must; nobody can guess
    it who has not got the picture.
    """

    file = models.FileField(upload_to="articles/%Y/%m/")
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    content_type = models.CharField(_("kind"), max_length=20)
    size = models.PositiveIntegerField(_("size"))
    # For who cannot see it.
    alt = models.CharField(_("what it shows"), max_length=300)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True,
        verbose_name=_("uploaded by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)

    objects = ArticleImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("add", "delete", "view")
        constraints = [
            models.CheckConstraint(
                name="article_image_known_by_its_bytes",
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="article_image_shows_in_browsers",
                condition=Q(content_type__in=sorted(ENDINGS)),
            ),
            models.CheckConstraint(name="article_image_not_empty", condition=Q(size__gt=0)),
            models.CheckConstraint(name="article_image_says_what_it_shows", condition=~Q(alt="")),
        ]

    def __str__(self) -> str:
        return self.alt

    def get_absolute_url(self) -> str:
        return reverse("kb-image", args=[self.name])

    @property
    def name(self) -> str:
        return f"{self.sha256}.{ENDINGS[self.content_type]}"

    @property
    def markdown(self) -> str:
        """What stands in an article that shows it."""
        alt = self.alt.replace("\\", "\\\\").replace("[", r"\[").replace("]", r"\]")
        return f"![{alt}]({self.get_absolute_url()})"

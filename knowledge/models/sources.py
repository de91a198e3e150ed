"""Where facts come from: product feeds and policy texts, in versions that never change.

A new version is compared with the one before; each changed fact is a row, and so is each
place of the articles that states the old one.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article
from knowledge.models.categories import Category
from knowledge.models.revisions import Revision
from knowledge.models.suggestions import Suggestion


class SourceDocument(models.Model):
    """A product feed or a policy text that articles rest on."""

    class Kind(models.TextChoices):
        FEED = "feed", _("Product feed")
        POLICY = "policy", _("Policy text")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=150, unique=True)
    # Names it in the system or folder that it is imported from.
    external_id = models.CharField(_("external id"), max_length=250, unique=True)
    # For articles that a new product or a new policy needs.
    category = models.ForeignKey(
        Category, models.SET_NULL, related_name="+", null=True, blank=True,
        verbose_name=_("category of new articles"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=15, default="en")
    head = models.ForeignKey(
        "SourceVersion", models.RESTRICT, related_name="+", null=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                name="source_known_kind", condition=Q(kind__in=["feed", "policy"])
            ),
            models.CheckConstraint(name="source_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_feed(self) -> bool:
        return self.kind == self.Kind.FEED


class SourceVersion(models.Model):
    """One state of a source. Its text never changes: a trigger refuses it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        COMPARING = "comparing", _("Looking for what it changes")
        DONE = "done", _("Done")
        FAILED = "failed", _("Given up")

    document = models.ForeignKey(SourceDocument, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(editable=False)
    # A policy as Markdown; a feed as one product a line in JSON.
    text = models.TextField(_("text"))
    # Of the text: the same text again is no new version.
    digest = models.CharField(max_length=64, editable=False)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    # What was uploaded, as it came.
    original = models.BinaryField(blank=True, default=b"", editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # How far the comparison with the version before has come.
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    facts_total = models.PositiveIntegerField(default=0, editable=False)
    facts_done = models.PositiveIntegerField(default=0, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    compared_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("version of a source")
        verbose_name_plural = _("versions of sources")
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="source_version_number_once"
            ),
            models.CheckConstraint(name="source_version_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="source_version_known_state",
                condition=Q(state__in=["waiting", "comparing", "done", "failed"]),
            ),
            models.CheckConstraint(
                name="source_version_compared_iff_done",
                condition=Q(state="done", compared_at__isnull=False)
                | (~Q(state="done") & Q(compared_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} ({self.number})"

    @property
    def is_compared(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}


class FactChange(models.Model):
    """One fact that a version says otherwise than the one before."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Changed")
        ADDED = "added", _("Added")
        REMOVED = "removed", _("Removed")
        RENAMED = "renamed", _("Renamed")
        NEW_PRODUCT = "new_product", _("New product")
        GONE_PRODUCT = "gone_product", _("Product removed")

    version = models.ForeignKey(SourceVersion, models.CASCADE, related_name="changes")
    position = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    # The product, or the source and its headings.
    subject = models.CharField(_("subject"), max_length=400)
    attribute = models.CharField(_("attribute"), max_length=100, blank=True)
    old = models.TextField(_("before"), blank=True)
    new = models.TextField(_("now"), blank=True)
    # Names the fact in every version.
    fact_key = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("changed fact")
        verbose_name_plural = _("changed facts")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="fact_change_once_per_version"
            ),
            models.CheckConstraint(
                name="fact_change_says_something", condition=~Q(old="", new="")
            ),
        ]

    def __str__(self) -> str:
        return self.new or self.old


class FactPlace(models.Model):
    """Words of a revision that state, or may state, what a fact change made untrue."""

    change = models.ForeignKey(FactChange, models.CASCADE, related_name="places")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    field = models.CharField(max_length=10, default="body")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    score = models.FloatField()
    # Sure enough for a suggestion. Of the others only drafts that quote them are held.
    is_sure = models.BooleanField(default=True)
    suggestion = models.ForeignKey(
        Suggestion, models.SET_NULL, related_name="fact_places", null=True, blank=True
    )
    # The suggestion was decided, the words are no longer in the article, or somebody said
    # that they are about something else.
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("place of a fact")
        verbose_name_plural = _("places of facts")
        ordering = ["change", "article", "start"]
        indexes = [
            models.Index(
                fields=["revision"], name="fact_place_open", condition=Q(settled_at=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "revision", "field", "start"], name="fact_place_once"
            ),
            models.CheckConstraint(
                name="fact_place_settled_by_somebody_at_some_time",
                condition=Q(settled_by=None) | Q(settled_at__isnull=False),
            ),
            models.CheckConstraint(name="fact_place_not_empty", condition=Q(start__lt=F("end"))),
            models.CheckConstraint(
                name="fact_place_known_field",
                condition=Q(field__in=["title", "summary", "body"]),
            ),
        ]

    def __str__(self) -> str:
        return self.quote

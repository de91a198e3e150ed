"""Articles that people approve, and every state they have been in.

An article is a page; its text lives in immutable revisions. `head` is the newest
revision, `published_revision` the one that shows. Nothing here knows tickets or models.
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.categories import Category
from knowledge.querysets import ArticleQuerySet
from knowledge.types import ArticleDetails


class Article(models.Model):
    """A page of the knowledge base. Its text is in its revisions."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        RESTRICTED = "restricted", _("Restricted to groups")
        INTERNAL = "internal", _("Internal (agents only)")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    #: With fewer votes nobody can say whether an article helps.
    FEW_VOTES = 3

    # Names the article in the system it was imported from; empty when written here.
    external_id = models.CharField(_("external id"), max_length=250, blank=True)
    slug = models.SlugField(_("slug"), max_length=150, unique=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="articles", verbose_name=_("category")
    )
    language = models.CharField(_("language"), max_length=15, default="en")
    # The original, where this one says the same in another language.
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        related_name="translations",
        null=True,
        blank=True,
        verbose_name=_("translation of"),
    )
    # Of a translation: the original's text that it says, and since when that has changed much.
    current_with = models.ForeignKey(
        "Revision", models.SET_NULL, related_name="+", null=True, editable=False
    )
    outdated_since = models.DateTimeField(_("out of date since"), null=True, editable=False)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    # Of a restricted article: the ids of the `ReaderGroup`s that read it, in order. In this row,
    # so that who reads an article changes in one step; a trigger sees to it that they exist.
    reader_groups = ArrayField(
        models.BigIntegerField(), verbose_name=_("groups of readers"), default=list, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    head = models.ForeignKey(
        "Revision", models.RESTRICT, related_name="+", null=True, editable=False
    )
    published_revision = models.ForeignKey(
        "Revision", models.RESTRICT, related_name="+", null=True, editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
    )
    # When a major change was last published: earlier votes were on another text.
    rewritten_at = models.DateTimeField(null=True, editable=False)
    # The text that a reviewer is asked to look at; while nobody has, `state` says "in review",
    # or of an article that shows an earlier text still "published".
    review_revision = models.ForeignKey(
        "Revision", models.RESTRICT, related_name="+", null=True, editable=False
    )
    review_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, editable=False
    )
    review_asked_at = models.DateTimeField(_("in review since"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, editable=False
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("owner"),
    )
    # By this day somebody looks whether it still holds.
    review_by = models.DateField(_("review by"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    # Present only on rows of `with_readers()`.
    readers: str | None
    # Present only on rows of `with_feedback()`.
    helpful_count: int
    unhelpful_count: int
    # Present only on rows of `with_recent_feedback()`.
    settled_at: datetime | None
    first_vote_at: datetime

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["category__position", "slug"]
        permissions = [
            ("review_article", _("Can approve articles and send them back")),
            ("publish_article", _("Can publish and archive articles")),
        ]
        indexes = [
            models.Index(fields=["category", "state"], name="article_by_category"),
            GinIndex(fields=["tags"], name="article_tags"),
            GinIndex(
                fields=["reader_groups"],
                name="article_readers",
                condition=Q(visibility="restricted"),
            ),
            models.Index(
                fields=["review_by"],
                name="article_to_review",
                condition=Q(review_by__isnull=False),
            ),
            models.Index(
                fields=["review_asked_at"],
                name="article_in_review",
                condition=Q(review_asked_at__isnull=False),
            ),
            models.Index(
                fields=["outdated_since"],
                name="article_outdated",
                condition=Q(outdated_since__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="article_external_id_once",
                condition=~Q(external_id=""),
            ),
            models.UniqueConstraint(
                fields=["translation_of", "language"],
                name="article_one_translation_per_language",
                condition=Q(translation_of__isnull=False),
            ),
            models.CheckConstraint(
                name="article_not_its_own_translation",
                condition=Q(translation_of=None) | ~Q(translation_of=F("id")),
            ),
            models.CheckConstraint(
                name="article_published_has_revision",
                condition=~Q(state="published") | Q(published_revision__isnull=False),
            ),
            models.CheckConstraint(
                name="article_valid_from_before_until",
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lt=F("valid_until")),
            ),
            models.CheckConstraint(
                name="article_known_visibility",
                condition=Q(visibility__in=["public", "restricted", "internal"]),
            ),
            models.CheckConstraint(
                name="article_restricted_iff_to_groups",
                condition=Q(visibility="restricted") & ~Q(reader_groups=[])
                | ~Q(visibility="restricted") & Q(reader_groups=[]),
            ),
            models.CheckConstraint(
                name="article_known_state",
                condition=Q(state__in=["draft", "in_review", "published", "archived"]),
            ),
            models.CheckConstraint(
                name="article_in_review_has_a_text_to_review",
                condition=Q(state="in_review", review_revision__isnull=False)
                | Q(state="published")
                | Q(state__in=["draft", "archived"], review_revision=None),
            ),
            models.CheckConstraint(
                name="article_review_was_asked_for",
                condition=Q(review_revision__isnull=False, review_asked_at__isnull=False)
                | Q(review_revision=None, review_asked_at=None, approved_at=None),
            ),
            models.CheckConstraint(
                name="article_outdated_is_a_translation",
                condition=Q(outdated_since=None) | Q(translation_of__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("kb-article", args=[self.slug])

    @property
    def title(self) -> str:
        """Of the revision that shows, else of the newest one."""
        shown = self.published_revision or self.head
        return shown.title if shown else self.slug

    @property
    def details(self) -> ArticleDetails:
        return ArticleDetails(
            visibility=self.visibility,
            reader_groups=tuple(self.reader_groups),
            language=self.language,
            tags=tuple(self.tags),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )

    @property
    def has_unpublished_changes(self) -> bool:
        return self.head_id != self.published_revision_id

    @property
    def is_in_review(self) -> bool:
        """Its newest text, or the first one: somebody has been asked to look at it."""
        return self.review_revision_id is not None

    def is_review_overdue(self, on: date | None = None) -> bool:
        return self.review_by is not None and self.review_by < (on or timezone.localdate())

    def is_published(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return (
            self.state == self.State.PUBLISHED
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or self.valid_until > at)
        )

"""Changes that the engine proposes to articles, and the evidence for each.

Nothing here is published by itself: a person accepts a suggestion, and the revision that
comes of it is theirs. Tickets are known by plain values only.
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
from knowledge.querysets import SuggestionQuerySet

DECIDED_BY_A_PERSON = ["accepted", "changed", "dismissed"]


class Suggestion(models.Model):
    """One need of one paragraph (or of a missing article), with the text that would meet it."""

    class Kind(models.TextChoices):
        EDIT = "edit", _("Edit")
        NEW_ARTICLE = "new", _("New article")
        MERGE = "merge", _("Merge duplicates")
        CONTRADICTION = "contradiction", _("Resolve contradiction")
        RETIRE = "retire", _("Retire")
        CHECK = "check", _("Look at it again")

    class Origin(models.TextChoices):
        AGENTS = "agents", _("What agents change")
        GAP = "gap", _("Unanswered questions")
        SOURCE = "source", _("A product or policy changed")
        REVIEW = "review", _("Review of the articles")
        PERSON = "person", _("A person")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        CHANGED = "changed", _("Accepted with changes")
        DISMISSED = "dismissed", _("Dismissed")
        SUPERSEDED = "superseded", _("Superseded")
        EXPIRED = "expired", _("Expired")

    class DismissReason(models.TextChoices):
        WRONG = "wrong", _("It is wrong")
        ONE_CASE = "one_case", _("True in one case only")
        SAID_ALREADY = "said_already", _("An article says it already")
        UNWANTED = "unwanted", _("We do not want to say it")
        OTHER = "other", _("Something else")

    ACCEPTED_STATES = frozenset({State.ACCEPTED, State.CHANGED})

    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    origin = models.CharField(_("found by"), max_length=10, choices=Origin)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # None: a new article, which will stand in `category`.
    article = models.ForeignKey(
        Article, models.CASCADE, related_name="suggestions", null=True, blank=True
    )
    # The revision that the proposed text was written against, or has been rebased onto.
    base_revision = models.ForeignKey(
        Revision, models.CASCADE, related_name="+", null=True, blank=True
    )
    # Set where the article has moved on in a way that the edit cannot follow.
    conflicts_with = models.ForeignKey(
        Revision, models.CASCADE, related_name="+", null=True, blank=True
    )
    other_article = models.ForeignKey(
        Article, models.CASCADE, related_name="+", null=True, blank=True
    )
    category = models.ForeignKey(
        Category, models.SET_NULL, related_name="+", null=True, blank=True
    )
    language = models.CharField(max_length=15, default="en")

    # Of the paragraph in the base revision: `paragraphs.paragraph_key`, and where it stands.
    paragraph_key = models.CharField(max_length=16, blank=True)
    paragraph_start = models.PositiveIntegerField(null=True, blank=True)
    paragraph_end = models.PositiveIntegerField(null=True, blank=True)
    # Names the fact independently of its words.
    fact_key = models.CharField(max_length=200)
    # Names the code and models that made it.
    fingerprint = models.CharField(max_length=200)

    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    # The whole proposed text; what changes is its difference from the base revision.
    body = models.TextField(_("text"), blank=True)
    # Of a text put together from replies: [{"text": …, "messages": [id, …]}, …].
    sentences = models.JSONField(default=list, blank=True)
    rationale = models.CharField(_("why"), max_length=500)
    confidence = models.FloatField(_("confidence"))

    # Distinct tickets among the evidence, and when the need was seen.
    ticket_count = models.PositiveIntegerField(_("tickets"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    tickets_per_week = models.FloatField(_("tickets a week"), default=0)
    handling_minutes = models.FloatField(_("minutes a ticket"), default=0)
    weekly_minutes = models.GeneratedField(
        expression=F("tickets_per_week") * F("handling_minutes"),
        output_field=models.FloatField(),
        db_persist=True,
    )
    # What a replay of past tickets found, and any other figures of its maker.
    effect = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    dismiss_reason = models.CharField(
        _("reason"), max_length=15, choices=DismissReason, blank=True
    )
    dismiss_comment = models.CharField(_("comment"), max_length=500, blank=True)
    # What came of it. A retired article has no new revision.
    revision = models.OneToOneField(
        Revision, models.SET_NULL, related_name="from_suggestion", null=True, blank=True
    )

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-weekly_minutes", "-ticket_count", "-last_seen_at", "-pk"]
        indexes = [
            models.Index(
                fields=["-weekly_minutes", "-ticket_count", "-last_seen_at"],
                name="suggestion_queue",
                condition=Q(state="open"),
            ),
            models.Index(fields=["article", "state"], name="suggestion_of_article"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "paragraph_key", "fact_key"],
                name="suggestion_open_once_per_fact",
                condition=Q(state="open"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="suggestion_known_kind",
                condition=Q(kind__in=["edit", "new", "merge", "contradiction", "retire", "check"]),
            ),
            models.CheckConstraint(
                name="suggestion_known_state",
                condition=Q(state__in=[*DECIDED_BY_A_PERSON, "open", "superseded", "expired"]),
            ),
            models.CheckConstraint(
                name="suggestion_new_article_has_no_target",
                condition=Q(kind="new", base_revision=None)
                | (~Q(kind="new") & Q(article__isnull=False, base_revision__isnull=False)),
            ),
            models.CheckConstraint(
                name="suggestion_merge_has_other_article",
                condition=~Q(kind="merge") | Q(other_article__isnull=False),
            ),
            models.CheckConstraint(
                name="suggestion_confidence_is_a_probability",
                condition=Q(confidence__gte=0, confidence__lte=1),
            ),
            models.CheckConstraint(
                name="suggestion_decided_at_iff_not_open",
                condition=Q(state="open", decided_at=None, decided_by=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="suggestion_decided_by_a_person",
                condition=~Q(state__in=DECIDED_BY_A_PERSON) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="suggestion_dismissed_has_reason",
                condition=Q(state="dismissed", dismiss_reason__gt="")
                | (~Q(state="dismissed") & Q(dismiss_reason="")),
            ),
            models.CheckConstraint(
                name="suggestion_revision_only_if_accepted",
                condition=Q(revision=None) | Q(state__in=["accepted", "changed"]),
            ),
            models.CheckConstraint(
                name="suggestion_effect_not_negative",
                condition=Q(tickets_per_week__gte=0, handling_minutes__gte=0),
            ),
            models.CheckConstraint(
                name="suggestion_seen_in_order",
                condition=Q(first_seen_at__lte=F("last_seen_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"

    @property
    def takes_away(self) -> bool:
        """Accepting it takes an article away from readers."""
        return self.kind in {self.Kind.MERGE, self.Kind.RETIRE}

    @property
    def is_undoable(self) -> bool:
        """Accepted, it made one revision, whose text can be taken back in one step."""
        kinds = {self.Kind.EDIT, self.Kind.CONTRADICTION, self.Kind.NEW_ARTICLE, self.Kind.CHECK}
        return self.is_accepted and self.revision_id is not None and self.kind in kinds

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_accepted(self) -> bool:
        return self.state in self.ACCEPTED_STATES


class SuggestionEvidence(models.Model):
    """A quotation that speaks for a suggestion. Refers to tickets by plain values."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        REPLY = "reply", _("Reply")
        SOURCE = "source", _("Source")
        PASSAGE = "passage", _("Article")
        READER = "reader", _("Reader")

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=10, choices=Kind)
    # Names the place that is quoted: `proposals.EvidenceItem.key`.
    key = models.CharField(max_length=200)
    # What people call the ticket, and the entry of its thread.
    ticket_number = models.BigIntegerField(null=True, blank=True)
    message_id = models.BigIntegerField(null=True, blank=True)
    source_version_id = models.BigIntegerField(null=True, blank=True)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+", null=True, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True)
    quote = models.TextField(blank=True)
    before = models.TextField(blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    # Whoever it quoted was erased: that it was seen stays, the words are gone.
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-seen_at", "-pk"]
        indexes = [
            models.Index(
                fields=["ticket_number"],
                name="evidence_of_ticket",
                condition=Q(ticket_number__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "key"], name="evidence_once"),
            models.CheckConstraint(
                name="evidence_refers_to_its_kind",
                condition=Q(kind__in=["question", "reply"], ticket_number__isnull=False)
                | Q(kind="source", source_version_id__isnull=False)
                | Q(kind__in=["passage", "reader"], revision__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_has_quote_until_forgotten",
                condition=Q(forgotten_at=None) & ~Q(quote="")
                | Q(forgotten_at__isnull=False, quote="", before=""),
            ),
        ]

    def __str__(self) -> str:
        return self.key

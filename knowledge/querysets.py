"""Which rows: every filter of the knowledge base that has a meaning has its name here."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest
from django.utils import timezone

from knowledge.readers import meant_for, names_of_readers
from knowledge.types import Viewer

if TYPE_CHECKING:
    from knowledge.models import (  # noqa: F401 - in quotes below
        Article,
        Category,
        Revision,
        Suggestion,
    )

#: The categories that `inner` names, and those above them up to the top.
_AND_ALL_ABOVE = """
    WITH RECURSIVE shelf (id) AS (
        {inner}
        UNION
        SELECT parent_id FROM knowledge_category JOIN shelf USING (id)
         WHERE parent_id IS NOT NULL
    ) SELECT id FROM shelf
"""

#: Of each category, the names from the top down to it, each behind its position.
_PATH = """(
    WITH RECURSIVE up AS (
        SELECT id, parent_id, ARRAY[lpad(position::text, 8, '0') || name] AS path
          FROM knowledge_category AS self WHERE self.id = knowledge_category.id
        UNION ALL
        SELECT above.id, above.parent_id,
               (lpad(above.position::text, 8, '0') || above.name) || up.path
          FROM knowledge_category AS above JOIN up ON above.id = up.parent_id
         WHERE cardinality(up.path) < 20
    ) SELECT path FROM up ORDER BY cardinality(path) DESC LIMIT 1
)"""


def path_in_tree() -> RawSQL:
    """What orders categories as a tree."""
    return RawSQL(_PATH, [], output_field=ArrayField(models.TextField()))


def settled_at() -> Greatest:
    """Of each article: the moment before which what was said of it is settled, if any.

    A major change was published, or somebody looked at it and found it still right.
    """
    from knowledge.models import ArticleEvent

    confirmed = ArticleEvent.objects.filter(
        article=OuterRef("pk"), kind=ArticleEvent.Kind.CONFIRMED
    ).order_by("-created_at")
    return Greatest("rewritten_at", Subquery(confirmed.values("created_at")[:1]))


class CategoryQuerySet(models.QuerySet["Category"]):
    def visible_to(self, user: object) -> Self:
        """Categories that hold something `user` may read; agents see all of them."""
        if Viewer.of(user).is_agent:
            return self
        from knowledge.models import Article

        filled = Article.objects.visible_to(user).order_by().values("category_id")
        inner, parameters = filled.query.sql_with_params()
        return self.filter(pk__in=RawSQL(_AND_ALL_ABOVE.format(inner=inner), parameters))

    def in_tree_order(self) -> Self:
        """Each category below its parent, with its `path` for `Category.depth`."""
        return self.annotate(path=path_in_tree()).order_by("path")

    def with_article_count(self, user: object, language: str = "") -> Self:
        """How many articles `user` may read there, in that language or (empty) in any."""
        from knowledge.models import Article

        visible = Article.objects.visible_to(user).published().in_language(language).values("pk")
        return self.annotate(
            article_count=Count("articles", filter=Q(articles__pk__in=visible), distinct=True)
        )


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user: object) -> Self:
        """What `user` may read. Every view and endpoint starts here.

        Agents read everything, drafts and internal articles too; everybody else reads what
        is published and valid today, and public or for a group that they are in.
        """
        viewer = Viewer.of(user)
        return self if viewer.is_agent else self.published().filter(meant_for(viewer))

    def public(self) -> Self:
        return self.filter(visibility=self.model.Visibility.PUBLIC)

    def published(self, at: datetime | None = None) -> Self:
        """Published, and within its dates at that moment (default: now)."""
        at = at or timezone.now()
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=at),
            Q(valid_until=None) | Q(valid_until__gt=at),
            state=self.model.State.PUBLISHED,
        )

    def for_list(self) -> Self:
        """Everything a row of a list shows, in one query; bodies stay behind."""
        return self.select_related("category", "head", "published_revision").defer(
            "head__body", "published_revision__body"
        )

    def at_address(self, slug: str) -> Self:
        """The article that has this address, or had it; the one that has it first."""
        from knowledge.models import OldAddress

        # A union, for both parts have an index, and an "or" of them has none.
        has_it = self.model._default_manager.filter(slug=slug).order_by().values("pk")
        had_it = OldAddress.objects.filter(slug=slug).order_by().values("article")
        is_there = Case(When(slug=slug, then=1), default=0)
        return self.filter(pk__in=has_it.union(had_it)).order_by(is_there.desc())

    def in_language(self, code: str) -> Self:
        """All of them where it is empty: nobody has anything to choose."""
        return self.filter(language=code) if code else self

    def in_all_languages(self, article: Article) -> Self:
        """The article, its original and the translations beside it."""
        original = article.translation_of_id or article.pk
        return self.filter(Q(pk=original) | Q(translation_of=original)).order_by("language")

    def with_readers(self) -> Self:
        """With the names of its groups of readers in one text."""
        return self.annotate(readers=names_of_readers())

    def with_feedback(self) -> Self:
        """With how many readers found it helpful, and how many did not.

        Votes from before the last major change are on another text, and do not count.
        """
        is_of_this_text = Q(rewritten_at=None) | Q(
            revisions__feedback__created_at__gte=F("rewritten_at")
        )
        votes = {"helpful_count": True, "unhelpful_count": False}
        return self.annotate(
            **{
                name: Count(
                    "revisions__feedback",
                    filter=is_of_this_text & Q(revisions__feedback__is_helpful=good),
                )
                for name, good in votes.items()
            }
        )

    def with_recent_feedback(self, since: datetime) -> Self:
        """Those found unhelpful since then, with the votes that are not settled, and the first."""
        from knowledge.models import ArticleFeedback

        counted = Q(revisions__feedback__created_at__gte=Greatest(Value(since), settled_at()))
        voted = ArticleFeedback.objects.filter(created_at__gte=since, is_helpful=False)
        return self.filter(pk__in=voted.values("revision__article")).annotate(
            settled_at=settled_at(),
            helpful_count=Count(
                "revisions__feedback", filter=counted & Q(revisions__feedback__is_helpful=True)
            ),
            unhelpful_count=Count(
                "revisions__feedback", filter=counted & Q(revisions__feedback__is_helpful=False)
            ),
            first_vote_at=Min("revisions__feedback__created_at", filter=counted),
        )

    def owned_by(self, user_id: int) -> Self:
        """Theirs by name, or by their category, or one above it, where nobody is named."""
        from knowledge.owning import categories_of

        return self.filter(Q(owner=user_id) | Q(owner=None, category__in=categories_of(user_id)))

    def owned_by_nobody(self) -> Self:
        from knowledge.owning import owners_of_categories

        return self.filter(owner=None).exclude(category__in=list(owners_of_categories()))

    def to_review(self, until: date) -> Self:
        """Shown to readers, and to be looked at by that day."""
        return self.filter(state=self.model.State.PUBLISHED, review_by__lte=until)

    def with_open_suggestions(self) -> Self:
        from knowledge.models import Suggestion

        return self.filter(pk__in=Suggestion.objects.open().values("article"))

    def outdated(self) -> Self:
        """Translations whose original has changed much."""
        return self.filter(outdated_since__isnull=False).exclude(state=self.model.State.ARCHIVED)

    def over(self, at: datetime | None = None) -> Self:
        """Published, but the time for which it is valid has passed."""
        at = at or timezone.now()
        return self.filter(state=self.model.State.PUBLISHED, valid_until__lte=at)

    def to_change(self) -> Self:
        """A suggestion waits, the original has changed, or its dates are over."""
        wanting = (self.with_open_suggestions(), self.outdated(), self.over())
        return self.filter(
            Q(*(Q(pk__in=rows.order_by().values("pk")) for rows in wanting), _connector=Q.OR)
        )

    def never_quoted(self) -> Self:
        """Published, and no answer to a customer ever rested on it."""
        return self.filter(state=self.model.State.PUBLISHED, use=None)

    def with_broken_links(self) -> Self:
        from knowledge.models import ArticleLink

        broken = ArticleLink.objects.broken().values("article")
        return self.filter(pk__in=broken)

    def found_unhelpful(self) -> Self:
        """By most of at least a few readers, the worst first; of rows of `with_feedback()`."""
        few = self.model.FEW_VOTES
        voted = self.alias(votes=F("helpful_count") + F("unhelpful_count"))
        unhelpful = voted.filter(votes__gte=few, unhelpful_count__gt=F("helpful_count"))
        return unhelpful.order_by("-unhelpful_count", "pk")

    def related_to(self, article: Article) -> Self:
        """Others of its language on the same shelf or with a tag in common, the nearest first."""
        alike = Q(category=article.category_id) | Q(tags__overlap=article.tags)
        same_shelf = Case(When(category=article.category_id, then=1), default=0)
        same_tags = Case(When(tags__overlap=article.tags, then=2), default=0)
        return (
            self.filter(alike, language=article.language)
            .exclude(pk=article.pk)
            .annotate(nearness=same_shelf + same_tags)
            .order_by("-nearness", "slug")
        )


class RevisionQuerySet(models.QuerySet["Revision"]):
    def visible_to(self, user: object) -> Self:
        """Agents read the history; everybody else only what shows now."""
        if Viewer.of(user).is_agent:
            return self
        from knowledge.models import Article

        shown = Article.objects.visible_to(user).values("published_revision")
        return self.filter(pk__in=shown)


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: object) -> Self:
        """Suggestions quote tickets and drafts of articles: agents only."""
        return self if Viewer.of(user).is_agent else self.none()

    def open(self) -> Self:
        return self.filter(state=self.model.State.OPEN)

    def accepted(self) -> Self:
        return self.filter(state__in=self.model.ACCEPTED_STATES)

    def for_list(self) -> Self:
        """Everything a row of the queue shows, in one query; texts stay behind."""
        return self.select_related(
            "article__head", "article__published_revision", "category", "decided_by"
        ).defer("body", "article__head__body", "article__published_revision__body")

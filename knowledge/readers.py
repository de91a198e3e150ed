"""For whom an article is: one rule, for every table that an article can be reached from.

Agents read all articles, everybody the public ones, and a restricted one is also for customers
who are in one of its groups. Whatever is not named here nobody but agents reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import (
    BigIntegerField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.expressions import RawSQL

from knowledge.types import Viewer

if TYPE_CHECKING:
    from knowledge.models import (
        Article,
        ReaderGroup,  # noqa: F401 - in the base's brackets
    )

_NAMES = """(
    SELECT string_agg(known.name, ', ' ORDER BY known.name) FROM knowledge_readergroup AS known
     WHERE known.id = ANY(knowledge_article.reader_groups)
)"""


def meant_for(viewer: Viewer, article: str = "") -> Q:
    """Rows of articles that are for `viewer`, published or not.

    `article` leads to the article, such as "article__". Without groups it is the plain
    comparison that it was before there were any.
    """
    if viewer.is_agent:
        return Q()
    found = Q(**{f"{article}visibility": "public"})
    if viewer.groups:
        restricted = {
            f"{article}visibility": "restricted",
            f"{article}reader_groups__overlap": list(viewer.groups),
        }
        found |= Q(**restricted)
    return found


def with_readers_of(article: Article) -> Q:
    """Articles for just the same readers: words may go from the one to the other."""
    return Q(visibility=article.visibility, reader_groups=article.reader_groups)


def have_same_readers(one: str, other: str) -> Q:
    """Rows whose two articles are for the same readers; both are ways such as "article__"."""
    return Q(
        **{
            f"{one}visibility": F(f"{other}visibility"),
            f"{one}reader_groups": F(f"{other}reader_groups"),
        }
    )


def names_of_readers() -> RawSQL:
    """Of each row of articles the names of its groups in one text; None where it has none."""
    return RawSQL(_NAMES, [], output_field=TextField())


class ReaderGroupQuerySet(QuerySet["ReaderGroup"]):
    def with_articles(self) -> Self:
        """Those that any article is for, published or not."""
        from knowledge.models import Article

        unnested = Func("reader_groups", function="unnest", output_field=BigIntegerField())
        restricted = Article.objects.filter(visibility="restricted").order_by()
        return self.filter(pk__in=restricted.annotate(group=unnested).values("group"))

    def with_counts(self) -> Self:
        """With how many people are in each, and how many articles are for it."""
        from knowledge.models import Article, ReaderGroupMember

        people = ReaderGroupMember.objects.filter(group=OuterRef("pk"))
        articles = Article.objects.filter(
            visibility="restricted", reader_groups__contains=[OuterRef("pk")]
        )
        return self.annotate(member_count=_count(people), article_count=_count(articles))


def _count(rows: QuerySet[Any]) -> Subquery:
    """Of a subquery's rows. Two joined tables would be counted by each other's rows."""
    counted = Func(F("pk"), function="count", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(counted=counted).values("counted"))

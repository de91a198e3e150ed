"""The tables of the knowledge base."""

from knowledge.models.addresses import OldAddress
from knowledge.models.articles import Article
from knowledge.models.categories import Category
from knowledge.models.editorial import ArticleEvent, ScheduledPublication
from knowledge.models.images import ArticleImage
from knowledge.models.links import ArticleLink, Link
from knowledge.models.publications import Publication
from knowledge.models.readers import ReaderGroup, ReaderGroupMember
from knowledge.models.reading import ArticleFeedback, SearchEntry, SearchLog, Word
from knowledge.models.revisions import Revision
from knowledge.models.sources import FactChange, FactPlace, SourceDocument, SourceVersion
from knowledge.models.suggestions import Suggestion, SuggestionEvidence
from knowledge.models.upkeep import ArticleUse, ArticleViews

__all__ = [
    "Article",
    "ArticleEvent",
    "ArticleFeedback",
    "ArticleImage",
    "ArticleLink",
    "ArticleUse",
    "ArticleViews",
    "Category",
    "FactChange",
    "FactPlace",
    "Link",
    "OldAddress",
    "Publication",
    "ReaderGroup",
    "ReaderGroupMember",
    "Revision",
    "ScheduledPublication",
    "SearchEntry",
    "SearchLog",
    "SourceDocument",
    "SourceVersion",
    "Suggestion",
    "SuggestionEvidence",
    "Word",
]

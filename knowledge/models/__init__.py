"""The tables of the knowledge base."""

from knowledge.models.addresses import OldAddress
from knowledge.models.articles import Article, Category, Revision
from knowledge.models.publications import Publication
from knowledge.models.reading import ArticleFeedback, SearchEntry, SearchLog, Word
from knowledge.models.sources import FactChange, FactPlace, SourceDocument, SourceVersion
from knowledge.models.suggestions import Suggestion, SuggestionEvidence

__all__ = [
    "Article",
    "ArticleFeedback",
    "Category",
    "FactChange",
    "FactPlace",
    "OldAddress",
    "Publication",
    "Revision",
    "SearchEntry",
    "SearchLog",
    "SourceDocument",
    "SourceVersion",
    "Suggestion",
    "SuggestionEvidence",
    "Word",
]

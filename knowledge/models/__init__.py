"""The tables of the knowledge base."""

from knowledge.models.articles import Article, Category, Revision
from knowledge.models.reading import ArticleFeedback, SearchEntry, SearchLog, Word

__all__ = [
    "Article",
    "ArticleFeedback",
    "Category",
    "Revision",
    "SearchEntry",
    "SearchLog",
    "Word",
]

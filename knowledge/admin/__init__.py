"""The staff side of the knowledge base, on the Django admin with unfold.

Pages parse, ask for permission, call `knowledge.services` and render; they save nothing.
"""

from knowledge.admin.articles import ArticleAdmin
from knowledge.admin.categories import CategoryAdmin
from knowledge.admin.images import ArticleImageAdmin
from knowledge.admin.links import LinkAdmin
from knowledge.admin.logs import ArticleFeedbackAdmin, SearchLogAdmin
from knowledge.admin.readers import ReaderGroupAdmin
from knowledge.admin.sources import SourceDocumentAdmin

__all__ = [
    "ArticleAdmin",
    "ArticleFeedbackAdmin",
    "ArticleImageAdmin",
    "CategoryAdmin",
    "LinkAdmin",
    "ReaderGroupAdmin",
    "SearchLogAdmin",
    "SourceDocumentAdmin",
]

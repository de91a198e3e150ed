"""What people do with the knowledge base: the only way to change it.

Each function is one transaction, and tells `signals.article_changed` inside it whenever
what readers see of an article changes.
"""

from knowledge.services.addressing import link_translation, rename
from knowledge.services.categories import category_at, move_category
from knowledge.services.publishing import archive, publish, roll_back, unpublish
from knowledge.services.reading import log_search, mark_search_solved, record_feedback
from knowledge.services.writing import change_details, create_article, save_revision

__all__ = [
    "archive",
    "category_at",
    "change_details",
    "create_article",
    "link_translation",
    "log_search",
    "mark_search_solved",
    "move_category",
    "publish",
    "record_feedback",
    "rename",
    "roll_back",
    "save_revision",
    "unpublish",
]

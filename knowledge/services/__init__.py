"""What people do with the knowledge base: the only way to change it.

Each function is one transaction, and tells `signals.article_changed` inside it whenever
what readers see of an article changes.
"""

from knowledge.services.addressing import link_translation, rename
from knowledge.services.categories import category_at, move_category
from knowledge.services.gates import may_publish, may_review, may_write
from knowledge.services.publishing import archive, publish, restore, roll_back, unpublish
from knowledge.services.readers import join_by_address, join_group, leave_group
from knowledge.services.reading import log_search, mark_search_solved, record_feedback
from knowledge.services.reviewing import approve, send_back, submit_for_review, withdraw
from knowledge.services.scheduling import cancel_schedule, carry_out_due, schedule
from knowledge.services.upkeep import confirm, look_after, mark_up_to_date
from knowledge.services.writing import change_details, create_article, save_revision

__all__ = [
    "approve",
    "archive",
    "cancel_schedule",
    "carry_out_due",
    "category_at",
    "change_details",
    "confirm",
    "create_article",
    "join_by_address",
    "join_group",
    "leave_group",
    "link_translation",
    "log_search",
    "look_after",
    "mark_search_solved",
    "mark_up_to_date",
    "may_publish",
    "may_review",
    "may_write",
    "move_category",
    "publish",
    "record_feedback",
    "rename",
    "restore",
    "roll_back",
    "save_revision",
    "schedule",
    "send_back",
    "submit_for_review",
    "unpublish",
    "withdraw",
]

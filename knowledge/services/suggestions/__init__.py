"""Suggestions: proposing, keeping them in step with their articles, deciding on them."""

from knowledge.services.suggestions.deciding import (
    accept,
    dismiss,
    expire,
    may_accept,
    may_dismiss,
    supersede,
    supersede_unless,
    undo_accept,
)
from knowledge.services.suggestions.estimating import Effect, estimate
from knowledge.services.suggestions.forgetting import forget_tickets
from knowledge.services.suggestions.proposing import Proposed, propose
from knowledge.services.suggestions.rebasing import rebase, rebase_open, text_for_head

__all__ = [
    "Effect",
    "Proposed",
    "accept",
    "dismiss",
    "estimate",
    "expire",
    "forget_tickets",
    "may_accept",
    "may_dismiss",
    "propose",
    "rebase",
    "rebase_open",
    "supersede",
    "supersede_unless",
    "text_for_head",
    "undo_accept",
]

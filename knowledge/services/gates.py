"""Who may do what to articles. The services ask here; pages only show what it will answer.

`None` is the program itself, asked by nobody in particular: an import from the command
line, a plan whose moment has come. What a person asks for goes by that person's permissions,
which `helpdesk.roles` gives to contributors, reviewers, publishers and admins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from knowledge.exceptions import NotAllowed

if TYPE_CHECKING:
    from helpdesk.models import User

WRITE = "knowledge.change_article"
REVIEW = "knowledge.review_article"
PUBLISH = "knowledge.publish_article"


def may_write(user: User | None) -> bool:
    """May keep new texts and ask for a review of them."""
    return user is None or user.has_perm(WRITE)


def may_review(user: User | None) -> bool:
    """May approve a text or send it back, and say that an article still holds."""
    return user is None or user.has_perm(REVIEW)


def may_publish(user: User | None) -> bool:
    """May decide what readers see: publish, take back, archive, plan either."""
    return user is None or user.has_perm(PUBLISH)


def ensure_may_write(user: User | None) -> None:
    if not may_write(user):
        raise NotAllowed(_("You may not change articles."))


def ensure_may_review(user: User | None) -> None:
    if not may_review(user):
        raise NotAllowed(_("You may not decide on reviews. Ask a reviewer."))


def ensure_may_publish(user: User | None) -> None:
    if not may_publish(user):
        raise NotAllowed(
            _("You may not decide what readers see. Ask for a review; a publisher takes it on.")
        )

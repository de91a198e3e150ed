"""What a member of staff wants for themselves."""

from __future__ import annotations

from helpdesk.models import User


def set_editorial_mail(*, user: User, is_wanted: bool) -> User:
    """Whether they are mailed about reviews of articles and articles that are due."""
    user.wants_editorial_mail = is_wanted
    user.save(update_fields=["wants_editorial_mail"])
    return user

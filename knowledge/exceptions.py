"""What can go wrong with articles, in words that the person who did it may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from knowledge.models import Revision, Suggestion


class KnowledgeError(Exception):
    """Any refusal of the knowledge base; its text is fit to be shown."""


class ArticleInvalid(KnowledgeError):
    """The text or the details cannot be saved as they are."""


class ArticleMovedOn(KnowledgeError):
    """Somebody saved the article since the text at hand was opened."""

    def __init__(self, head: Revision) -> None:
        self.head = head
        self.by = head.author
        self.at = head.created_at
        super().__init__(
            _("%(who)s saved a newer revision of this article at %(when)s.")
            % {
                "who": head.author or _("Somebody"),
                "when": date_format(timezone.localtime(head.created_at), "H:i, j F Y"),
            }
        )


class RevisionOfAnotherArticle(KnowledgeError):
    """A revision was to be published or restored in an article that it is not of."""


class ImageRefused(KnowledgeError):
    """The picture is too large, of a kind that is not taken, or nobody says what it shows."""


class CategoryLoop(KnowledgeError):
    """A category was to stand on a shelf below itself."""


class NotAllowed(KnowledgeError):
    """The person may not do this."""


class SuggestionInvalid(KnowledgeError):
    """The suggestion is not whole, or what was said about it is not."""


class SuggestionConflicts(KnowledgeError):
    """The article has moved on in a way that the suggestion cannot follow."""


class CannotUndoAccept(KnowledgeError):
    """What came of a suggestion can no longer be taken back in one step."""


class SuggestionDecided(KnowledgeError):
    """Somebody has decided on the suggestion already, or it has been closed."""

    def __init__(self, suggestion: Suggestion) -> None:
        super().__init__(
            _("This suggestion is no longer open: %(state)s%(who)s.")
            % {
                "state": suggestion.get_state_display(),
                "who": f" ({suggestion.decided_by})" if suggestion.decided_by else "",
            }
        )


class SourceUnreadable(KnowledgeError):
    """A product feed or a policy text that cannot be taken as it is."""

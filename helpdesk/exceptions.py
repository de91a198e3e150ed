"""What can go wrong in words for people, with a code for machines."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class HelpdeskError(Exception):
    """Refused, and why. `message` is shown to whoever asked."""

    code = "refused"
    status = HTTPStatus.CONFLICT
    default: str | Promise = _("That cannot be done.")

    def __init__(self, message: str | Promise = "") -> None:
        self.message = str(message or self.default)
        super().__init__(self.message)


class TicketClosed(HelpdeskError):
    code = "ticket_closed"
    default = _("This ticket is closed. Please open a new one.")


class TicketAlreadyTaken(HelpdeskError):
    code = "ticket_taken"
    default = _("Somebody else has taken this ticket.")


class NotAnAgent(HelpdeskError):
    code = "not_an_agent"
    status = HTTPStatus.FORBIDDEN
    default = _("Only agents may do that.")


class EmptyMessage(HelpdeskError):
    code = "empty_message"
    status = HTTPStatus.BAD_REQUEST
    default = _("Please write something first.")


class DraftAlreadyDecided(HelpdeskError):
    code = "draft_decided"
    default = _("This draft has been decided already.")


class DraftStale(HelpdeskError):
    code = "draft_stale"
    default = _("The requester has written again since this draft was made.")


class DraftHasNoAnswer(HelpdeskError):
    code = "draft_has_no_answer"
    default = _("There is no answer in this draft to send.")


class PromiseNotProven(HelpdeskError):
    code = "promise_not_proven"
    default = _("The decisions so far do not prove this error rate.")


class NotTried(HelpdeskError):
    code = "not_tried"
    default = _("Try this threshold on past tickets first.")


class DraftHeld(HelpdeskError):
    code = "draft_held"
    default = _("This draft is held back until a change of a source is settled.")


class MacroUnsettled(HelpdeskError):
    code = "macro_unsettled"
    default = _("This macro says what is no longer true. Its edit has to be decided first.")


class NotFoundNear(HelpdeskError):
    code = "not_found_near"
    default = _("These words are not among what was found for this ticket any more.")


class QuoteOutdated(HelpdeskError):
    code = "quote_outdated"
    default = _("The article reads otherwise by now. Open it and take the words from there.")


class QuoteUnread(HelpdeskError):
    code = "quote_unread"
    default = _("The requester may not read this article, so its words are not for them.")


class MacroEditDecided(HelpdeskError):
    code = "macro_edit_decided"
    default = _("This edit has been decided already.")


class MacroEditConflicts(HelpdeskError):
    code = "macro_edit_conflicts"
    default = _("The macro has been changed just where the edit changes it. Edit it by hand.")


class MayNotChangeMacros(HelpdeskError):
    code = "not_allowed"
    status = HTTPStatus.FORBIDDEN
    default = _("You may not change macros.")


class CannotUndo(HelpdeskError):
    code = "cannot_undo"
    default = _("It is too late to take this reply back: it has been sent.")


class RatingNotPossible(HelpdeskError):
    code = "rating_not_possible"
    default = _("You can rate the help once the ticket is solved.")


class AttachmentRefused(HelpdeskError):
    code = "attachment_refused"
    status = HTTPStatus.BAD_REQUEST
    default = _("This file cannot be attached.")

"""Deciding on suggestions. Of two reviewers the first wins; nothing is published unasked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import (
    CannotUndoAccept,
    NotAllowed,
    SuggestionConflicts,
    SuggestionDecided,
    SuggestionInvalid,
)
from knowledge.models import Article, Revision, Suggestion
from knowledge.services.addressing import lead_to
from knowledge.services.gates import may_publish, may_review, may_write
from knowledge.services.publishing import archive, publish, roll_back
from knowledge.services.reviewing import submit_for_review
from knowledge.services.suggestions.creating import place, write_new
from knowledge.services.suggestions.readers import ensure_same_readers
from knowledge.services.suggestions.rebasing import rebase, rebase_open
from knowledge.services.upkeep import confirm
from knowledge.services.writing import save_revision
from knowledge.signals import suggestion_proposed
from knowledge.types import ArticleText, Placing

if TYPE_CHECKING:
    from helpdesk.models import User


def may_accept(user: User) -> bool:
    """May turn a suggestion into a revision."""
    return may_write(user)


def may_dismiss(user: User) -> bool:
    """May say that nobody wants it."""
    return may_review(user)


def accept(
    *,
    suggestion: Suggestion,
    reviewer: User,
    title: str | None = None,
    body: str | None = None,
    base_revision: Revision | None = None,
    puts_away: bool = False,
    placing: Placing | None = None,
) -> Suggestion:
    """Make the suggestion a revision by the reviewer, published if they may publish.

    Of who may not, a review of the revision is asked for; retiring and merging articles take
    one who may. `title` and `body` replace the proposed ones: then it is accepted with
    changes, and `base_revision` names the text that they were written against. Where the
    article has a newer text that nobody has published, the edit is added to that one and
    stays unpublished with it.

    `placing` says where a new article is to stand, and in which language it is, where that is
    not what was proposed.

    An article that is to be looked at again (CHECK) is found to hold where no other text is
    given, and archived with `puts_away`.

    Raises NotAllowed, SuggestionDecided, SuggestionConflicts (the article has moved on),
    SuggestionInvalid, ArticleMovedOn and ArticleInvalid.
    """
    if not may_accept(reviewer):
        raise NotAllowed(_("You may not change articles."))
    if not rebase(suggestion) and body is None:
        raise SuggestionConflicts(
            _("The article has changed just where the suggestion changes it. Edit it first.")
        )
    with transaction.atomic():
        row = _locked(suggestion)
        if puts_away and row.kind != Suggestion.Kind.CHECK:
            raise SuggestionInvalid(_("Accept it or dismiss it."))
        if placing is not None:
            place(row, placing)
        if puts_away:
            assert row.article is not None
            archive(article=row.article, by=reviewer)
            row.state = Suggestion.State.CHANGED
            _decide(row, reviewer)
        else:
            _accept(row, reviewer, title, body, base_revision)
    suggestion.refresh_from_db()
    return suggestion


def _accept(
    row: Suggestion,
    reviewer: User,
    title: str | None,
    body: str | None,
    base_revision: Revision | None,
) -> None:
    proposed = ArticleText(row.title, row.body, row.summary)
    text = ArticleText(
        title=proposed.title if title is None else title,
        body=proposed.body if body is None else body,
        summary=proposed.summary,
    ).normalized()
    if row.article_id is not None and row.other_article_id is not None:
        ensure_same_readers(row.article_id, row.other_article_id)
    row.revision = _apply(row, text, reviewer, base_revision)
    is_changed = text != proposed
    row.state = Suggestion.State.CHANGED if is_changed else Suggestion.State.ACCEPTED
    _decide(row, reviewer)
    if row.article_id is not None:
        rebase_open(row.article_id)


@transaction.atomic
def dismiss(
    *, suggestion: Suggestion, reviewer: User, reason: str, comment: str = ""
) -> Suggestion:
    """Say that the suggestion is not wanted, and why. Raises NotAllowed, SuggestionDecided."""
    if not may_dismiss(reviewer):
        raise NotAllowed(_("You may not decide on suggestions."))
    row = _locked(suggestion)
    if reason not in Suggestion.DismissReason.values:
        raise SuggestionInvalid(_("Please say why."))
    row.state = Suggestion.State.DISMISSED
    row.dismiss_reason = reason
    row.dismiss_comment = " ".join(comment.split())[:500]
    _decide(row, reviewer)
    suggestion.refresh_from_db()
    return suggestion


def supersede(*, suggestion: Suggestion) -> bool:
    """Something else has met the need; whether the suggestion was open until now."""
    return _close(suggestion, Suggestion.State.SUPERSEDED)


def supersede_unless(*, origin: str, facts: str, needed: Collection[tuple[int, str]]) -> int:
    """Close the open ones of an origin whose need is no more; how many.

    `facts` is what the names of such facts begin with; `needed` are the (article's id, name
    of the fact) that still are.
    """
    rows = Suggestion.objects.open().filter(origin=origin, fact_key__startswith=facts)
    return sum(
        supersede(suggestion=row)
        for row in rows.only("article_id", "fact_key").order_by("pk")
        if (row.article_id, row.fact_key) not in needed
    )


def expire(*, unseen_since: datetime) -> int:
    """Close open suggestions whose need was last seen before that moment; how many.

    Not those of sources: a policy is as true a year on, and drafts are held until they are
    decided.
    """
    old = Suggestion.objects.open().filter(last_seen_at__lt=unseen_since)
    old = old.exclude(origin=Suggestion.Origin.SOURCE)
    return old.update(state=Suggestion.State.EXPIRED, decided_at=timezone.now())


@transaction.atomic
def undo_accept(*, suggestion: Suggestion, by: User) -> Suggestion:
    """Take the accepted edit back: the text before it becomes the newest, and shows again.

    Only while nobody has changed the article since, and only for edits and new articles.
    The suggestion is open again. Raises NotAllowed and CannotUndoAccept.
    """
    if not may_accept(by):
        raise NotAllowed(_("You may not change articles."))
    row = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if row.revision_id is None or row.article_id is None or not row.is_accepted:
        raise CannotUndoAccept(_("There is nothing to take back."))
    article = Article.objects.select_for_update().get(pk=row.article_id)
    if article.head_id != row.revision_id:
        raise CannotUndoAccept(_("The article has been changed since."))
    if not row.is_undoable:
        raise CannotUndoAccept(_("This cannot be taken back in one step."))
    if row.base_revision is not None:
        was_shown = article.published_revision_id == row.revision_id
        restored = roll_back(article=article, to=row.base_revision, by=by)
        if was_shown:
            publish(article=article, by=by, revision=restored)
        row.base_revision = restored
    else:
        archive(article=article, by=by)
        row.article = None
    row.state = Suggestion.State.OPEN
    row.revision = row.decided_by = row.decided_at = None
    row.save()
    suggestion_proposed.send(Suggestion, suggestion_id=row.pk)
    rebase_open(article.pk)
    suggestion.refresh_from_db()
    return suggestion


def _locked(suggestion: Suggestion) -> Suggestion:
    row = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if not row.is_open:
        raise SuggestionDecided(row)
    return row


def _decide(row: Suggestion, by: User) -> None:
    row.decided_by = by
    row.decided_at = timezone.now()
    row.save()


def _close(suggestion: Suggestion, state: Suggestion.State) -> bool:
    closed = Suggestion.objects.open().filter(pk=suggestion.pk)
    return bool(closed.update(state=state, decided_at=timezone.now()))


def _apply(
    row: Suggestion, text: ArticleText, by: User, base_revision: Revision | None
) -> Revision | None:
    match row.kind:
        case Suggestion.Kind.NEW_ARTICLE:
            return write_new(row, text, by)
        case Suggestion.Kind.RETIRE:
            assert row.article is not None
            archive(article=row.article, by=by)
            return None
        case Suggestion.Kind.CHECK if base_revision is None and text == _unchanged(row):
            assert row.article is not None
            confirm(article=row.article, by=by)
            return None
        case Suggestion.Kind.MERGE:
            return _merge(row, text, by, base_revision)
        case _:
            return _save(row, text, by, base_revision)


def _merge(
    row: Suggestion, text: ArticleText, by: User, base_revision: Revision | None
) -> Revision | None:
    """The one takes the text, the other goes and its addresses lead to the one."""
    assert row.article is not None
    assert row.other_article is not None
    head = row.article.head
    is_said = head is not None and head.text == text
    revision = None if is_said else _save(row, text, by, base_revision)
    archive(article=row.other_article, by=by)
    lead_to(row.article, away_from=row.other_article)
    return revision


def _save(
    row: Suggestion, text: ArticleText, by: User, base_revision: Revision | None
) -> Revision:
    assert row.article is not None
    article = row.article
    had_unpublished_text = article.has_unpublished_changes
    revision = save_revision(
        article=article,
        text=text,
        author=by,
        note=row.rationale,
        base_revision=base_revision or row.base_revision,
    )
    if Suggestion.objects.filter(revision=revision).exists():
        raise SuggestionInvalid(_("The article says this already."))
    is_shown = article.state == Article.State.PUBLISHED
    if not may_publish(by):
        submit_for_review(article=article, by=by, comment=row.rationale)
    elif is_shown and not had_unpublished_text:
        publish(article=article, by=by, revision=revision)
    return revision


def _unchanged(row: Suggestion) -> ArticleText:
    return ArticleText(row.title, row.body, row.summary).normalized()

"""Publishing, and taking back, at a moment to come.

A plan is a row; a look at it each minute carries out what is due. The row is locked and
closed in the transaction that publishes: so each moment is carried out once, however many
look, and what was due while nothing ran is made up for at the next look.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid
from knowledge.models import Article, ArticleEvent, Revision, ScheduledPublication
from knowledge.services.events import close_plan, note
from knowledge.services.gates import ensure_may_publish
from knowledge.services.publishing import hide, show

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def schedule(
    *,
    article: Article,
    by: User | None,
    publish_at: datetime | None = None,
    unpublish_at: datetime | None = None,
    revision: Revision | None = None,
) -> ScheduledPublication:
    """Plan that `revision` (default: the newest) shows from one moment, to another, or both.

    It takes the place of a plan that was open. Raises NotAllowed, and ArticleInvalid where a
    moment is missing, past, or out of order, or there is nothing to publish or take back.
    """
    ensure_may_publish(by)
    locked = Article.objects.select_for_update().get(pk=article.pk)
    now = timezone.now()
    _ensure_sensible(locked, publish_at, unpublish_at, now)
    wanted = (revision or locked.head) if publish_at else None
    if wanted is not None and wanted.article_id != locked.pk:
        raise ArticleInvalid(_("That revision is of another article."))
    if wanted is not None and wanted.pk == locked.published_revision_id:
        raise ArticleInvalid(_("Readers see this text already. Only an end can be planned."))
    close_plan(locked, by=by)
    plan = ScheduledPublication(
        article=locked,
        revision=wanted,
        publish_at=publish_at,
        unpublish_at=unpublish_at,
        planned_by=by,
        created_at=now,
    )
    plan.due_at = plan.next_moment
    plan.save()
    note(locked, ArticleEvent.Kind.SCHEDULED, by=by, revision=wanted, comment=in_words(plan))
    return plan


@transaction.atomic
def cancel_schedule(*, article: Article, by: User | None) -> bool:
    """Forget what is planned for the article; whether something was. Raises NotAllowed."""
    ensure_may_publish(by)
    locked = Article.objects.select_for_update().get(pk=article.pk)
    return close_plan(locked, by=by)


def carry_out_due(at: datetime | None = None) -> int:
    """Do what the plans want done by now; return how many moments were acted on."""
    at = at or timezone.now()
    done = 0
    while _carry_out_next(at):
        done += 1
    return done


def in_words(plan: ScheduledPublication) -> str:
    """ "Publish at 09:00, 27 November 2026, take back at …"."""
    said = []
    if plan.publish_at is not None:
        said.append(_("publish at %s") % _moment(plan.publish_at))
    if plan.unpublish_at is not None:
        said.append(_("take back at %s") % _moment(plan.unpublish_at))
    return ", ".join(said)


@transaction.atomic
def _carry_out_next(at: datetime) -> bool:
    # The article first, then the plan, as everywhere; the plan is read again under the lock.
    due = ScheduledPublication.objects.due(at).order_by("due_at", "pk").first()
    if due is None:
        return False
    locked = Article.objects.select_for_update().get(pk=due.article_id)
    plan = (
        ScheduledPublication.objects.due(at).select_for_update(of=("self",)).filter(pk=due.pk)
    ).first()
    if plan is None:
        return True  # somebody else did it, or cancelled it; look again
    if plan.publish_at is not None and plan.published_at is None:
        _publish(plan, locked)
    else:
        _take_back(plan, locked)
    plan.save()
    return True


def _publish(plan: ScheduledPublication, article: Article) -> None:
    assert plan.revision is not None
    shown = article.published_revision
    if shown is not None and shown.number > plan.revision.number:
        reason = _("Readers see a newer text already, revision %d.") % shown.number
        _close(plan, ScheduledPublication.State.REFUSED, reason)
        note(article, ArticleEvent.Kind.REFUSED, by=None, revision=plan.revision, comment=reason)
        return
    show(article, plan.revision, by=plan.planned_by)
    plan.published_at = timezone.now()
    if plan.unpublish_at is None:
        _close(plan, ScheduledPublication.State.DONE)
    else:
        plan.due_at = plan.unpublish_at


def _take_back(plan: ScheduledPublication, article: Article) -> None:
    if article.state == Article.State.PUBLISHED:
        shown = article.published_revision
        hide(article, Article.State.DRAFT)
        note(article, ArticleEvent.Kind.UNPUBLISHED, by=plan.planned_by, revision=shown)
    _close(plan, ScheduledPublication.State.DONE)


def _close(
    plan: ScheduledPublication, state: ScheduledPublication.State, reason: str = ""
) -> None:
    plan.state, plan.reason = state, reason
    plan.due_at, plan.closed_at = None, timezone.now()


def _ensure_sensible(
    article: Article, publish_at: datetime | None, unpublish_at: datetime | None, now: datetime
) -> None:
    if publish_at is None and unpublish_at is None:
        raise ArticleInvalid(_("Please say when."))
    if article.state == Article.State.ARCHIVED:
        raise ArticleInvalid(_("The article is in the archive. Restore it first."))
    if any(moment is not None and moment <= now for moment in (publish_at, unpublish_at)):
        raise ArticleInvalid(_("That moment has passed. Plan for a later one."))
    if publish_at is not None and unpublish_at is not None and unpublish_at <= publish_at:
        raise ArticleInvalid(_("The end comes before the beginning."))
    if publish_at is None and article.state != Article.State.PUBLISHED:
        raise ArticleInvalid(_("Readers do not see the article; there is nothing to take back."))


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i, j F Y")

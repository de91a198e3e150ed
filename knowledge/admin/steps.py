"""What the buttons above an article's form do. What is allowed is up to the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from knowledge.admin.pages import find
from knowledge.exceptions import ArticleInvalid, KnowledgeError, NotAllowed
from knowledge.models import Article, Revision
from knowledge.owning import owner_of
from knowledge.services import (
    approve,
    cancel_schedule,
    confirm,
    mark_up_to_date,
    publish,
    restore,
    schedule,
    send_back,
    submit_for_review,
    withdraw,
)

if TYPE_CHECKING:
    from knowledge.admin.articles import ArticleAdmin

Step = Callable[[HttpRequest, Article], object]


def page(model_admin: ArticleAdmin, request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take the step that the address names, and show the article again."""
    article = find(model_admin, request, pk)
    is_owners = step == "confirm" and owner_of(article) == request.user
    if not is_owners and not model_admin.has_change_permission(request, article):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if step not in _STEPS:
        raise Http404
    take, said = _STEPS[step]
    try:
        take(request, article)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except KnowledgeError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _(said))
    return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))


def _by(request: HttpRequest) -> Any:
    return request.user


def _revision(request: HttpRequest, article: Article) -> Revision | None:
    """The text that the person had before them."""
    wanted = request.POST.get("revision", "")
    return article.revisions.filter(pk=wanted).first() if wanted.isdecimal() else None


def _comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "")


def _moment(request: HttpRequest, name: str) -> datetime | None:
    typed = request.POST.get(name, "").strip()
    if not typed:
        return None
    try:
        at = parse_datetime(typed)
    except ValueError:
        at = None
    if at is None:
        raise ArticleInvalid(_("That is no moment that we can read."))
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _submit(request: HttpRequest, article: Article) -> None:
    submit_for_review(article=article, by=_by(request), comment=_comment(request))


def _withdraw(request: HttpRequest, article: Article) -> None:
    withdraw(article=article, by=_by(request))


def _approve(request: HttpRequest, article: Article) -> None:
    revision = _revision(request, article)
    approve(article=article, by=_by(request), revision=revision, comment=_comment(request))


def _approve_and_publish(request: HttpRequest, article: Article) -> None:
    """A publisher's own word is enough; what is published is what they have read."""
    publish(article=article, by=_by(request), revision=_revision(request, article))


def _send_back(request: HttpRequest, article: Article) -> None:
    revision = _revision(request, article)
    send_back(article=article, by=_by(request), revision=revision, comment=_comment(request))


def _schedule(request: HttpRequest, article: Article) -> None:
    schedule(
        article=article,
        by=_by(request),
        publish_at=_moment(request, "publish_at"),
        unpublish_at=_moment(request, "unpublish_at"),
        revision=_revision(request, article),
    )


def _cancel(request: HttpRequest, article: Article) -> None:
    cancel_schedule(article=article, by=_by(request))


def _confirm(request: HttpRequest, article: Article) -> None:
    typed = request.POST.get("next_review", "").strip()
    try:
        day = parse_date(typed) if typed else None
    except ValueError:
        day = None
    if typed and day is None:
        raise ArticleInvalid(_("That is no day that we can read."))
    confirm(article=article, by=_by(request), next_review=day, comment=_comment(request))


def _up_to_date(request: HttpRequest, article: Article) -> None:
    mark_up_to_date(article=article, by=_by(request))


def _restore(request: HttpRequest, article: Article) -> None:
    restore(article=article, by=_by(request))


_STEPS: dict[str, tuple[Step, str]] = {
    "submit": (_submit, gettext_noop("A reviewer is asked to look at it.")),
    "withdraw": (_withdraw, gettext_noop("Nobody is asked any more; it is a draft.")),
    "approve": (_approve, gettext_noop("Approved. A publisher may publish it.")),
    "publish": (_approve_and_publish, gettext_noop("Published.")),
    "send-back": (_send_back, gettext_noop("Sent back. What you wrote stands above the article.")),
    "schedule": (_schedule, gettext_noop("Planned.")),
    "cancel": (_cancel, gettext_noop("The plan is cancelled.")),
    "confirm": (_confirm, gettext_noop("Noted: it still holds.")),
    "up-to-date": (_up_to_date, gettext_noop("Noted: it says what the original says.")),
    "restore": (_restore, gettext_noop("Back in drafts.")),
}

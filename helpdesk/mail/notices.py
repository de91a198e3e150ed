"""Mails the staff what happened to articles, and what is due: one job a mail.

The Message-ID follows from the job's key, so that a second try, after a worker died between
sending and noting it, carries the same one and mail programs show it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from helpdesk import jobs, notifying
from helpdesk.mail.delivery import TRANSIENT_ERRORS, close_quietly
from helpdesk.models import Job, User
from helpdesk.texts import to_html
from knowledge.models import Article, ArticleEvent
from knowledge.services import may_publish


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told. `thread` groups the mails about one article."""

    user: User
    subject: str
    text: str
    thread: str = ""


def deliver_notices(claimed: Sequence[Job]) -> dict[int, str]:
    """Mail each job's notice over one connection; return the errors by job."""
    errors: dict[int, str] = {}
    connection = get_connection()
    for job in claimed:
        notice = notice_for(job.key)
        if notice is None:
            continue
        try:
            connection.open()
            connection.send_messages([_mail(notice, job.key, connection)])
        except TRANSIENT_ERRORS as exc:
            errors[job.pk] = f"{type(exc).__name__}: {exc}"[:500]
            close_quietly(connection)
        else:
            jobs.finish([job])
    close_quietly(connection)
    return errors


def notice_for(key: str) -> Notice | None:
    """What the job's key stands for, as things are now; None where nobody needs to know."""
    kind, subject, other = key.split(":")
    if kind == "digest":
        return _digest(int(subject))
    return _step(int(subject), int(other))


def _step(event_id: int, user_id: int) -> Notice | None:
    event = (
        ArticleEvent.objects.filter(pk=event_id)
        .select_related("by", "revision", "article__head", "article__published_revision")
        .first()
    )
    user = User.objects.filter(pk=user_id).first()
    if event is None or user is None or not notifying.still_concerns(event, user):
        return None
    with translation.override(_language(user)):
        context = _context(user) | {
            "event": event,
            "title": event.revision.title if event.revision else event.article.title,
            "link": _link(event.article),
            "may_publish": may_publish(user),
        }
        subject, _line, text = render_to_string("mail/article_step.txt", context).partition("\n")
    return Notice(user, subject.strip(), text.strip() + "\n", f"article.{event.article_id}")


def _digest(user_id: int) -> Notice | None:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not notifying.can_be_told(user):
        return None
    today = timezone.localdate()
    due = notifying.due_for(user, today)
    if not due:
        return None
    with translation.override(_language(user)):
        context = _context(user) | {
            "overdue": [(article, _link(article)) for article in due if _is_late(article)],
            "coming": [(article, _link(article)) for article in due if not _is_late(article)],
        }
        text = render_to_string("mail/article_digest.txt", context).strip() + "\n"
        subject = _("Articles to look at: %(count)d") % {"count": len(due)}
    return Notice(user, subject, text)


def _is_late(article: Article) -> bool:
    return article.is_review_overdue()


def _context(user: User) -> dict[str, object]:
    return {
        "user": user,
        "shop_name": settings.SHOP_NAME,
        "preferences": settings.SITE_URL + reverse("my-data"),
    }


def _mail(notice: Notice, key: str, connection: object) -> EmailMultiAlternatives:
    domain = settings.MAIL_DOMAIN
    headers = {
        "Message-ID": f"<notice.{key.replace(':', '.')}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Unsubscribe": f"<{settings.SITE_URL}{reverse('my-data')}>",
    }
    if notice.thread:
        headers["References"] = headers["In-Reply-To"] = f"<{notice.thread}@{domain}>"
    mail = EmailMultiAlternatives(
        subject=" ".join(notice.subject.split()),
        body=notice.text,
        to=[notice.user.email],
        headers=headers,
        connection=connection,
    )
    html = {"html": to_html(notice.text), "language": _language(notice.user)}
    mail.attach_alternative(render_to_string("mail/notice.html", html), "text/html")
    return mail


def _link(article: Article) -> str:
    return f"{settings.SITE_URL}{reverse('admin:knowledge_article_change', args=[article.pk])}"


def _language(user: User) -> str:
    return user.language or str(settings.LANGUAGE_CODE)

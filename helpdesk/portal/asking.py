"""The question box: what the knowledge base has to say before a ticket is opened."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.portal import limits
from knowledge.models import Article
from knowledge.search import ArticleHit, search
from knowledge.services import log_search, mark_search_solved
from knowledge.types import Viewer
from qa_engine import services as engine

SHOWN = 3  # articles
#: An answer is quoted only from this probability of being right; PORTAL_SURE overrides it.
SURE = 0.8
#: Of what is typed, so much is looked at.
MAX_QUESTION = 1000
#: Fewer letters are not a question yet.
MIN_QUESTION = 3


@dataclass(frozen=True, slots=True)
class SureAnswer:
    """An answer that may be shown to a customer, and the article that says it."""

    text: str
    article: Article


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html")


@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: HttpRequest) -> HttpResponse:
    """A fragment for what was typed so far. It comes as POST, which keeps it out of logs.

    The articles come at once; `part=answer`, which the fragment asks for by itself, waits
    for the worker.
    """
    question = question_in(request)
    if (request.POST or request.GET).get("part") == "answer":
        return _answer(request, question)
    if limits.seconds_to_wait(limits.SUGGESTIONS, request):
        question = ""
    context = {"question": question, "hits": find_articles(question, request.user)}
    return render(request, "portal/partials/suggestions.html", context)


@require_POST
def solved_by_article(request: HttpRequest) -> HttpResponse:
    """The requester has the answer and needs no ticket: say thanks, and remember it."""
    question = question_in(request)
    slug = request.POST.get("article", "")
    article = Article.objects.visible_to(request.user).published().filter(slug=slug).first()
    if not limits.seconds_to_wait(limits.TICKETS, request):
        hits = find_articles(question, request.user)
        if logged := log_search(query=question, result_count=len(hits)):
            mark_search_solved(search=logged, article=article)
    messages.success(request, _("Good to hear that this helped. Thank you for telling us!"))
    return redirect("portal-home")


def find_articles(question: str, user: object) -> list[ArticleHit]:
    """Up to three published articles that may answer it, best first."""
    if len(question) < MIN_QUESTION:
        return []
    return search(question, viewer=Viewer.of(user), limit=SHOWN)


def question_in(request: HttpRequest) -> str:
    """What was typed: in the question box, or as subject and text of a ticket."""
    data = request.POST or request.GET
    parts = [data.get("question", ""), data.get("subject", ""), data.get("body", "")]
    text = "\n".join(part.strip() for part in parts if part.strip())
    return text.replace("\x00", "")[:MAX_QUESTION]


def _answer(request: HttpRequest, question: str) -> HttpResponse:
    answer = None
    if len(question.split()) > 1 and not limits.seconds_to_wait(limits.LIVE_ANSWERS, request):
        answer = _sure_answer(question, request.user)
    context = {"answer": answer, "question": question}
    return render(request, "portal/partials/answer.html", context)


def _sure_answer(question: str, user: object) -> SureAnswer | None:
    answer = engine.answer_live(
        question, viewer=Viewer.of(user), deadline=settings.QA_LIVE_DEADLINE
    )
    if answer is None or not answer.is_answered or not answer.evidence:
        return None
    if answer.confidence < getattr(settings, "PORTAL_SURE", SURE):
        return None
    cited = answer.evidence[0].article_id
    article = (
        Article.objects.visible_to(user)
        .select_related("published_revision")
        .filter(pk=cited)
        .first()
    )
    return SureAnswer(answer.text, article) if article else None

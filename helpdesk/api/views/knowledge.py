"""Published articles, and answers to single questions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from helpdesk.api.serializers.knowledge import (
    AnswerSerializer,
    ArticleSerializer,
    ArticleTextSerializer,
    PendingAnswerSerializer,
    QuestionSerializer,
)
from helpdesk.api.throttles import AnswerThrottle
from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint
from helpdesk.models import User
from knowledge.models import Article
from knowledge.search import search
from knowledge.types import Viewer
from qa_engine import services as engine
from qa_engine.types import Answer

#: A search shows the best ones; whoever wants more words it better.
MAX_FOUND = 50
#: Articles that go with "nobody answered in time".
MAX_MEANWHILE = 3
RETRY_AFTER = 2  # seconds


class ArticleViewSet(
    Endpoint,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Article],
):
    """Published articles: the public ones for anybody, restricted ones for customers in their
    groups, and all of them for agents.
    """

    permission_classes = [AllowAny]
    filter_backends = []
    serializer_class = ArticleSerializer
    queryset = Article.objects.none()  # for the router's basename; see get_queryset
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    def get_queryset(self) -> QuerySet[Article]:
        articles = Article.objects.visible_to(self.request.user).published()
        shown = articles.select_related("category", "published_revision")
        if Viewer.of(self.request.user).is_agent:
            shown = shown.with_readers()
        return shown if self.action == "retrieve" else shown.defer("published_revision__body")

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="Words to look for, best first.")
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All articles, newest first; with `q` the best matches, on one page."""
        asked = request.query_params.get("q", "").strip()
        if not asked:
            return super().list(request, *args, **kwargs)
        hits = search(asked, viewer=request.user, limit=MAX_FOUND)
        found = self.get_queryset().in_bulk([hit.article_id for hit in hits])
        rows = [found[hit.article_id] for hit in hits if hit.article_id in found]
        results = self.get_serializer(rows, many=True).data
        return Response({"next": None, "previous": None, "results": results})

    @extend_schema(responses=ArticleTextSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """An article with its text, as Markdown and as HTML."""
        shape = ArticleTextSerializer(self.get_object(), context=self.get_serializer_context())
        return Response(shape.data)


class AnswerView(Endpoint, GenericAPIView[Any]):
    throttle_classes = [AnswerThrottle]
    serializer_class = QuestionSerializer

    @extend_schema(
        request=QuestionSerializer,
        responses={200: AnswerSerializer, 202: PendingAnswerSerializer},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        """Answer a question from the knowledge base, as the caller may read it.

        202 where no worker answered in time: ask again at `Location`.
        """
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        question = asked.validated_data["question"]
        answer = engine.answer_live(
            question, viewer=Viewer.of(request.user), deadline=settings.QA_LIVE_DEADLINE
        )
        if answer is None:
            return self._not_yet(request, question)
        context = dict(self.get_serializer_context()) | {"slugs": _slugs(answer, request.user)}
        return Response(AnswerSerializer(answer, context=context).data)

    def _not_yet(self, request: AuthenticatedRequest, question: str) -> Response:
        content = {
            "message": _("Nobody could answer in time. Please ask again in a moment."),
            "articles": search(question, viewer=request.user, limit=MAX_MEANWHILE),
        }
        headers = {
            "Location": reverse("api:answer", request=request),
            "Retry-After": str(RETRY_AFTER),
        }
        return Response(
            PendingAnswerSerializer(content).data,
            status=status.HTTP_202_ACCEPTED,
            headers=headers,
        )


def _slugs(answer: Answer, user: User) -> dict[int, str]:
    cited = {evidence.article_id for evidence in answer.evidence}
    return dict(Article.objects.visible_to(user).filter(pk__in=cited).values_list("pk", "slug"))

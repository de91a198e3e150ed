"""Replays: which past tickets a change would have answered otherwise, each to be opened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from helpdesk import replay_gate
from helpdesk.desk.access import agent_of
from helpdesk.exceptions import NotTried
from helpdesk.models import Replay, ReplayedTicket, User
from helpdesk.replays import (
    DAYS,
    ask_for_replay,
    figures,
    is_against_other_engine,
    is_of_older_text,
)
from helpdesk.services import thresholds
from knowledge.diffing import diff_words
from knowledge.models import Suggestion
from knowledge.unfolding import ReadOnlyAdmin, display
from qa_engine.models import Threshold

CHANGE_THRESHOLD = "qa_engine.change_threshold"
PER_PAGE = 20


class ThresholdForm(forms.Form):
    threshold = forms.FloatField(
        label=_("Confidence from which a question is answered"),
        min_value=0,
        max_value=1,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.01", "min": "0", "max": "1"}),
        help_text=_("Between 0 and 1. Nothing changes for anybody until it is put in force."),
    )


@admin.register(Replay)
class ReplayAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_change", "shown_state", "shown_asked", "shown_figures", "shown_seconds",
        "created_at",
    )  # fmt: skip
    list_help = _(
        "A change tried out on past tickets, each asked again of the articles as they were on its "
        "day: how many more would get an answer, and which would get a worse one."
    )
    empty_help = _("Each suggestion is replayed by itself; a threshold can be tried with “+”.")
    list_filter = ("state",)
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Replay]:
        replays = Replay.objects.visible_to(request.user).with_figures()
        return replays.select_related(
            "suggestion__article__published_revision", "suggestion__base_revision", "version"
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("helpdesk.add_replay"))

    @display(description=_("change"))
    def shown_change(self, replay: Replay) -> str:
        return str(replay)

    @display(
        description=_("state"), ordering="state", label={"done": "success", "failed": "danger"}
    )
    def shown_state(self, replay: Replay) -> tuple[str, str]:
        return replay.state, f"{replay.get_state_display()} {self._percent(replay)}".strip()

    @display(description=_("tickets"), ordering="total")
    def shown_asked(self, replay: Replay) -> str:
        return f"{replay.done} / {replay.total}" if replay.is_cut_short else f"{replay.total}"

    @display(description=_("seconds"), ordering="seconds")
    def shown_seconds(self, replay: Replay) -> str:
        return f"{replay.seconds:.0f}" if replay.is_over else "–"

    @display(description=_("answered · changed · worse · lost"))
    def shown_figures(self, replay: Any) -> str:
        return f"{replay.answered} · {replay.changed} · {replay.worse} · {replay.lost}"

    @staticmethod
    def _percent(replay: Replay) -> str:
        return f"{replay.percent} %" if replay.state == Replay.State.RUNNING else ""

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.again_view)
        put, back = (
            self.admin_site.admin_view(view) for view in (self.put_view, self.roll_back_view)
        )
        own = [
            path("suggestion/<int:pk>/", again, name="helpdesk_replay_again"),
            path("<int:pk>/put-in-force/", put, name="helpdesk_replay_put_in_force"),
            path("threshold/roll-back/", back, name="helpdesk_replay_roll_back"),
        ]
        return own + super().get_urls()

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replay a suggestion, also where that has just been done."""
        if request.method != "POST":
            return HttpResponse(status=405)
        suggestion = Suggestion.objects.visible_to(request.user).open().filter(pk=pk).first()
        if suggestion is None:
            raise Http404
        ask_for_replay(suggestion=suggestion, by=agent_of(request), anew=True)
        return redirect("admin:knowledge_suggestion_change", pk)

    def put_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let the threshold that was replayed decide from now on."""
        admin_user = _threshold_admin(request)
        if request.method != "POST":
            return HttpResponse(status=405)
        replay = Replay.objects.visible_to(request.user).filter(pk=pk).first()
        if replay is None:
            raise Http404
        try:
            thresholds.put_in_force(replay=replay, by=admin_user)
        except NotTried as refusal:
            messages.error(request, refusal.message)
        else:
            said = _("%(replay)s is in force from the next draft on.")
            messages.success(request, said % {"replay": replay})
        return redirect("admin:helpdesk_replay_change", pk)

    def roll_back_view(self, request: HttpRequest) -> HttpResponse:
        """Bring back the threshold before, or else the setting."""
        admin_user = _threshold_admin(request)
        if request.method != "POST":
            return HttpResponse(status=405)
        present = thresholds.roll_back(by=admin_user)
        if present is None:
            messages.error(request, _("The setting decides already."))
        else:
            said = _("Rolled back: %(value)s is in force.")
            messages.success(request, said % {"value": present})
        return redirect("admin:helpdesk_replay_add")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Try another threshold on past tickets."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ThresholdForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            replay = ask_for_replay(threshold=form.cleaned_data["threshold"], by=agent_of(request))
            return redirect("admin:helpdesk_replay_change", replay.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": Replay._meta,
            "title": _("Try a threshold on past tickets"),
            "form": form,
            "days": DAYS,
            "in_force": Threshold.objects.in_force().select_related("put_by").first(),
            "setting": settings.QA_MIN_CONFIDENCE,
            "may_decide": request.user.has_perm(CHANGE_THRESHOLD),
        }
        return TemplateResponse(request, "replays/try.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = self.get_queryset(request)
        replay = known.filter(pk=int(object_id)).first() if object_id.isdecimal() else None
        if replay is None:
            raise Http404
        tickets = ReplayedTicket.objects.visible_to(request.user).filter(replay=replay)
        outcome = request.GET.get("outcome", "")
        if outcome in ReplayedTicket.Outcome.values:
            tickets = tickets.filter(outcome=outcome)
        page = Paginator(tickets.worst_first(), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "opts": Replay._meta,
            "title": str(replay),
            "replay": replay,
            "figures": figures(replay),
            "is_older_text": is_of_older_text(replay),
            "is_other_engine": is_against_other_engine(replay),
            **_deciding(request, replay),
            "outcome": outcome,
            "outcomes": ReplayedTicket.Outcome.choices,
            "page": page,
            "rows": [(row, diff_words(row.before, row.after)) for row in page],
        }
        return TemplateResponse(request, "replays/page.html", context)


def _threshold_admin(request: HttpRequest) -> User:
    if not request.user.has_perm(CHANGE_THRESHOLD):
        raise PermissionDenied
    return agent_of(request)


def _deciding(request: HttpRequest, replay: Replay) -> dict[str, Any]:
    """Whether this person may put the threshold in force, and what speaks against it."""
    may = replay.threshold is not None and request.user.has_perm(CHANGE_THRESHOLD)
    if not may or not replay.is_over:
        return {"may_decide": False}
    present = Threshold.objects.in_force().first()
    return {
        "may_decide": True,
        "is_in_force": present is not None and present.replay_id == replay.pk,
        "refusals": replay_gate.unfit(replay),
    }

"""Training from the staff side: export, train, watch, stop; promote, roll back, shadow.

Whatever changes something asks first: a page says what will happen, or why it cannot.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk import replays
from helpdesk.admin.training_acts import ACTS, POSSIBLE, USED_FOR, act_for
from helpdesk.admin.training_form import StartForm
from helpdesk.models import User
from helpdesk.services import training
from helpdesk.shadowing import told as shadow_told
from knowledge.unfolding import ReadOnlyAdmin, display
from qa_engine import comparing, promotion
from qa_engine.promotion import NotPromotable
from qa_engine.training import running
from qa_engine.training.admin import TrainingRunAdmin as RunPages
from qa_engine.training.admin import TrainingSetAdmin as SetPages
from qa_engine.training.datasheet import advice
from qa_engine.training_models import ModelVersion, Trained, TrainingRun, TrainingSet, Work

CHANGE_RUNS = "qa_engine.add_trainingrun"
CHANGE_VERSIONS = "qa_engine.change_modelversion"


@admin.register(TrainingSet)
class TrainingSetAdmin(SetPages):
    pass


@admin.register(TrainingRun)
class TrainingRunAdmin(RunPages):
    list_before_template = "desk/training/start_link.html"
    # While it works, the page looks again every few seconds.
    change_form_outer_before_template = "desk/training/live.html"
    fields = ("stop_link", *RunPages.fields)
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("start/", view(self.start), name="qa_engine_trainingrun_start"),
            path("<int:pk>/stop/", view(self.stop), name="qa_engine_trainingrun_stop"),
            *super().get_urls(),
        ]

    @admin.display(description="")
    def stop_link(self, run: TrainingRun) -> SafeString | str:
        if not run.is_open:
            return "–"
        url = reverse("admin:qa_engine_trainingrun_stop", args=[run.pk])
        return format_html('<a class="desk-button is-danger" href="{}">{}</a>', url, _("Stop it"))

    def start(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(CHANGE_RUNS):
            raise PermissionDenied
        form = StartForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                run = training.ask_for_training(
                    kind=data["kind"],
                    by=User.objects.filter(pk=request.user.pk or 0).first(),
                    training_set=None if data["kind"] == Work.EXPORT else data["training_set"],
                    options={
                        "epochs": data["epochs"] or 2,
                        "minutes": data["minutes"] or 0,
                        "use_articles": data["use_articles"],
                    },
                )
            except running.CannotStart as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("admin:qa_engine_trainingrun_change", run.pk)
        newest = TrainingSet.objects.filter(state=TrainingSet.State.READY).first()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start a training"),
            "form": form,
            "advice": _("Nothing has been exported yet. Export the data first.")
            if newest is None
            else advice(newest.counts.get("with_positives", 0), newest.held_out),
        }
        return render(request, "desk/training/start.html", context)

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(CHANGE_RUNS):
            raise PermissionDenied
        run = get_object_or_404(TrainingRun, pk=pk)
        if request.method == "POST":
            running.cancel(run)
            messages.success(request, _("It stops within a few seconds. Nothing is kept."))
            return redirect("admin:qa_engine_trainingrun_change", pk)
        question = _("Stop training %(run)s? What it has learnt so far is lost.") % {"run": run}
        back = reverse("admin:qa_engine_trainingrun_change", args=[pk])
        return _confirm(self, request, question, _("Stop it"), back)


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_help = gettext_lazy(
        "What trainings made. A version is promoted only if it answers the held-out questions "
        "better by more than chance, breaks no pinned case, and loses no more answers on past "
        "tickets than it wins; a roll-back takes one click."
    )
    empty_help = gettext_lazy("Start a training under Trainings.")
    list_display = ["name", "state_label", "gain", "pinned_cases", "promoted_by", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["promoted_by"]
    fields = (
        "acts", "name", "state", "used_for", "may_answer", "gain", "pinned_cases", "past_tickets",
        "before_after",
        "shadow_drafts", "history", "run", "training_set", "erased_since", "data_digest", "base",
        "path", "fingerprint", "promoted_by", "promoted_at", "created_at",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act)
        return [
            path("<int:pk>/act/<slug:act>/", view, name="qa_engine_modelversion_act"),
            *super().get_urls(),
        ]

    def act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Ask, then do; or say why it cannot be done."""
        if not request.user.has_perm(CHANGE_VERSIONS):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=pk)
        if act not in ACTS:
            return redirect("admin:qa_engine_modelversion_change", pk)
        chosen = act_for(version, act)
        words = {"version": version, "days": replays.DAYS}
        if request.method == "POST":
            try:
                chosen.do(version, request.user)
            except (NotPromotable, running.CannotStart) as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, chosen.done % words)
            return redirect("admin:qa_engine_modelversion_change", pk)
        refusals = chosen.refusals(version)
        back = reverse("admin:qa_engine_modelversion_change", args=[pk])
        return _confirm(self, request, chosen.question % words, chosen.label, back, refusals)

    @admin.display(description=gettext_lazy("version"))
    def name(self, version: ModelVersion) -> str:
        return str(version)

    @display(
        description=gettext_lazy("state"),
        ordering="state",
        label={"active": "success", "shadow": "info", "candidate": "warning"},
    )
    def state_label(self, version: ModelVersion) -> tuple[str, str]:
        return version.state, version.get_state_display()

    @admin.display(description="")
    def acts(self, version: ModelVersion) -> SafeString:
        links = (
            (
                "is-primary" if name == "promote" else "",
                reverse("admin:qa_engine_modelversion_act", args=[version.pk, name]),
                ACTS[name].label,
            )
            for name in POSSIBLE[version.state]
        )
        return format_html_join(" ", '<a class="desk-button {}" href="{}">{}</a>', links)

    @admin.display(description=gettext_lazy("used for"))
    def used_for(self, version: ModelVersion) -> str:
        return str(USED_FOR[Trained(version.kind)])

    @admin.display(description=gettext_lazy("may it answer?"))
    def may_answer(self, version: ModelVersion) -> str:
        if version.is_active:
            is_reader = version.kind == Trained.READER
            return _("Evaluations read with it now.") if is_reader else _("It answers now.")
        reasons = promotion.refusals(version)
        return " ".join(reasons) if reasons else _("Yes: it can be promoted.")

    @admin.display(description=gettext_lazy("compared with what answered"))
    def gain(self, version: ModelVersion) -> str:
        return comparing.told(version)

    @admin.display(description=gettext_lazy("pinned cases"))
    def pinned_cases(self, version: ModelVersion) -> str:
        cases = version.pinned
        if not cases.get("cases"):
            return "–"
        return _("%(before)d of %(all)d right before, %(after)d now") % {
            "before": cases["passed_before"],
            "after": cases["passed_after"],
            "all": cases["cases"],
        }

    @admin.display(description=gettext_lazy("replayed on past tickets"))
    def past_tickets(self, version: ModelVersion) -> SafeString | str:
        replay = replays.newest(version=version)
        if replay is None:
            return "–"
        url = reverse("admin:helpdesk_replay_change", args=[replay.pk])
        return format_html('<a class="desk-link" href="{}">{}</a>', url, replays.told(replay))

    @admin.display(description=gettext_lazy("figures of its training"))
    def before_after(self, version: ModelVersion) -> SafeString:
        before, after = (version.figures.get(name, {}) for name in ("before", "after"))
        rows = ((name, value, after.get(name, "–")) for name, value in before.items())
        return format_html(
            "<table class='desk-table'><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
            "<tbody>{}</tbody></table>",
            _("figure"), _("before"), _("after"),
            format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>", rows),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("in the shadow"))
    def shadow_drafts(self, version: ModelVersion) -> str:
        return shadow_told(version)

    @admin.display(description=gettext_lazy("history"))
    def history(self, version: ModelVersion) -> SafeString:
        rows = (
            (f"{one.created_at:%Y-%m-%d %H:%M}", one.actor or "–", one.get_kind_display())
            for one in version.events.select_related("actor")
        )
        return format_html_join("", "<div>{} · {} {}</div>", rows)

    @admin.display(description=gettext_lazy("taken out of its data since"))
    def erased_since(self, version: ModelVersion) -> str:
        return str(version.training_set.removed) if version.training_set else "–"


def _confirm(
    pages: Any, request: HttpRequest, question: str, label: Any, back: str, refusals: Any = ()
) -> HttpResponse:
    context = {
        **pages.admin_site.each_context(request),
        "title": label,
        "question": question,
        "label": label,
        "refusals": refusals,
        "back": back,
    }
    return render(request, "desk/training/confirm.html", context)

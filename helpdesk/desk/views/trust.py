"""Confidence: what decisions say of it, what is promised, which calibration is in force."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from helpdesk.desk.access import agent_of
from helpdesk.desk.trust import trust_context
from helpdesk.desk.views.drawing import draw
from helpdesk.exceptions import HelpdeskError
from helpdesk.models import ErrorPromise, Queue, User
from helpdesk.services.promises import (
    drop_promise,
    set_promise,
    switch_sending_off,
    switch_sending_on,
)
from qa_engine import services as engine
from qa_engine.models import CalibrationVersion

PAGE = "admin:helpdesk_errorpromise_changelist"


class PromiseForm(forms.Form):
    """In per cent, as people say it."""

    most_wrong = forms.FloatField(min_value=0.5, max_value=50, label=gettext_lazy("wrong"))
    surety = forms.FloatField(min_value=50, max_value=99.9, label=gettext_lazy("confidence"))
    checked_share = forms.FloatField(
        min_value=5, max_value=100, initial=10, label=gettext_lazy("kept for a check")
    )


def trust(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("helpdesk.view_errorpromise"):
        raise PermissionDenied
    context = trust_context(
        queue=request.GET.get("queue", "")[:100], language=request.GET.get("language", "")[:15]
    )
    may_change = request.user.has_perm("helpdesk.change_errorpromise")
    return draw(
        request, "desk/trust.html", {"title": _("Confidence"), "may_change": may_change, **context}
    )


@require_POST
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a queue's promised error rate, or drop it."""
    admin, queue = _admin_of(request), get_object_or_404(Queue, pk=pk)
    if "drop" in request.POST:
        drop_promise(queue=queue, by=admin)
        messages.success(request, _("%s promises nothing any more.") % queue)
        return redirect(PAGE)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        said = "; ".join(f"{name}: {errors[0]}" for name, errors in form.errors.items())
        messages.error(request, said)
        return redirect(PAGE)
    given = {name: value / 100 for name, value in form.cleaned_data.items()}
    made = set_promise(queue=queue, by=admin, **given)
    if made.threshold is None:
        messages.warning(request, _("Kept, but it is not proven yet."))
    else:
        messages.success(request, _("%s keeps this promise from now on.") % queue)
    return redirect(PAGE)


@require_POST
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch on, or off, that sure drafts of a queue go out by themselves."""
    admin = _admin_of(request)
    row = get_object_or_404(ErrorPromise.objects.select_related("queue"), queue=pk)
    try:
        if request.POST.get("sends") == "on":
            switch_sending_on(promise=row, by=admin)
            said = _("Sure drafts of %s are sent by themselves from now on.")
        else:
            switch_sending_off(promise=row, by=admin)
            said = _("Every draft of %s waits for a person again.")
    except HelpdeskError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said % row.queue)
    return redirect(PAGE)


@require_POST
def calibration(request: HttpRequest) -> HttpResponse:
    """Roll back to a version, or to what comes with the engine."""
    admin = _admin_of(request)
    wanted = request.POST.get("version", "")
    if wanted.isascii() and wanted.isdigit():
        engine.put_in_force(version=get_object_or_404(CalibrationVersion, pk=wanted), by=admin)
        messages.success(request, _("This calibration is in force from the next draft on."))
    else:
        engine.put_out_of_force()
        messages.success(request, _("The engine’s own calibration is in force again."))
    return redirect(PAGE)


def _admin_of(request: HttpRequest) -> User:
    if not request.user.has_perm("helpdesk.change_errorpromise"):
        raise PermissionDenied
    return agent_of(request)

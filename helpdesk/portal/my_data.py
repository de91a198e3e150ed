"""What the shop does with a customer's words, and the customer's say in it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helpdesk.models import User
from helpdesk.services.learning import set_training_allowed
from helpdesk.services.preferences import set_editorial_mail


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST" and "editorial_mail" in request.POST and user.is_staff:
        is_wanted = request.POST["editorial_mail"] == "yes"
        set_editorial_mail(user=user, is_wanted=is_wanted)
        messages.success(
            request,
            _("You get mail about articles.") if is_wanted else _("No more mail about articles."),
        )
        return redirect("my-data")
    if request.method == "POST":
        is_allowed = request.POST.get("training") == "yes"
        set_training_allowed(user=user, is_allowed=is_allowed)
        messages.success(
            request,
            _("Thank you. Your messages may help to improve our answers.")
            if is_allowed
            else _("Noted. Your messages are not used to train our models, old ones included."),
        )
        return redirect("my-data")
    context = {"is_allowed": user.objected_to_training_at is None}
    return render(request, "portal/my_data.html", context)

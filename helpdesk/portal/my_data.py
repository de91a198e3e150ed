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


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
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

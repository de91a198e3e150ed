"""The staff side: Django's admin in unfold's clothes, with a desk of its own for tickets.

Nobody logs in here but through allauth: its rate limits and second factors hold for
staff too.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import Group

from helpdesk.admin import (
    engine,
    gaps,
    macros,
    people,
    replays,
    sorting,
    suggestions,
    tickets,
    training,
    trust,
)

__all__ = [
    "engine",
    "gaps",
    "macros",
    "people",
    "replays",
    "sorting",
    "suggestions",
    "tickets",
    "training",
    "trust",
]

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Groups follow from roles; `helpdesk.roles` keeps them.
admin.site.unregister(Group)

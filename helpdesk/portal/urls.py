"""Addresses for requesters."""

from __future__ import annotations

from django.urls import path

from helpdesk.portal import asking, files, following, my_data, opening

urlpatterns = [
    path("", asking.home, name="portal-home"),
    path("after-login/", following.after_login, name="after-login"),
    path("my-data/", my_data.my_data, name="my-data"),
    path("tickets/", following.my_tickets, name="ticket-list"),
    path("tickets/new/", opening.new_ticket, name="ticket-new"),
    path("tickets/sent/", opening.ticket_sent, name="ticket-sent"),
    path("tickets/suggestions/", asking.suggestions, name="ticket-suggestions"),
    path("tickets/solved/", asking.solved_by_article, name="ticket-solved-by-article"),
    path("t/<str:token>/", following.private_ticket, name="ticket-private"),
    path("t/<str:token>/reply/", following.reply, name="ticket-private-reply"),
    path("t/<str:token>/close/", following.close, name="ticket-private-close"),
    path("t/<str:token>/reopen/", following.reopen, name="ticket-private-reopen"),
    path("t/<str:token>/rate/", following.rate, name="ticket-private-rate"),
    path(
        "t/<str:token>/files/<str:file_token>/",
        files.private_attachment,
        name="ticket-private-file",
    ),
    path("files/<str:token>/", files.attachment, name="attachment"),
]

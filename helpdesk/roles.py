"""What each role may do, as Django groups and permissions.

A role is a group: "Agents" answer, "Admins" also keep the knowledge base, people and
queues. An agent may be in a group of the knowledge base beside it: contributors write and
ask for a review, reviewers approve or send back, publishers decide what readers see. An
installation may give its groups more; what is listed here is added, never
taken away.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from helpdesk.models import User

GROUP_OF_ROLE = {User.Role.AGENT: "Agents", User.Role.ADMIN: "Admins"}
GROUP_OF_EDITORIAL_ROLE = {
    User.EditorialRole.CONTRIBUTOR: "Contributors",
    User.EditorialRole.REVIEWER: "Reviewers",
    User.EditorialRole.PUBLISHER: "Publishers",
}

AGENT_PERMISSIONS = {
    "helpdesk": [
        "view_ticket", "change_ticket", "view_draft", "view_tag", "add_tag", "view_queue",
        "view_taughtfact", "view_replay", "view_replayedticket", "view_gap", "view_macro",
    ],
    "knowledge": [
        "view_article", "view_category", "view_revision", "view_articlefeedback",
        "view_searchlog", "view_suggestion", "view_suggestionevidence", "view_link",
        "view_articleimage",
    ],
}  # fmt: skip
CONTRIBUTOR_PERMISSIONS = {"knowledge": ["add_article", "change_article", "add_articleimage"]}
REVIEWER_PERMISSIONS = {"knowledge": ["review_article"]}
PUBLISHER_PERMISSIONS = {"knowledge": ["publish_article", "delete_articleimage"]}
ADMIN_ONLY = {
    "helpdesk": [
        "view_user", "add_user", "change_user", "view_organization", "add_organization",
        "change_organization", "delete_organization", "add_queue", "change_queue",
        "add_macro", "change_macro", "delete_macro",
        "change_tag", "delete_tag", "view_job", "change_job", "view_heartbeat", "view_gapnight",
        "add_replay",
        "view_errorpromise", "change_errorpromise", "view_draftdecision",
    ],
    "knowledge": [
        "add_sourcedocument", "change_sourcedocument", "view_sourcedocument",
        "add_category", "change_category", "delete_category",
        "view_readergroup", "add_readergroup", "change_readergroup", "delete_readergroup",
        "view_readergroupmember", "add_readergroupmember", "delete_readergroupmember",
    ],
    "qa_engine": [
        "view_passage", "view_embeddingindex", "view_evaluationrun", "view_calibrationversion",
        "view_threshold", "change_threshold",
        "view_trainingset", "view_trainingrun", "add_trainingrun", "view_modelversion",
        "change_modelversion", "view_pinnedcase", "add_pinnedcase", "change_pinnedcase",
        "delete_pinnedcase",
    ],
}  # fmt: skip


def sync_groups(using: str = "default") -> None:
    """Give each role's group its permissions. Safe to run again."""
    _grant("Agents", AGENT_PERMISSIONS, using)
    _grant("Admins", AGENT_PERMISSIONS, using)
    _grant("Admins", ADMIN_ONLY, using)
    editorial = (CONTRIBUTOR_PERMISSIONS, REVIEWER_PERMISSIONS, PUBLISHER_PERMISSIONS)
    for number, name in enumerate(GROUP_OF_EDITORIAL_ROLE.values(), start=1):
        for wanted in editorial[:number]:
            _grant(name, wanted, using)
    for wanted in editorial:
        _grant("Admins", wanted, using)


@transaction.atomic
def set_role(*, user: User, role: str, editorial_role: str | None = None) -> User:
    """Make `user` a requester, agent or admin, with the groups that go with it.

    `editorial_role` is an agent's in the knowledge base; None leaves it as it is, and who is
    no agent has none.
    """
    user.role = role
    if editorial_role is not None:
        user.editorial_role = editorial_role
    if role != User.Role.AGENT:
        user.editorial_role = ""
    user.is_staff = role != User.Role.REQUESTER
    if role != User.Role.ADMIN:
        user.is_superuser = False
    user.save(update_fields=["role", "editorial_role", "is_staff", "is_superuser"])
    known = [*GROUP_OF_ROLE.values(), *GROUP_OF_EDITORIAL_ROLE.values()]
    user.groups.remove(*Group.objects.filter(name__in=known))
    names = [GROUP_OF_ROLE.get(User.Role(role))]
    if user.editorial_role:
        names.append(GROUP_OF_EDITORIAL_ROLE[User.EditorialRole(user.editorial_role)])
    for name in filter(None, names):
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def _grant(name: str, wanted: dict[str, list[str]], using: str) -> None:
    group, _ = Group.objects.using(using).get_or_create(name=name)
    for app, codenames in wanted.items():
        permissions = Permission.objects.using(using).filter(
            content_type__app_label=app, codename__in=codenames
        )
        group.permissions.add(*permissions)

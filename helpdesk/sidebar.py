"""The staff side's navigation. Imported by the settings, so it names URLs lazily."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, url: str, permission: str = "") -> dict[str, Any]:
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(url)}
    if url == "admin:knowledge_article_changelist":
        item["active"] = _is_at_articles
    if permission:
        item["permission"] = lambda request: request.user.has_perm(permission)
    return item


def _is_at_articles(request: HttpRequest) -> bool:
    """Below them lies their health, which has an entry of its own."""
    match = request.resolver_match
    name = match.url_name if match and match.url_name else ""
    return name.startswith("knowledge_article_") and name != "knowledge_article_health"


NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [
            _item(_("Start"), "home", "admin:index"),
            _item(_("Inbox"), "inbox", "admin:helpdesk_ticket_changelist"),
        ],
    },
    {
        "title": _("Knowledge base"),
        "separator": True,
        "items": [
            _item(_("Articles"), "article", "admin:knowledge_article_changelist"),
            _item(_("Health"), "monitor_heart", "admin:knowledge_article_health"),
            _item(_("Suggestions"), "lightbulb", "admin:knowledge_suggestion_changelist"),
            _item(
                _("Categories"),
                "folder",
                "admin:knowledge_category_changelist",
                "knowledge.change_category",
            ),
            _item(
                _("Groups of readers"),
                "groups",
                "admin:knowledge_readergroup_changelist",
                "knowledge.view_readergroup",
            ),
            _item(
                _("Sources"),
                "sync_alt",
                "admin:knowledge_sourcedocument_changelist",
                "knowledge.view_sourcedocument",
            ),
            _item(_("Links"), "link", "admin:knowledge_link_changelist"),
            _item(_("Pictures"), "image", "admin:knowledge_articleimage_changelist"),
            _item(_("Feedback"), "thumbs_up_down", "admin:knowledge_articlefeedback_changelist"),
            _item(_("Searches"), "search", "admin:knowledge_searchlog_changelist"),
        ],
    },
    {
        "title": _("Shop"),
        "separator": True,
        "items": [
            _item(_("People"), "group", "admin:helpdesk_user_changelist", "helpdesk.change_user"),
            _item(
                _("Organizations"),
                "domain",
                "admin:helpdesk_organization_changelist",
                "helpdesk.change_organization",
            ),
            _item(
                _("Queues"),
                "low_priority",
                "admin:helpdesk_queue_changelist",
                "helpdesk.change_queue",
            ),
            _item(_("Tags"), "sell", "admin:helpdesk_tag_changelist"),
            _item(_("Macros"), "quick_phrases", "admin:helpdesk_macro_changelist"),
        ],
    },
    {
        "title": _("Engine"),
        "separator": True,
        "items": [
            _item(_("Drafts"), "draft", "admin:helpdesk_draft_changelist"),
            _item(_("Gaps"), "help_center", "admin:helpdesk_gap_changelist"),
            _item(_("Taught by agents"), "school", "admin:helpdesk_taughtfact_changelist"),
            _item(_("Replays"), "replay", "admin:helpdesk_replay_changelist"),
            _item(
                _("Confidence"),
                "verified",
                "admin:helpdesk_errorpromise_changelist",
                "helpdesk.view_errorpromise",
            ),
            _item(_("Jobs"), "work_history", "admin:helpdesk_job_changelist", "helpdesk.view_job"),
            _item(
                _("Workers"), "memory", "admin:helpdesk_heartbeat_changelist", "helpdesk.view_job"
            ),
            _item(
                _("Nights"),
                "bedtime",
                "admin:helpdesk_gapnight_changelist",
                "helpdesk.view_gapnight",
            ),
            _item(
                _("Evaluations"),
                "monitoring",
                "admin:qa_engine_evaluationrun_changelist",
                "qa_engine.view_evaluationrun",
            ),
            _item(
                _("Trainings"),
                "model_training",
                "admin:qa_engine_trainingrun_changelist",
                "qa_engine.view_trainingrun",
            ),
            _item(
                _("Training sets"),
                "dataset",
                "admin:qa_engine_trainingset_changelist",
                "qa_engine.view_trainingset",
            ),
            _item(
                _("Model versions"),
                "deployed_code_history",
                "admin:qa_engine_modelversion_changelist",
                "qa_engine.view_modelversion",
            ),
            _item(
                _("Pinned cases"),
                "keep",
                "admin:qa_engine_pinnedcase_changelist",
                "qa_engine.view_pinnedcase",
            ),
        ],
    },
]

"""What each person meets at each address; see tests/test_access.py for the words."""

from __future__ import annotations

ALL = "ok ok ok ok ok"
EVERYBODY_AWAY = "away away away away away"
#: Asks strangers to log in.
PERSONS = "login ok ok ok ok"
LOGGED_IN_LEAVE = "ok away away away away"
POST_ONLY = "405 405 405 405 405"
NEVER = "404 404 404 404 404"
#: In the admin only staff get further than its log-in page.
STAFF = "login login login ok ok"
STAFF_AWAY = "login login login away away"
STAFF_POST_ONLY = "login login login 405 405"
API_PERSONS = "401 ok ok ok ok"
API_AGENTS = "401 403 403 ok ok"
API_OF_THE_TICKET = "401 ok 404 ok ok"
API_POST_ONLY = "401 405 405 405 405"
API_AGENTS_POST_ONLY = "401 403 403 405 405"


def model_pages(model: str, *, agent: str, admin: str) -> dict[str, str]:
    """The admin's pages of a model, from what each role may do: view, add, change, delete.

    Letters of "vacd"; a page that is not allowed is a 403.
    """
    app, name = model.split(".")

    def staff(needed: str) -> str:
        met = ["ok" if set(needed) & set(letters) else "403" for letters in (agent, admin)]
        return f"login login login {' '.join(met)}"

    return {
        f"admin:{app}_{name}_changelist": staff("vc"),
        f"admin:{app}_{name}_add": staff("a"),
        f"admin:{app}_{name}_change": staff("vc"),
        f"admin:{app}_{name}_history": staff("vc"),
        f"admin:{app}_{name}_delete": staff("d"),
        f"admin/{app}/{name}/<path:object_id>/": STAFF_AWAY,
    }


PORTAL = {
    "portal-home": ALL,
    "after-login": "login away away away away",
    "my-data": PERSONS,
    "ticket-list": PERSONS,
    "ticket-new": ALL,
    "ticket-sent": EVERYBODY_AWAY,  # nothing has been sent,
    "ticket-suggestions": ALL,
    "ticket-solved-by-article": POST_ONLY,
    # Whoever has the private link may read the ticket.
    "ticket-private": ALL,
    "ticket-private-reply": POST_ONLY,
    "ticket-private-close": POST_ONLY,
    "ticket-private-reopen": POST_ONLY,
    "ticket-private-rate": POST_ONLY,
    "ticket-private-file": ALL,
    "attachment": "404 ok 404 ok ok",
    "healthz": ALL,
    "readyz": "503 503 503 503 503",  # no worker runs in the tests
}

KNOWLEDGE = {
    "kb-home": ALL,
    "kb-search": ALL,
    "kb-category": ALL,
    "kb-article": ALL,
    "kb-feedback": POST_ONLY,
    "kb-image": ALL,
    "sitemap": ALL,
    "robots": ALL,
}

ACCOUNTS = {
    "account_login": LOGGED_IN_LEAVE,
    "account_logout": "away ok ok ok ok",
    "account_inactive": ALL,
    "account_signup": LOGGED_IN_LEAVE,
    # The people of the tests have no password yet.
    "account_reauthenticate": "login 403 403 403 403",
    "account_email": PERSONS,
    "account_email_verification_sent": ALL,
    "account_change_password": "login away away away away",
    "account_set_password": PERSONS,
    "account_reset_password": ALL,
    "account_reset_password_done": ALL,
    "account_reset_password_from_key": ALL,
    "account_reset_password_from_key_done": ALL,
    "account_confirm_email": ALL,
    "account_request_login_code": LOGGED_IN_LEAVE,
    "account_confirm_login_code": "login away away away away",
    "mfa_index": PERSONS,
    "mfa_authenticate": "login away away away away",
    "mfa_reauthenticate": "login 403 403 403 403",
    # An address that is not confirmed comes first.
    "mfa_activate_totp": "login ok away ok ok",
    "mfa_deactivate_totp": "login 404 404 404 404",
    "mfa_view_recovery_codes": "login 404 404 404 404",
    "mfa_generate_recovery_codes": PERSONS,
    "mfa_download_recovery_codes": "login 404 404 404 404",
}

API = {
    "api:ticket-list": API_PERSONS,
    "api:ticket-detail": API_OF_THE_TICKET,
    "api:ticket-messages": API_OF_THE_TICKET,
    "api:ticket-replies": API_POST_ONLY,
    "api:ticket-notes": API_AGENTS_POST_ONLY,
    "api:ticket-draft-again": API_AGENTS_POST_ONLY,
    "api:draft-list": API_AGENTS,
    "api:draft-detail": API_AGENTS,
    "api:draft-approve": API_AGENTS_POST_ONLY,
    "api:draft-reject": API_AGENTS_POST_ONLY,
    "api:article-list": ALL,
    "api:article-detail": ALL,
    "api:source-list": "401 403 403 403 ok",
    "api:answer": API_POST_ONLY,
    "api:attachment": API_OF_THE_TICKET,
    "api:me": API_PERSONS,
    "api:schema": ALL,
    "api:docs": ALL,
    "api:not-found": NEVER,
}

ADMIN = {
    "admin:index": STAFF,
    "admin:search": STAFF,
    "admin:app_list": STAFF,
    "admin:autocomplete": "login login login 403 403",
    "admin:jsi18n": STAFF,
    "admin:login": "login 403 403 away away",
    "admin:logout": "away away away 405 405",
    "admin:password_change": STAFF,
    "admin:password_change_done": STAFF,
    "admin:view_on_site": "login login login 404 404",
    "admin/(?P<url>.*)$": "login login login 404 404",
    "admin:auth_user_password_change": "login login login 403 ok",
    "admin:helpdesk_ticket_bulk": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_review": STAFF,
    "admin:helpdesk_ticket_composer": STAFF_AWAY,  # only a part of the page's
    "admin:helpdesk_ticket_drafting": STAFF_AWAY,
    "admin:helpdesk_ticket_next": STAFF_AWAY,
    "admin:helpdesk_ticket_article": STAFF,
    "admin:helpdesk_ticket_file": STAFF,
    "admin:helpdesk_ticket_approve": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_reject": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_again": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_reply": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_undo": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_macro": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_quote": STAFF_POST_ONLY,
    "admin:helpdesk_macro_decide": "login login login 403 405",
    "admin:helpdesk_ticket_note": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_set": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_presence": STAFF_POST_ONLY,
    "admin:helpdesk_ticket_diff": STAFF_POST_ONLY,
    "admin:helpdesk_errorpromise_set": STAFF_POST_ONLY,
    "admin:helpdesk_errorpromise_sending": STAFF_POST_ONLY,
    "admin:helpdesk_errorpromise_calibration": STAFF_POST_ONLY,
    "admin:knowledge_article_preview": STAFF_POST_ONLY,
    "admin:knowledge_article_health": STAFF,
    "admin:knowledge_sourcedocument_again": "login login login 403 405",
    "admin:knowledge_sourcedocument_settle": "login login login 403 405",
    "admin:knowledge_article_rollback": "login login login 403 405",
    "admin:knowledge_article_step": "login login login 403 405",
    "admin:knowledge_suggestion_accept": STAFF_POST_ONLY,
    "admin:knowledge_suggestion_dismiss": STAFF_POST_ONLY,
    "admin:knowledge_suggestion_turn": STAFF_POST_ONLY,
    "admin:knowledge_suggestion_undo": STAFF_POST_ONLY,
    "admin:helpdesk_replay_again": STAFF_POST_ONLY,
    "admin:helpdesk_replay_put_in_force": "login login login 403 405",
    "admin:helpdesk_replay_roll_back": "login login login 403 405",
    "admin:qa_engine_trainingrun_start": "login login login 403 ok",
    "admin:qa_engine_trainingrun_stop": "login login login 403 ok",
    "admin:qa_engine_modelversion_act": "login login login 403 ok",
}

MODELS = (
    model_pages("helpdesk.ticket", agent="vc", admin="vc")
    | model_pages("helpdesk.draft", agent="v", admin="v")
    | model_pages("helpdesk.tag", agent="va", admin="vacd")
    | model_pages("helpdesk.queue", agent="v", admin="vac")
    | model_pages("helpdesk.macro", agent="v", admin="vacd")
    | model_pages("helpdesk.user", agent="", admin="vac")
    | model_pages("helpdesk.organization", agent="", admin="vacd")
    | model_pages("helpdesk.job", agent="", admin="v")
    | model_pages("helpdesk.errorpromise", agent="", admin="v")
    | model_pages("helpdesk.draftdecision", agent="", admin="v")
    | model_pages("helpdesk.heartbeat", agent="", admin="v")
    | model_pages("helpdesk.gapnight", agent="", admin="v")
    | model_pages("knowledge.article", agent="v", admin="vac")
    | model_pages("knowledge.suggestion", agent="v", admin="v")
    | model_pages("helpdesk.taughtfact", agent="v", admin="v")
    | model_pages("helpdesk.replay", agent="v", admin="va")
    | model_pages("helpdesk.gap", agent="v", admin="v")
    | model_pages("knowledge.category", agent="v", admin="vacd")
    | model_pages("knowledge.sourcedocument", agent="", admin="vac")
    | model_pages("knowledge.articlefeedback", agent="v", admin="v")
    | model_pages("knowledge.link", agent="v", admin="v")
    | model_pages("knowledge.articleimage", agent="v", admin="vad")
    | model_pages("knowledge.searchlog", agent="v", admin="v")
    | model_pages("knowledge.readergroup", agent="", admin="vacd")
    | model_pages("qa_engine.passage", agent="", admin="v")
    | model_pages("qa_engine.calibrationversion", agent="", admin="v")
    | model_pages("qa_engine.threshold", agent="", admin="v")
    | model_pages("qa_engine.embeddingindex", agent="", admin="v")
    | model_pages("qa_engine.evaluationrun", agent="", admin="v")
    | model_pages("qa_engine.trainingset", agent="", admin="v")
    | model_pages("qa_engine.trainingrun", agent="", admin="v")
    | model_pages("qa_engine.modelversion", agent="", admin="v")
    | model_pages("qa_engine.pinnedcase", agent="", admin="vacd")
    # Kept by the libraries' own admin; only a superuser gets there.
    | model_pages("account.emailaddress", agent="", admin="")
    | model_pages("mfa.authenticator", agent="", admin="")
    | model_pages("authtoken.tokenproxy", agent="", admin="")
)

GROUPS = (PORTAL, KNOWLEDGE, ACCOUNTS, API, ADMIN, MODELS)
RULES: dict[str, str] = {key: rule for group in GROUPS for key, rule in group.items()}
assert len(RULES) == sum(len(group) for group in GROUPS), "A route has two rules."

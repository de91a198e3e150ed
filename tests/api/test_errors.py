"""Every error has the same shape, whoever finds it."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from helpdesk.models import Ticket

TICKETS = "/api/v1/tickets/"


def check(response, status: int, code: str) -> None:
    assert response.status_code == status, response.content
    content = response.json()
    assert content["code"] == code
    assert content["message"]
    assert content.keys() <= {"code", "message", "fields"}


def test_a_stranger_is_asked_to_authenticate(db):
    response = APIClient().get(TICKETS)
    check(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Token"


def test_a_wrong_token_is_refused(db):
    client = APIClient(HTTP_AUTHORIZATION="Token 0123")
    check(client.get(TICKETS), 401, "authentication_failed")


def test_a_page_of_another_site_cannot_write_with_the_visitors_session(rex):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(rex, backend="allauth.account.auth_backends.AuthenticationBackend")
    check(client.post(TICKETS, {"body": "Hello"}), 403, "permission_denied")
    assert client.get(TICKETS).status_code == 200


def test_an_agents_endpoint_is_forbidden_to_requesters(client_of, rex):
    check(client_of(rex).get("/api/v1/drafts/"), 403, "not_an_agent")


@pytest.mark.parametrize("path", ["", "nowhere/", "tickets", "tickets/abc/", "drafts/1x/"])
def test_an_address_that_leads_nowhere_is_not_found(client_of, rex, path):
    check(client_of(rex).get(f"/api/v1/{path}"), 404, "not_found")
    check(client_of(rex).post(f"/api/v1/{path}"), 404, "not_found")


def test_a_method_that_does_not_exist_is_refused(client_of, rex, ticket):
    check(client_of(rex).delete(f"{TICKETS}{ticket.number}/"), 405, "method_not_allowed")


def test_only_json_is_understood(client_of, rex):
    response = client_of(rex).post("/api/v1/answer/", "<a/>", content_type="text/xml")
    check(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("content", ["{", "", "[]", '"text"', "nul", "\xff"])
def test_content_that_is_not_an_object_is_refused(client_of, rex, content):
    response = client_of(rex).generic("POST", TICKETS, content, "application/json")
    assert response.status_code == 400
    assert response.json()["code"] in {"parse_error", "invalid"}


def test_a_missing_field_is_named(client_of, rex):
    response = client_of(rex).post(TICKETS, {"subject": "Hello", "order_reference": "9" * 60})
    check(response, 400, "invalid")
    assert response.data["fields"].keys() == {"body", "order_reference"}


def test_a_rule_of_the_helpdesk_that_refuses_says_which(client_of, rex):
    response = client_of(rex).post(TICKETS, {"body": "\x07"})
    check(response, 400, "empty_message")
    assert not Ticket.objects.exists()


def test_a_request_that_is_too_large_is_refused(client_of, rex, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    check(client_of(rex).post(TICKETS, {"body": "x" * 1001}), 413, "too_large")
    form = client_of(rex).post(TICKETS, {"body": "x" * 1001}, format="multipart")
    check(form, 413, "too_large")


def test_who_writes_too_often_is_told_when_to_come_back(client_of, rex, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"write": "2/min", "answer": "1/h"})
    client = client_of(rex)
    for _ in range(2):
        assert client.post(TICKETS, {"body": "Hello"}).status_code == 201
    response = client.post(TICKETS, {"body": "Hello"})
    check(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60
    assert client.get(TICKETS).status_code == 200

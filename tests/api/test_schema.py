"""The API describes itself, completely and without errors."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "schema"),
        stderr=StringIO(),
    )  # fmt: skip


@pytest.mark.parametrize("path", ["schema/?format=json", "docs/"])
def test_anybody_may_read_the_description(db, path):
    response = APIClient().get(f"/api/v1/{path}")
    assert response.status_code == 200
    if path.startswith("schema"):
        paths = json.loads(response.content)["paths"]
        assert "/api/v1/tickets/{number}/replies/" in paths
        assert {"400", "401", "404", "409"} <= paths["/api/v1/tickets/{number}/replies/"]["post"][
            "responses"
        ].keys()


def test_the_docs_load_nothing_from_elsewhere(db):
    page = APIClient().get("/api/v1/docs/").content.decode()
    assert "https://" not in page
    assert "/static/drf_spectacular_sidecar/" in page


def test_a_token_says_who_is_calling(rex):
    client = APIClient(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=rex).key}")
    assert client.get("/api/v1/me/").data == {
        "id": rex.pk, "email": rex.email, "name": rex.name, "role": "requester", "language": "",
        "organization": None,
    }  # fmt: skip


def test_a_person_who_is_no_longer_active_is_nobody(rex):
    token = Token.objects.create(user=rex)
    rex.is_active = False
    rex.save()
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token.key}")
    assert client.get("/api/v1/me/").status_code == 401

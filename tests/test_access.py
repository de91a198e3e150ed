"""Who may open which address: every route of the URLconf × five people, with GET.

Each route has exactly one line in `tests/access_rules.py`; a route without one fails, and
says what to add. A line holds what each person meets, in this order:

    anonymous   the requester   another requester   an agent   an admin

    ok      the page                     401, 403, 404, 405, 409   refused with that status
    login   sent to log in first         away                      sent somewhere else

An address is built from the rows in `world`, by the name of each part of the route.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django.utils.http import int_to_base36

from helpdesk.decisions import record_rejected
from helpdesk.drafting import store_result
from helpdesk.models import (
    Attachment,
    ErrorPromise,
    Gap,
    GapNight,
    Heartbeat,
    Job,
    Macro,
    Organization,
    Tag,
    TaughtFact,
)
from qa_engine.models import (
    CalibrationVersion,
    EvaluationRun,
    ModelVersion,
    PinnedCase,
    Threshold,
    TrainingRun,
    TrainingSet,
)
from tests.access_rules import RULES
from tests.api.conftest import cited_result
from tests.factories import UserFactory
from tests.knowledge.factories import make_proposal

PEOPLE = ("anonymous", "rex", "olga", "ada", "mia")


@dataclass(frozen=True)
class Route:
    """`key` is the name with its namespaces; of a nameless route its pattern."""

    key: str
    pattern: str
    parts: tuple[str, ...]


def walk(patterns: Any, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Route]:
    for entry in patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            key = ":".join([*spaces, entry.name]) if entry.name else pattern
            yield Route(key, pattern, tuple(entry.pattern.regex.groupindex))
        else:
            more = (entry.namespace,) if entry.namespace else ()
            yield from walk(entry.url_patterns, pattern, spaces + more)


ROUTES = list(walk(get_resolver().url_patterns))


@pytest.fixture
def world(rex, olga, ada, message, revision, settings):
    """At least one row of all that an address can name, on rex's ticket where it has one."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.tokens import default_token_generator
    from rest_framework.authtoken.models import Token

    from knowledge.models import ArticleImage, Link, ReaderGroup
    from knowledge.services.reading import log_search, record_feedback
    from knowledge.services.sources import add_version
    from knowledge.services.suggestions import propose
    from knowledge.sourcing.reading import SourceText
    from qa_engine.services import sync_article

    draft = store_result(message=message, attempt=1, result=cited_result(revision))
    attachment = Attachment(message=message, name="zip.txt", content_type="text/plain", size=2)
    attachment.file.save("zip.txt", ContentFile(b"hi"))
    sync_article(revision.article_id)
    record_feedback(revision=revision, visitor="v", is_helpful=True)
    log_search(query="jacket", result_count=1)
    suggestion = propose(make_proposal(revision)).suggestion
    Gap.objects.create(name="Can I rent a tent?", centroid=[1.0, 0.0], embedder="hashing")
    TaughtFact.objects.create(
        ticket=message.ticket, message=message, change="added", said="60 days.", start=0, end=3,
        article=revision.article, revision=revision, fact_key="60 day",
    )  # fmt: skip
    Link.objects.create(url="/nowhere/", kind="internal")
    ReaderGroup.objects.create(name="Trail Club")
    image = ArticleImage(sha256="0" * 64, content_type="image/png", size=2, alt="A zip")
    image.created_at = timezone.now() - timedelta(days=2)
    image.file.save("zip.png", ContentFile(b"hi"))
    source = add_version(name="Returns", source=SourceText("policy", "30 days")).version
    Organization.objects.create(name="Alpine club")
    Tag.objects.create(name="zip")
    macro = Macro.objects.create(name="Greeting", body="Hello {first_name},")
    Job.objects.create(kind="mail", key="1")
    Heartbeat.objects.create(name="w", task_queues="default")
    GapNight.objects.create(key="2026-03-01")
    EvaluationRun.objects.create(
        suite="drafts", started_at=timezone.now(), seconds=1, host_cores=2, data_digest="0" * 64
    )
    ErrorPromise.objects.create(queue=message.ticket.queue)
    record_rejected(draft=draft, ticket=message.ticket)
    CalibrationVersion.objects.create(state="refused", decisions=200)
    run = TrainingRun.objects.create(kind="retriever")
    TrainingSet.objects.create(digest="0" * 64, folder="0", examples=1, held_out=0)
    version = ModelVersion.objects.create(
        kind="retriever", number=1, run=run, data_digest="0" * 64, path="hashing", fingerprint="x"
    )
    PinnedCase.objects.create(question="May I return it?", answer="30 days")
    Threshold.objects.create(value=0.4, replay_id=1, put_by=UserFactory())
    address = EmailAddress.objects.create(user=olga, email=olga.email, verified=False)
    Authenticator.objects.create(user=UserFactory(), type="recovery_codes", data={"seed": "x"})
    Token.objects.create(user=olga)
    ticket = message.ticket
    return {
        "number": ticket.number,
        "token": ticket.token,
        "file_token": attachment.token,
        "attachment": attachment.pk,
        "revision": revision.pk,
        "slug": revision.article.slug,
        "uidb36": int_to_base36(olga.pk),
        "key": EmailConfirmationHMAC(address).key,
        "app_label": "helpdesk",
        "id": olga.pk,
        "pk": ticket.pk,
        # The same part names another row on some routes.
        "kb-category.slug": revision.article.category.slug,
        "kb-image.name": image.name,
        "attachment.token": attachment.token,
        "api:attachment.token": attachment.token,
        "api:draft.pk": draft.pk,
        "admin:knowledge.pk": revision.article_id,
        "admin:knowledge_suggestion.pk": suggestion.pk,
        "admin:knowledge_sourcedocument.pk": source.document_id,
        "admin:qa_engine_trainingrun.pk": run.pk,
        "admin:qa_engine_modelversion.pk": version.pk,
        "admin:helpdesk_macro.pk": macro.pk,
        "edit": 1,
        "act": "promote",
        "step": "submit",
        "account_reset_password_from_key.key": default_token_generator.make_token(olga),
        "admin:helpdesk_errorpromise.pk": ticket.queue_id,
        "admin:view_on_site.content_type_id": 1,
        "admin:view_on_site.object_id": 1,
        "admin/(?P<url>.*)$.url": "nowhere",
    }


def value_of(route: Route, part: str, world: dict[str, Any]) -> Any:
    """The most particular of `route.part`, `beginning of the route.part`, `part`."""
    owners = [name for name in world if name.endswith(f".{part}")]
    for name in sorted(owners, key=len, reverse=True):
        if route.key.startswith(name.removesuffix(f".{part}")):
            return world[name]
    if part == "object_id":
        for model in admin.site._registry:
            if f"/{model._meta.app_label}/{model._meta.model_name}/" in f"/{route.pattern}":
                row = model._default_manager.order_by("-pk").first()
                assert row is not None, f"`world` in tests/test_access.py has no {model.__name__}"
                return row.pk
    assert part in world, (
        f"No value for <{part}> of {route.key}: add {part!r} or '{route.key}.{part}' "
        "to `world` in tests/test_access.py"
    )
    return world[part]


def address(route: Route, world: dict[str, Any]) -> str:
    values = {part: value_of(route, part, world) for part in route.parts}
    if route.key != route.pattern:
        return reverse(route.key, kwargs=values)
    path = route.pattern
    for part, value in values.items():
        path = path.replace(f"<path:{part}>", str(value)).replace(f"(?P<{part}>.*)$", str(value))
    return f"/{path}"


def outcome(response: Any) -> str:
    if response.status_code in {301, 302, 303}:
        is_login = "/login/" in response["Location"].split("?")[0]
        return "login" if is_login else "away"
    return "ok" if 200 <= response.status_code < 300 else str(response.status_code)


def test_every_route_has_exactly_one_rule():
    undeclared = [route for route in ROUTES if route.key not in RULES]
    assert not undeclared, "Add to RULES in tests/access_rules.py:\n" + "\n".join(
        f'    "{route.key}": "ANONYMOUS REQUESTER OTHER AGENT ADMIN",  # {route.pattern}'
        for route in undeclared
    )
    twice = [key for key, count in Counter(route.key for route in ROUTES).items() if count > 1]
    assert not twice, f"Routes with one name cannot have a rule each: {twice}"


def test_every_rule_has_a_route():
    gone = RULES.keys() - {route.key for route in ROUTES}
    assert not gone, f"Take out of tests/access_rules.py: {sorted(gone)}"


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_opens_what_the_rules_say(request, person, world, mia):
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        user = request.getfixturevalue(person)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = client.cookies.output(header="", sep=";")
    column = PEOPLE.index(person)
    wrong = []
    for route in ROUTES:
        if route.key not in RULES:
            continue
        client.cookies.clear()  # whatever the last page did to the session
        client.cookies.load(cookies)
        expected = RULES[route.key].split()[column]
        with transaction.atomic():
            got = outcome(client.get(address(route, world)))
            transaction.set_rollback(True)
        if got != expected:
            wrong.append(f"{route.key}: {got}, not {expected}")
    assert not wrong, f"What {person} meets:\n" + "\n".join(wrong)

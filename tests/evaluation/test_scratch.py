"""Measuring happens in a database of its own; the shop's stays as it was."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection

from knowledge.models import Article, Category
from qa_engine.evaluation import runs
from qa_engine.evaluation.records import data_digest
from qa_engine.evaluation.scratch import scratch_database
from qa_engine.evaluation.targets import targets_of
from qa_engine.models import EvaluationRun, Passage

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def databases() -> set[str]:
    """Those that begin with this one's name: other test processes make theirs meanwhile."""
    own = str(connection.settings_dict["NAME"]).partition("_evaluation_")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [own])
        return {name for (name,) in cursor.fetchall()}


def drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def _fail_inside() -> None:
    with scratch_database() as name:
        assert name in databases()
        assert not Article.objects.exists()
        Category.objects.create(name="Scratch", slug="scratch")
        raise ZeroDivisionError


def test_what_is_written_inside_is_gone_afterwards(revision):
    before = databases()
    with pytest.raises(ZeroDivisionError):
        _fail_inside()
    assert databases() == before
    assert Article.objects.get() == revision.article
    assert not Category.objects.filter(slug="scratch").exists()


def test_a_kept_database_is_found_again():
    with scratch_database("a" * 64, keep=True) as name:
        EvaluationRun.objects.create(
            suite="drafts",
            data_digest="x",
            started_at="2026-01-01T00:00Z",
            seconds=1,
            host_cores=1,
        )
    try:
        with scratch_database("a" * 64, keep=True) as again:
            assert again == name
            assert EvaluationRun.objects.count() == 1
    finally:
        drop(name)


def test_retrieval_and_drafts_leave_the_shops_index_alone(
    revision, articles_file, tickets_file, capsys
):
    before = databases()
    call_command(
        "evaluate", "retrieval", "--articles", str(articles_file), "--from-issues", "--json",
        verbosity=0,
    )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert told["metrics"]["articles"] == 3
    assert told["metrics"]["hit@1"] == 1
    call_command(
        "evaluate", "drafts", "--articles", str(articles_file), "--tickets", str(tickets_file),
        verbosity=0,
    )  # fmt: skip
    assert "unsupported_sentences" in capsys.readouterr().out
    assert [run.kind for run in EvaluationRun.objects.order_by("pk")] == [
        "retrieval from-issues",
        "drafts tickets",
    ]
    assert databases() == before
    assert not Passage.objects.exists()
    assert Article.objects.count() == 1


def test_the_peers_set_is_asked_a_few_questions_or_every_one(squad_file, articles_file):
    session = runs.Session(say=lambda line: None, sample=1)
    few = runs.from_passages(session, squad_file, articles_file, count=3)
    every = runs.from_passages(session, squad_file, articles_file, count=3, every=True)
    assert [one.variant for one in (few, every)] == [
        "passages, 1 questions",
        "passages, 3 questions",
    ]
    assert [one.metrics["queries"] for one in (few, every)] == [1, 3]
    assert "recall@10" in targets_of("retrieval", every.variant)


def test_drafts_after_others_lean_on_their_answers(articles_file, tickets_file):
    session = runs.Session(say=lambda line: None)
    after = runs.drafts(session, articles_file, tickets_file, answered=[tickets_file])
    assert after.variant == "tickets after others"
    assert after.data["answered tickets.jsonl"]["records"]
    before = runs.drafts(session, articles_file, tickets_file)
    assert before.variant == "tickets"
    assert data_digest(after) != data_digest(before)

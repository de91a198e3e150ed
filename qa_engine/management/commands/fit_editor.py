"""`manage.py fit_editor EDITS`: where the words that an edit adds go, from real edits.

Only edits of the tuning half are learnt from, unless `--split` says otherwise: see
docs/evaluation.md. The coefficients' file names what they were fitted to.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.edits import EditRecord, load_edits
from qa_engine.evaluation.splits import Part, choose
from qa_engine.protocols import Embedder
from qa_engine.registry import get_embedder
from qa_engine.suggesting import fitting, locating
from qa_engine.suggesting.laying import LAYING, Coefficients, tell
from qa_engine.suggesting.pages import page_of
from qa_engine.suggesting.remembering import RememberingEmbedder
from qa_engine.suggesting.signs import fragment_of

#: Learnt from first, so that the second look knows which spots are mistaken for the real one.
_FIRST_LOOK = 3


class Command(BaseCommand):
    help = "Learn where the words that an edit adds go, from real edits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--split", choices=list(Part), default=Part.TUNE, type=Part)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--write", action="store_true", help="into the coefficients' file")

    def handle(
        self, *args: Any, file: Path, split: Part, seed: int, write: bool, **options: Any
    ) -> None:
        try:
            loaded = load_edits(file)
        except UnusableData as error:
            raise CommandError(str(error)) from error
        chosen = choose([one for one in loaded.records if one.runs], part=Part(split), seed=seed)
        if not chosen.questions:
            raise CommandError(f"{file.name} holds no edit of this part that adds words.")
        embedder = RememberingEmbedder(get_embedder())
        first = self._examples(chosen.questions[::_FIRST_LOOK], fitting.START, embedder)
        examples = self._examples(chosen.questions, fitting.fit(first), embedder)
        learnt = fitting.fit(examples)
        about = {
            "file": loaded.described(),
            "edits": chosen.described(),
            "fragments": len(examples),
            "right_paragraph_other_articles": round(
                fitting.right_paragraph_elsewhere(examples), 3
            ),
            "embedder": embedder.fingerprint,
        }
        text = json.dumps({"weights": learnt, "provenance": about}, indent=2) + "\n"
        self.stdout.write(text)
        if write:
            LAYING.write_text(text, encoding="utf-8")

    def _examples(
        self, edits: Sequence[EditRecord], weights: Mapping[str, float], embedder: Embedder
    ) -> list[fitting.Example]:
        known = Coefficients.of(weights)
        found: list[fitting.Example] = []
        for number, edit in enumerate(edits, start=1):
            found += _of_edit(edit, known, embedder)
            if number % 50 == 0:
                self.stderr.write(f"{number}/{len(edits)} edits")
        return found


def _of_edit(edit: EditRecord, weights: Coefficients, embedder: Embedder) -> list[fitting.Example]:
    page = page_of(edit.before)
    pairs = [(fragment_of(run), spot) for run, spot in zip(edit.runs, edit.spots, strict=True)]
    known = [(one, spot) for one, spot in pairs if one is not None]
    if not page.words or not known:
        return []

    def rank(text: str) -> list[locating.Ranked]:
        return locating.rank(edit.before, text, embedder=embedder, title=edit.title)

    told = tell([one for one, _ in known], rank(edit.fact), rank)
    return fitting.examples_of(edit.article, page, told, [spot for _, spot in known], weights)

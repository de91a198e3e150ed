"""`manage.py fit_confidence FILE`: the coefficients behind the confidence, from gold questions.

Each line of the file: {"question", "articles": [slugs], "answer_contains": [words]}; no
article means that nothing answers it. Every question is asked twice: of the whole knowledge
base, and with its own articles left out, where the honest answer is "I do not know".
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.models import Article
from knowledge.types import CUSTOMER
from qa_engine import calibrating
from qa_engine.answering import engine
from qa_engine.confidence import CALIBRATION
from qa_engine.pipeline import Engine
from qa_engine.questions import Question
from qa_engine.sentences import units
from qa_engine.types import Span


class Command(BaseCommand):
    help = "Fit the confidence to questions whose answers are known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--family", default="transformers", help="which embedders it is for")
        parser.add_argument("--write", action="store_true", help=f"into {CALIBRATION.name}")

    def handle(self, *args: Any, file: Path, family: str, **options: Any) -> None:
        lines = file.read_text(encoding="utf-8").splitlines()
        gold = [json.loads(line) for line in lines if line.strip()]
        samples = list(_samples(engine(), gold))
        if len({sample.is_right for sample in samples}) < 2:
            raise CommandError("The questions must have right and wrong answers to learn from.")
        judged = calibrating.cross_validate(samples)
        fitted = calibrating.fit(samples)
        provenance = {
            "file": file.name,
            "questions": len(gold),
            "samples": len(samples),
            "right": sum(sample.is_right for sample in samples),
            "cross_validated_log_loss": round(calibrating.log_loss(judged), 4),
            "cross_validated_ece": round(calibrating.calibration_error(judged), 4),
            "fingerprint": engine().fingerprint,
        }
        entry = {**asdict(fitted), "provenance": provenance}
        self.stdout.write(json.dumps(entry, indent=2))
        if options["write"]:
            stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))
            stored["families"][family] = entry
            text = json.dumps(stored, indent=2, ensure_ascii=False)
            CALIBRATION.write_text(text + "\n", encoding="utf-8")


def _samples(chosen: Engine, gold: Sequence[dict[str, Any]]) -> Iterator[calibrating.Sample]:
    """The reader's best span of each question, right where it stands in the section that
    holds the wanted words: an agent sends that, or strikes a sentence."""
    slugs = dict(Article.objects.values_list("pk", "slug"))
    for entry in gold:
        question = Question(entry["question"], entry.get("context", ""))
        articles = set(entry["articles"])
        for left_out in [set(), articles] if articles else [set()]:
            without = {pk for pk, slug in slugs.items() if slug in left_out}
            for span, features in chosen.weigh(question, CUSTOMER, without=without)[:1]:
                is_right = _holds(span, entry["answer_contains"])
                if is_right or not articles or entry["answer_contains"]:
                    yield calibrating.Sample(question.query, features, is_right)


def _holds(span: Span, wanted: Sequence[str]) -> bool:
    body = span.candidate.body
    inside = {unit.section for unit in units(body) if span.start <= unit.start < span.end}
    text = " ".join(unit.text for unit in units(body) if unit.section in inside)
    said = " ".join(text.split()).lower()
    return any(" ".join(words.split()).lower() in said for words in wanted)

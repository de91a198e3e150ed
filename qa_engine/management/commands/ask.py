"""`manage.py ask "question"`: the answer with its citations, scores and runners-up."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.types import Viewer
from qa_engine import wire
from qa_engine.answering import answer_question, warm_up
from qa_engine.protocols import ModelUnavailable
from qa_engine.types import Answer, Evidence


class Command(BaseCommand):
    help = "Answer a question from the published knowledge base."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", nargs="+", help="one or several, each in quotes")
        parser.add_argument("--json", action="store_true", help="a line of JSON per question")
        parser.add_argument(
            "--internal", action="store_true", help="read internal articles too, as agents do"
        )

    def handle(self, *args: Any, question: list[str], **options: Any) -> None:
        try:
            warm_up()
            for one in question:
                answer = answer_question(one, viewer=Viewer(is_agent=options["internal"]))
                if options["json"]:
                    data = wire.to_json(answer) | {"is_answered": answer.is_answered}
                    self.stdout.write(json.dumps(data, ensure_ascii=False))
                else:
                    self._show(answer)
        except ModelUnavailable as exc:
            raise CommandError(str(exc)) from exc

    def _show(self, answer: Answer) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(answer.question))
        if answer.is_answered:
            self.stdout.write(answer.text)
        else:
            self.stdout.write(self.style.WARNING(f"No answer: {answer.reason}"))
        self.stdout.write(f"\nconfidence {answer.confidence:.2f}")
        for number, evidence in enumerate(answer.evidence, start=1):
            self.stdout.write(f"[{number}] {_line(evidence)}")
        if answer.runners_up:
            self.stdout.write("next best:")
        for evidence in answer.runners_up:
            self.stdout.write(f"    {_line(evidence)}")
        self.stdout.write(f"{answer.fingerprint}, {answer.seconds * 1000:.0f} ms\n")


def _line(evidence: Evidence) -> str:
    place = " › ".join(part for part in (evidence.title, evidence.heading_path) if part)  # noqa: RUF001
    quote = " ".join(evidence.quote.split())
    return f"{evidence.score:.2f} {place} ({evidence.start}–{evidence.end}): {quote[:160]}"

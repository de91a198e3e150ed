"""`manage.py train_restater TICKETS… --out DIR`: a language model for QA_RESTATER.

From tickets whose questions somebody wrote down in full sentences, in the format of `evaluate
drafts` (docs/evaluation.md). Safe to stop and to run again: it goes on where it was.
"""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.suites.drafts import request_of
from qa_engine.evaluation.tickets import load_tickets
from qa_engine.protocols import ModelUnavailable
from qa_engine.training import loop, restater
from qa_engine.training.command import say, until
from qa_engine.training.encoder import Lora
from qa_engine.training.restater import Letter

ABOUT = "restater.json"
# Fewer letters teach a model their own words and nothing else.
ENOUGH = 50


class Command(BaseCommand):
    help = "Teach a language model to say what a letter wants to know, for QA_RESTATER."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--out", type=Path, required=True, help="for the model")
        parser.add_argument(
            "--base", default="", help="the model to start from; empty: what QA_GENERATOR names"
        )
        parser.add_argument("--epochs", type=int, default=3)
        parser.add_argument("--batch-size", type=int, default=8)
        parser.add_argument("--learning-rate", type=float, default=5e-4)
        parser.add_argument("--rank", type=int, default=16)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--held-out", type=float, default=0.1, help="share to measure on (%(default)s)"
        )
        parser.add_argument("--device", default="auto", help="cpu or cuda")
        parser.add_argument("--precision", default="auto", help="bfloat16 or float32")
        parser.add_argument("--minutes", type=float, default=0.0, help="stop after so long")

    def handle(self, *args: Any, files: list[Path], out: Path, **given: Any) -> None:
        base = given["base"] or settings.QA_GENERATOR
        if not base:
            raise CommandError("Name a model: --base, or QA_GENERATOR.")
        letters, digests = self._letters(files)
        if len(letters) < ENOUGH:
            raise CommandError(
                f"{len(letters)} letters say what they want to know; {ENOUGH} are needed."
            )
        try:
            about = self._train(base, letters, out, given)
        except (ModelUnavailable, loop.CannotResume) as error:
            raise CommandError(str(error)) from error
        if about is None:
            self.stdout.write("Stopped. The same command goes on.")
            return
        told = {"base": base, "data": digests, "letters": len(letters)} | about
        (out / ABOUT).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(json.dumps(told["held_out_loss"]))
        self.stdout.write(
            self.style.SUCCESS(f"QA_RESTATER=transformers QA_GENERATOR={out.resolve()}")
        )

    def _letters(self, files: list[Path]) -> tuple[list[Letter], dict[str, str]]:
        letters: list[Letter] = []
        digests: dict[str, str] = {}
        for file in files:
            try:
                loaded = load_tickets(file)
            except UnusableData as error:
                raise CommandError(str(error)) from error
            for refusal in loaded.refusals:
                self.stderr.write(f"{refusal.place}: {refusal.reason}")
            digests[loaded.name] = loaded.digest
            for ticket in loaded.records:
                questions = tuple(part.question for part in ticket.parts if part.question)
                if questions:
                    letters.append(Letter(request_of(ticket), questions))
        return letters, digests

    def _train(
        self, base: str, letters: list[Letter], out: Path, given: dict[str, Any]
    ) -> dict[str, Any] | None:
        """What is to be told of it; None where it was stopped before its end."""
        learner = restater.load(
            base,
            Lora(given["rank"], given["seed"]),
            allow_download=settings.QA_ALLOW_DOWNLOAD,
        )
        every = restater.examples(learner, letters)
        Random(given["seed"]).shuffle(every)  # no secret
        kept = round(len(every) * given["held_out"])
        held_out, learnt = every[:kept], every[kept:]
        size = given["batch_size"]
        before = restater.mean_loss(learner, held_out, size)
        batches = loop.bucketed(
            [len(tokens) for tokens, _ in learnt],
            batch_size=size,
            seed=given["seed"],
            epochs=given["epochs"],
        )
        plan = loop.Plan(
            learning_rate=given["learning_rate"],
            seed=given["seed"],
            device=given["device"],
            precision=given["precision"],
            save_every=60.0,
        )
        outcome = loop.run(
            learner.model,
            restater.objective(learner, learnt),
            batches,
            plan,
            out / "run",
            report=lambda progress: say(self, str(progress)),
            until=until(given["minutes"]),
        )
        if not outcome.is_finished:
            return None
        after = restater.mean_loss(learner, held_out, size)
        restater.save(learner, out)
        shutil.rmtree(out / "run", ignore_errors=True)  # its checkpoints
        options = {
            name: given[name] for name in ("epochs", "batch_size", "learning_rate", "rank", "seed")
        }
        return {
            "options": options,
            "outcome": asdict(outcome),
            "held_out": kept,
            "held_out_loss": {"before": round(before, 3), "after": round(after, 3)},
        }

"""`manage.py train_reader FILE… --folder DIR --out DIR`: a span reader from SQuAD files.

Stop it with Ctrl-C and start it again with the same arguments: it goes on where it was. It
reads held-out questions before and after, writes the weights with both, and keeps them as a
candidate that is compared with the reader in force.
"""

from __future__ import annotations

import json
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qa_engine.backends.span_reader import WEIGHTS, SpanReader
from qa_engine.evaluation.data import UnusableData, digest_of
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import RERANKER, embedder_for
from qa_engine.training import keeping, reader, reader_recipe, sets
from qa_engine.training.command import chosen_set
from qa_engine.training.loop import CannotResume, Outcome, Plan, Progress
from qa_engine.training.reader import Material, Recipe
from qa_engine.training.reader_measuring import Measured, measure
from qa_engine.training_models import ModelVersion, Trained, TrainingSet

# Held-out questions that the untrained reader is asked; it knows next to nothing.
BEFORE = 200


class Command(BaseCommand):
    help = "Train the span reader. Safe to stop and to run again: it goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", metavar="FILE[:SHARE]", help="in SQuAD's format; 0.5: half of it"
        )
        parser.add_argument(
            "--folder", type=Path, required=True, help="for the examples and checkpoints"
        )
        parser.add_argument("--out", type=Path, help="for the weights, once trained")
        parser.add_argument(
            "--set", default="none", help="a set of replies, too: its digest, or `newest`"
        )
        parser.add_argument(
            "--no-version", action="store_true", help="write the weights alone; needs no database"
        )
        parser.add_argument(
            "--base", default=RERANKER, help="a model that reads two texts together"
        )
        parser.add_argument(
            "--weights", type=Path, help="a trained reader of the same base, to go on from"
        )
        parser.add_argument(
            "--freeze", type=int, default=0, metavar="LAYERS", help="the lowest stay as they are"
        )
        parser.add_argument("--epochs", type=float, default=1.0)
        parser.add_argument("--batch-size", type=int, default=24)
        parser.add_argument("--learning-rate", type=float, default=2e-4)
        parser.add_argument(
            "--lengths", type=int, nargs="+", default=[96, 128, 192], help="of windows, in tokens"
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--device", default="auto", help="cpu or cuda")
        parser.add_argument("--precision", default="auto", help="bfloat16 or float32")
        parser.add_argument("--save-every", type=float, default=180.0, help="seconds")
        parser.add_argument("--minutes", type=float, help="stop after so long, to go on later")
        parser.add_argument(
            "--cool-down", type=int, metavar="STEPS", help="end the run within so many steps"
        )

    def handle(self, *args: Any, files: list[str], folder: Path, **options: Any) -> None:
        recipe = Recipe(
            base=options["base"],
            weights=options["weights"],
            frozen=options["freeze"],
            lengths=tuple(options["lengths"]),
            batch_size=options["batch_size"],
            epochs=options["epochs"],
            seed=options["seed"],
        )
        plan = Plan(
            learning_rate=options["learning_rate"],
            seed=options["seed"],
            device=options["device"],
            precision=options["precision"],
            save_every=options["save_every"],
        )
        try:
            shared = [_shared(one) for one in files]
            out: Path | None = None if options["no_version"] else options["out"]
            taught = chosen_set(options["set"])
            if out and ModelVersion.objects.filter(path=str(out.resolve())).exists():
                raise CommandError(f"A version lies in {out} already. Name another --out.")
            # As configured, not as promoted: it needs no database.
            embedder = partial(embedder_for, settings.QA_EMBEDDER)
            material = reader_recipe.gather(shared, taught, embedder, recipe, folder)
            if not material.learnt:
                raise CommandError("Nothing to learn from: name FILEs, or a --set.")
            if self._train(material, recipe, plan, folder, options) and out:
                self._keep(material, recipe, shared, out, taught)
        except (UnusableData, ModelUnavailable, CannotResume, sets.UnusableSet) as error:
            raise CommandError(str(error)) from error

    def _keep(
        self,
        material: Material,
        recipe: Recipe,
        files: list[tuple[Path, float]],
        out: Path,
        taught: TrainingSet | None,
    ) -> None:
        """As a candidate, compared with the reader in force."""
        about = reader_recipe.about_of(material, files, recipe)
        version = keeping.keep_version(
            kind=Trained.READER,
            path=out.resolve(),
            base=recipe.base,
            fingerprint=SpanReader(str(out)).fingerprint,
            digest=reader_recipe.digest_of(material.learnt),
            figures={"about": about},
            training_set=taught,
        )
        told = reader_recipe.compare(version, material.held_out, about)
        self.stdout.write(self.style.SUCCESS(f"{version}: {told}"))

    def _train(
        self,
        material: Material,
        recipe: Recipe,
        plan: Plan,
        folder: Path,
        options: dict[str, Any],
    ) -> bool:
        """Whether it came to its end."""
        tokenizer, model = reader.build(recipe)
        windows, batches = reader.schedule(tokenizer, material.learnt, recipe)
        tokens = sum(len(one.ids) for one in windows)
        self.stderr.write(f"{len(windows)} windows, {tokens} tokens, {len(batches)} steps")
        before = measure(tokenizer, model, material.held_out, sample=BEFORE)
        self.stderr.write(f"before: {_told(before)}")
        outcome = reader.train(
            model,
            windows,
            batches,
            plan,
            folder,
            pad=tokenizer.pad_token_id,
            report=self._progress,
            until=_asked_to_stop(options["minutes"]),
            cool_down=options["cool_down"],
        )
        if not outcome.is_finished:
            self.stdout.write(f"Stopped at step {outcome.step} of {outcome.steps}; run it again.")
            return False
        after = measure(tokenizer, model, material.held_out)
        self.stdout.write(f"after: {_told(after)}")
        if out := options["out"]:
            about = _about(material, recipe, plan, outcome, before, after)
            size = reader.save(model, out, recipe, about, after.scale)
            self.stdout.write(self.style.SUCCESS(f"{size / 1e6:.1f} MB in {out}"))
        return True

    def _progress(self, progress: Progress) -> None:
        """One line that is written over on a terminal; a line each in a log."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{progress}", ending="")
        else:
            self.stderr.write(str(progress))


def _about(
    material: Material,
    recipe: Recipe,
    plan: Plan,
    outcome: Outcome,
    before: Measured,
    after: Measured,
) -> dict[str, Any]:
    """For the manifest: enough to make the weights again, and to judge them."""
    went_on_from = digest_of(recipe.weights / WEIGHTS) if recipe.weights else None
    return {
        "data": material.sheet,
        "recipe": asdict(recipe) | {"weights": went_on_from},
        "plan": asdict(plan),
        "outcome": asdict(outcome),
        "before": asdict(before),
        "after": asdict(after),
    }


def _told(one: Measured) -> str:
    return json.dumps(asdict(one))


def _shared(value: str) -> tuple[Path, float]:
    name, _, share = value.rpartition(":")
    try:
        return (Path(name), float(share)) if name else (Path(value), 1.0)
    except ValueError:
        return Path(value), 1.0


def _asked_to_stop(minutes: float | None) -> Callable[[], bool]:
    """True once Ctrl-C or a terminating signal came, or the time is over."""
    end = time.monotonic() + minutes * 60 if minutes else float("inf")
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: asked.append(got))
    return lambda: bool(asked) or time.monotonic() > end

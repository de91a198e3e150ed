"""`manage.py train_queries`: the retriever's query side, for passages as they are embedded.

Without files it is a run on the shop's own replies, kept as a candidate, as `train_retriever`
is. With files it writes the weights into `--out`, to be named in QA_QUERY_ENCODER.
"""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from qa_engine.backends import tuned
from qa_engine.evaluation.data import UnusableData, digest_of
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import embedder_for
from qa_engine.training import encoder, loop, query_data, query_encoder
from qa_engine.training.command import TrainingCommand, until
from qa_engine.training.options import Options
from qa_engine.training.queries_recipe import KEPT, LAST
from qa_engine.training.query_encoder import Collection
from qa_engine.training_models import Work


class Command(TrainingCommand):
    help = "Train what embeds questions, while passages stay as they are; no index is built anew."
    kind = Work.QUERIES

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        files = parser.add_argument_group("from files, without a database")
        files.add_argument("--out", type=Path, metavar="DIR", help="for the weights")
        files.add_argument(
            "--issues", type=Path, nargs="*", default=[], metavar="FILE",
            help="articles with an Issue section that must find them; the tuning half is used",
        )  # fmt: skip
        files.add_argument("--squad", type=Path, nargs="*", default=[], metavar="FILE")
        files.add_argument(
            "--descriptions", action="store_true",
            help="for descriptions of a problem alone: short questions are asked without it",
        )  # fmt: skip
        files.add_argument(
            "--most", type=int, default=3000, help="questions of a file (%(default)s)"
        )

    def handle(self, *args: Any, **given: Any) -> None:
        if given["out"] is None:
            super().handle(*args, **given)
            return
        try:
            self._from_files(given["out"], given)
        except (
            UnusableData,
            ModelUnavailable,
            loop.CannotResume,
            query_encoder.CannotTune,
        ) as error:
            raise CommandError(str(error)) from error

    def _from_files(self, out: Path, given: dict[str, Any]) -> None:
        options = Options.of(given)
        base = options.base or settings.QA_EMBEDDER
        embedder = embedder_for(base)
        query_encoder.need_plain(base, embedder.fingerprint)
        collections = [
            _most(one, given["most"], options.seed) for one in self._collections(given, embedder)
        ]
        if not any(one.questions for one in collections):
            raise CommandError("Nothing to learn from: name --issues or --squad.")
        learner = encoder.load(base, encoder.Lora(options.rank, options.seed, LAST))
        before = _figures(learner, collections)
        outcome = loop.run(
            learner.model,
            query_encoder.objective(learner, collections),
            query_encoder.schedule(
                collections,
                batch_size=options.batch_size,
                epochs=options.epochs,
                seed=options.seed,
            ),
            options.plan(),
            out / "run",
            report=lambda progress: self._say(str(progress)),
            until=until(options.minutes),
        )
        about = {
            "data": {str(one.name): digest_of(one) for one in _files(given)},
            "options": options.stored() | {"base": "", "articles": "", "queries": ""},
            "most": given["most"],
            "outcome": asdict(outcome),
            "before": before,
            "after": _figures(learner, collections),
        }
        made = tuned.write(
            out,
            query_encoder.additions(learner),
            base=embedder.fingerprint,
            scale=encoder.TIMES * KEPT,
            for_descriptions=given["descriptions"],
            about=about,
        )
        shutil.rmtree(out / "run", ignore_errors=True)  # its checkpoints
        self.stdout.write(json.dumps({"before": before, "after": about["after"]}, indent=2))
        self.stdout.write(self.style.SUCCESS(f"{made.fingerprint} in {out}"))

    def _collections(self, given: dict[str, Any], embedder: Any) -> list[Collection]:
        found = [
            query_data.of_issues(one, embedder, seed=given["seed"]) for one in given["issues"]
        ]
        found += [query_data.of_squad(one, embedder) for one in given["squad"]]
        return found


def _files(given: dict[str, Any]) -> list[Path]:
    return [*given["issues"], *given["squad"]]


def _most(one: Collection, most: int, seed: int) -> Collection:
    chosen = range(len(one.questions))
    if len(chosen) > most:
        chosen = sorted(Random(seed).sample(chosen, most))  # type: ignore[assignment]  # no secret
    return replace(
        one,
        questions=tuple(one.questions[at] for at in chosen),
        answers=tuple(one.answers[at] for at in chosen),
    )


def _figures(learner: encoder.Learner, collections: list[Collection]) -> dict[str, Any]:
    """On a part of what is learnt: whether it learns, not what it is worth."""
    found = {}
    for one in collections:
        if not one.questions:
            continue
        places = query_encoder.ranks(learner, _most(one, 300, 1))
        found[one.name] = {
            "hit@1": round(sum(place < 1 for place in places) / len(places), 3),
            "hit@10": round(sum(place < 10 for place in places) / len(places), 3),
        }
    return found

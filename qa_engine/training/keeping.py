"""What is left of a training: a row for the weights, and no checkpoint of other data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from qa_engine.training import loop
from qa_engine.training_models import ModelVersion, Trained, TrainingRun, TrainingSet, VersionEvent

DATA = "pairs.sha256"


@transaction.atomic
def keep_version(
    *,
    kind: Trained,
    path: Path,
    base: str,
    fingerprint: str,
    digest: str,
    figures: dict[str, Any],
    run: TrainingRun | None = None,
    training_set: TrainingSet | None = None,
) -> ModelVersion:
    """The trained weights as a candidate."""
    newest = ModelVersion.objects.filter(kind=kind).aggregate(last=Max("number"))["last"]
    version = ModelVersion.objects.create(
        kind=kind,
        number=(newest or 0) + 1,
        run=run,
        training_set=training_set,
        data_digest=digest,
        base=base,
        path=str(path),
        fingerprint=fingerprint,
        figures=figures,
    )
    VersionEvent.objects.create(
        version=version, kind=VersionEvent.Kind.MADE, actor=run.created_by if run else None
    )
    return version


def forget_other_data(folder: Path, digest: str) -> None:
    """A checkpoint is of use only to the very data that it was made with."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = folder / DATA
    if known.exists() and known.read_text(encoding="utf-8") != digest:
        (folder / loop.CHECKPOINT).unlink(missing_ok=True)
    known.write_text(digest, encoding="utf-8")

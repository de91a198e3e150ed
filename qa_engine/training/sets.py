"""Training sets on disk and in the database; what somebody wants forgotten leaves both.

A set is a folder: `examples.jsonl`, `DATASHEET.md`, and a manifest that names whose words it
holds. The database knows the same names, so that one look finds every set that must let go
of somebody's words; it refuses those sets from that moment on, until the file is rewritten.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qa_engine.models import TrainingSet, TrainingSource
from qa_engine.training import examples as records
from qa_engine.training.datasheet import datasheet
from qa_engine.training.examples import Example

logger = logging.getLogger(__name__)

EXAMPLES = "examples.jsonl"
MANIFEST = "manifest.json"
DATASHEET = "DATASHEET.md"


class TooLittleData(Exception):
    """The message says what there is and what would be enough."""


class UnusableSet(Exception):
    """The set may not be trained on; the message says why."""


def root() -> Path:
    return Path(settings.DATA_DIR) / "training" / "sets"


def keep(
    examples: Sequence[Example], *, left_out: Mapping[str, int], by: Any = None, note: str = ""
) -> TrainingSet:
    """Write a set, unless the very same one is there. Raises TooLittleData for an empty one."""
    if not examples:
        raise TooLittleData(
            "Nothing can be learnt from yet: no agent has written, changed or rejected a reply "
            "whose customer allows it. Unedited drafts do not count."
        )
    digest = records.digest_of(examples)
    known = TrainingSet.objects.filter(digest=digest, state=TrainingSet.State.READY).first()
    if known is not None and (root() / known.folder / EXAMPLES).is_file():
        return known
    counts = counted(examples, left_out)
    text = datasheet(examples, counts, digest=digest, note=note)
    folder = root() / digest[:16]
    _write(folder, examples, digest, text)
    with transaction.atomic():
        made, _ = TrainingSet.objects.update_or_create(
            digest=digest,
            defaults={
                "folder": folder.name,
                "examples": len(examples),
                "held_out": sum(one.is_held_out for one in examples),
                "counts": counts,
                "datasheet": text,
                "state": TrainingSet.State.READY,
                "removed": 0,
                "created_by": by,
            },
        )
        made.sources.all().delete()
        names = {one.source for one in examples}
        TrainingSource.objects.bulk_create(
            TrainingSource(training_set=made, source=name) for name in sorted(names)
        )
    return made


def load(training_set: TrainingSet) -> list[Example]:
    """The examples, if the set may be trained on. Raises UnusableSet."""
    training_set.refresh_from_db()
    if not training_set.is_usable:
        raise UnusableSet(f"The set {training_set} is not ready: export the data again.")
    path = root() / training_set.folder / EXAMPLES
    if not path.is_file():
        raise UnusableSet(
            f"{path} is not on this machine. Sets lie below DATA_DIR: share it among the hosts "
            "that train, or export the data here."
        )
    return list(records.read(path))


@transaction.atomic
def refuse_sets_with(sources: Iterable[str]) -> list[int]:
    """From now on nobody trains on the sets that hold these people's words; their ids.

    `purge` then takes the words out of the files; call it once this is committed.
    """
    held = TrainingSource.objects.filter(source__in=list(sources))
    ids = sorted(set(held.values_list("training_set_id", flat=True)))
    TrainingSet.objects.filter(pk__in=ids).update(state=TrainingSet.State.PURGING)
    # The source rows stay until the file is rewritten: they say what has to go.
    held.update(is_forgotten=True)
    return ids


def purge(training_set_id: int) -> int:
    """Take forgotten people's examples out of a set's files; how many there were.

    May run twice. A set whose files are gone is marked unusable; one with nothing left, too.
    """
    made = TrainingSet.objects.filter(pk=training_set_id).first()
    if made is None:
        return 0
    gone = set(made.sources.filter(is_forgotten=True).values_list("source", flat=True))
    path = root() / made.folder / EXAMPLES
    if not path.is_file():
        TrainingSet.objects.filter(pk=made.pk).update(state=TrainingSet.State.UNUSABLE)
        made.sources.filter(is_forgotten=True).delete()
        return 0
    before = list(records.read(path))
    kept = [one for one in before if one.source not in gone]
    removed = len(before) - len(kept)
    counts = counted(kept, made.counts.get("left_out", {}))
    note = f"{made.removed + removed} examples were taken out after the export."
    text = datasheet(kept, counts, digest=records.digest_of(kept), note=note)
    _write(path.parent, kept, records.digest_of(kept), text)
    state = TrainingSet.State.READY if kept else TrainingSet.State.UNUSABLE
    with transaction.atomic():
        made.sources.filter(is_forgotten=True, source__in=gone).delete()
        still = made.sources.filter(is_forgotten=True).exists()  # asked meanwhile
        TrainingSet.objects.filter(pk=made.pk).update(
            state=TrainingSet.State.PURGING if still else state,
            examples=len(kept),
            held_out=sum(one.is_held_out for one in kept),
            counts=counts,
            datasheet=text,
            removed=made.removed + removed,
            removed_at=timezone.now(),
        )
    logger.info("took %s examples out of training set %s", removed, made.pk)
    return removed


def forgotten() -> list[int]:
    """Sets that still have to let go of somebody's words."""
    waiting = TrainingSet.objects.filter(state=TrainingSet.State.PURGING)
    return list(waiting.values_list("pk", flat=True))


def discard(training_set: TrainingSet) -> None:
    """Remove the files; the row stays, for the models that were trained on it."""
    shutil.rmtree(root() / training_set.folder, ignore_errors=True)
    training_set.sources.all().delete()
    training_set.state = TrainingSet.State.UNUSABLE
    training_set.save(update_fields=["state"])


def counted(examples: Sequence[Example], left_out: Mapping[str, int]) -> dict[str, Any]:
    return {
        "taught": dict(Counter(str(one.taught) for one in examples)),
        "languages": dict(Counter(one.language for one in examples)),
        "queues": dict(Counter(one.queue for one in examples if one.queue)),
        "with_positives": sum(bool(one.positives) for one in examples),
        "with_negatives": sum(bool(one.negatives) for one in examples),
        "left_out": dict(left_out),
    }


def _write(folder: Path, examples: Sequence[Example], digest: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    records.write(folder / EXAMPLES, examples)
    (folder / DATASHEET).write_text(text, encoding="utf-8")
    manifest = {"digest": digest, "sources": dict(Counter(one.source for one in examples))}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")

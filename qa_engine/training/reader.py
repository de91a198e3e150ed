"""Training the span reader: the examples, the model, the weights that are kept. No Django.

files → Material → windows and batches → loop.run → Measured → a directory with reader.json
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from qa_engine.backends import packed
from qa_engine.backends.loading import SPANS, Source, chosen_device
from qa_engine.backends.locate import locate
from qa_engine.backends.span_reader import MANIFEST, WEIGHTS, Scale, base_digest
from qa_engine.evaluation.data import UnusableData
from qa_engine.protocols import Embedder
from qa_engine.training import loop
from qa_engine.training.encoder import without_dropout
from qa_engine.training.loop import Batch, Outcome, Plan, Progress
from qa_engine.training.reader_data import (
    Example,
    Mix,
    Passage,
    data_sheet,
    examples_of,
    load,
    split,
)
from qa_engine.training.reader_windows import Window, collate, windows_of

if TYPE_CHECKING:
    import torch

EXAMPLES = "examples.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a reader comes from, beside its files and its plan."""

    base: str
    # A directory with weights to go on from, of a reader trained on the same base.
    weights: Path | None = None
    mix: Mix = field(default_factory=Mix)
    # So many of the lowest layers stay as the base has them.
    frozen: int = 0
    # Windows are as long as one of these allows, in tokens.
    lengths: tuple[int, ...] = (96, 128, 192)
    batch_size: int = 32
    # A part of an epoch takes that share of the examples.
    epochs: float = 1.0
    # Share of the articles that are only measured on.
    held_out: float = 0.04
    seed: int = 7


@dataclass(frozen=True)
class Material:
    """What is learnt from, what is measured on, and where they come from."""

    learnt: tuple[Example, ...]
    held_out: tuple[Example, ...]
    sheet: dict[str, Any]


def prepare(
    files: Sequence[tuple[Path, float]],
    embedder: Callable[[], Embedder],
    recipe: Recipe,
    folder: Path,
) -> Material:
    """Examples of the files, each taken with a share of its questions; kept in `folder`.

    A run that goes on reads them from there, so that it needs no embedder.
    """
    kept = folder / EXAMPLES
    if kept.exists():
        stored = json.loads(kept.read_text(encoding="utf-8"))
        return Material(
            tuple(Example(**one) for one in stored["learnt"]),
            tuple(Example(**one) for one in stored["held_out"]),
            stored["sheet"],
        )
    passages: list[Passage] = []
    for path, share in files:
        passages += load(path, share=share, seed=recipe.seed)
    ours, theirs = split(passages, held_out=recipe.held_out, seed=recipe.seed)
    near = embedder()
    learnt = examples_of(ours, near, recipe.mix, seed=recipe.seed)
    held_out = examples_of(theirs, near, recipe.mix, seed=recipe.seed)
    sheet = data_sheet([path for path, _ in files], learnt) | {
        "shares": {path.name: share for path, share in files},
        "held_out": data_sheet([], held_out)["examples"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    whole = {
        "sheet": sheet,
        "learnt": [asdict(one) for one in learnt],
        "held_out": [asdict(one) for one in held_out],
    }
    part.write_text(json.dumps(whole), encoding="utf-8")
    part.replace(kept)
    return Material(tuple(learnt), tuple(held_out), sheet)


def schedule(
    tokenizer: Any, examples: Sequence[Example], recipe: Recipe
) -> tuple[list[Window], list[Batch]]:
    """Windows and batches of all epochs; each epoch crops its windows anew."""
    windows: list[Window] = []
    batches: list[Batch] = []
    left, epoch = recipe.epochs, 0
    while left > 0:
        seed = recipe.seed + epoch
        some = list(examples)
        if left < 1:
            some = Random(seed).sample(some, round(len(some) * left))  # no secret
        cut = windows_of(tokenizer, some, lengths=recipe.lengths, seed=seed)
        sizes = [len(one.ids) for one in cut]
        for batch in loop.bucketed(sizes, batch_size=recipe.batch_size, seed=seed):
            batches.append([len(windows) + at for at in batch])
        windows += cut
        left, epoch = left - 1, epoch + 1
    return windows, batches


def build(recipe: Recipe) -> tuple[Any, Any]:
    """(tokenizer, model) from an encoder; the words' and places' embeddings stay as they are.

    Raises UnusableData where the weights to go on from are of another base.

    They are half of a small model's weights, need not be shipped so, and taking part in the
    training they would cost time. Dropout is off: in one or two epochs nothing is learnt by
    heart, and it is a tenth of the time.
    """
    import torch

    torch.manual_seed(recipe.seed)
    source = Source(recipe.base, "--base", device="cpu")
    tokenizer, model = source.load(SPANS)
    without_dropout(model)
    if recipe.weights is not None:
        _go_on(model, recipe.weights)
    # Under frozen layers nothing can learn without a gradient through them.
    still = ["embeddings."] if recipe.frozen else ["word_embeddings", "position_embeddings"]
    still += [f".layer.{number}." for number in range(recipe.frozen)]
    for name, one in model.named_parameters():
        if any(part in name for part in still):
            one.requires_grad_(False)
    return tokenizer, model


def _go_on(model: Any, weights: Path) -> None:
    try:
        _, unexpected = model.load_state_dict(packed.load(weights / WEIGHTS), strict=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise UnusableData(f"--weights {weights}: {error}") from error
    if unexpected:
        raise UnusableData(f"--weights {weights}: they do not fit the base")


def train(
    model: Any,
    windows: Sequence[Window],
    batches: Sequence[Batch],
    plan: Plan,
    folder: Path,
    *,
    pad: int,
    report: Callable[[Progress], None],
    until: Callable[[], bool] = lambda: False,
    cool_down: int | None = None,
) -> Outcome:
    """Cross-entropy of the answer's first and last token; no answer is at [CLS]."""
    import torch

    device = chosen_device(plan.device)

    def loss_of(forward: torch.nn.Module, batch: Batch) -> torch.Tensor:
        tensors = {
            name: one.to(device, non_blocking=True)
            for name, one in collate(windows, batch, pad=pad).items()
        }
        start, end = tensors.pop("start"), tensors.pop("end")
        said = forward(**tensors)
        entropy = torch.nn.functional.cross_entropy
        hidden = tensors["attention_mask"] == 0
        begin = said.start_logits.float().masked_fill(hidden, -1e4)
        finish = said.end_logits.float().masked_fill(hidden, -1e4)
        return (entropy(begin, start) + entropy(finish, end)) / 2

    return loop.run(
        model, loss_of, batches, plan, folder, report=report, until=until, cool_down=cool_down
    )


def save(model: Any, directory: Path, recipe: Recipe, about: dict[str, Any], scale: Scale) -> int:
    """The trained weights, a byte each, with their manifest; returns the bytes written.

    What was not trained is not stored: the manifest names the base that it comes from.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = {name for name, one in model.named_parameters() if one.requires_grad}
    if recipe.weights is not None:
        # What an earlier run trained and this one left alone is not the base's either.
        names |= set(packed.load(recipe.weights / WEIGHTS))
    trained = {name: one.detach().cpu() for name, one in model.named_parameters() if name in names}
    packed.store(trained, directory / WEIGHTS)
    base = locate(recipe.base, setting="--base")
    manifest = {
        "base": recipe.base,
        "base_digest": base_digest(base.directory) if base.directory else "",
        "scale": asdict(scale),
        **about,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return (directory / WEIGHTS).stat().st_size

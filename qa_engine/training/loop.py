"""The training loop that every trainer shares: seeded, resumable to the step, CPU or CUDA.

A run is a list of batches fixed beforehand, so that step N sees the same examples whether
the run was interrupted or not: a checkpoint holds the step, the trained weights, the
optimizer's state and the random state, and is replaced in one move. No Django.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from qa_engine.backends.loading import chosen_device
from qa_engine.backends.precision import autocast_dtype

if TYPE_CHECKING:
    import torch

CHECKPOINT = "checkpoint.pt"

#: Positions of the examples that one step learns from.
Batch = Sequence[int]
#: The mean loss of a batch, computed under autocast.
Objective = Callable[["torch.nn.Module", Batch], "torch.Tensor"]


class CannotResume(Exception):
    """The checkpoint belongs to another run; the message says what differs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What fixes the course of a run, beside its examples."""

    learning_rate: float = 1.5e-4
    # Share of the steps over which the rate rises from 0; then it falls to 0 in a line.
    warm_up: float = 0.06
    weight_decay: float = 0.01
    # The gradient's norm is cut to this.
    clip: float = 1.0
    seed: int = 7
    device: str = "auto"
    # "bfloat16", "float32", or "auto": bfloat16 where the processor computes in it.
    precision: str = "auto"
    # Seconds between checkpoints, and between reports.
    save_every: float = 180.0
    report_every: float = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    step: int
    steps: int
    # Mean over the last steps, the newer the heavier.
    loss: float
    learning_rate: float
    examples_per_second: float
    seconds_left: float

    def __str__(self) -> str:
        share = self.step / max(self.steps, 1)
        bar = "█" * int(share * 20)
        minutes, seconds = divmod(int(self.seconds_left), 60)
        return (
            f"[{bar:·<20}] {self.step}/{self.steps} ({share:.0%})  loss {self.loss:.3f}  "
            f"rate {self.learning_rate:.1e}  {self.examples_per_second:.1f} examples/s  "
            f"{minutes}:{seconds:02d} left"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    step: int
    steps: int
    loss: float
    # Of this sitting, and of all sittings together.
    seconds: float
    total_seconds: float

    @property
    def is_finished(self) -> bool:
        return self.step >= self.steps


def bucketed(
    lengths: Sequence[int], *, batch_size: int, seed: int, epochs: int = 1, pool: int = 50
) -> list[Batch]:
    """Batches of examples that are nearly as long, in random order, `epochs` times over.

    `lengths` are counted in tokens. The examples are shuffled, sorted by length within pools
    of `pool` batches, cut, and the batches shuffled: little is computed on padding, and yet no
    two epochs have the same batches.
    """
    random = Random(seed)  # no secret
    batches: list[Batch] = []
    for _ in range(epochs):
        order = list(range(len(lengths)))
        random.shuffle(order)
        epoch: list[Batch] = []
        for first in range(0, len(order), pool * batch_size):
            some = sorted(order[first : first + pool * batch_size], key=lengths.__getitem__)
            epoch += [some[at : at + batch_size] for at in range(0, len(some), batch_size)]
        random.shuffle(epoch)
        batches += epoch
    return batches


def run(
    model: torch.nn.Module,
    loss_of: Objective,
    batches: Sequence[Batch],
    plan: Plan,
    folder: Path,
    *,
    report: Callable[[Progress], None],
    until: Callable[[], bool] = lambda: False,
    cool_down: int | None = None,
) -> Outcome:
    """Train what requires a gradient; go on from the checkpoint in `folder` if there is one.

    `until` is asked after each
    step and ends the sitting early, with a checkpoint. `cool_down` ends the whole run early:
    the rate falls to 0 over so many steps from where it stands. Raises CannotResume.
    """
    import torch

    device = torch.device(chosen_device(plan.device))
    dtype = autocast_dtype(plan.precision, device.type)
    torch.manual_seed(plan.seed)
    model.to(device).train()
    trained = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        _groups(model, plan.weight_decay), lr=plan.learning_rate, fused=True
    )
    state = _State(folder / CHECKPOINT, model, optimizer, identity(batches, plan))
    at = state.load(device)
    step, average, before = at.step, at.average, at.seconds
    cooling = at.cooling or (None if cool_down is None else (step, step + cool_down))
    steps = len(batches) if cooling is None else min(len(batches), cooling[1])
    started = saved = shown = time.monotonic()
    seen = 0
    while step < steps and not (seen and until()):
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * rate(step, len(batches), plan.warm_up, cooling)
        with torch.autocast(device.type, dtype=dtype, enabled=dtype is not None):
            loss = loss_of(model, batches[step])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, plan.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        value = float(loss.detach())
        average = value if average is None else 0.98 * average + 0.02 * value
        seen += len(batches[step])
        step += 1
        now = time.monotonic()
        if now - shown >= plan.report_every or step == steps:
            shown = now
            speed = seen / max(now - started, 1e-6)
            left = sum(map(len, batches[step:steps])) / speed
            lr = optimizer.param_groups[0]["lr"]
            report(Progress(step, steps, average, lr, speed, left))
        if now - saved >= plan.save_every:
            saved = now
            state.save(Place(step, average, before + now - started, cooling))
    seconds = time.monotonic() - started
    state.save(Place(step, average, before + seconds, cooling))
    return Outcome(step, steps, average or 0.0, seconds, before + seconds)


def rate(step: int, steps: int, warm_up: float, cooling: tuple[int, int] | None = None) -> float:
    """The share of the learning rate at a step: up in a line, then down to 0 in a line.

    With `cooling`, (first step, end), down to 0 from what it is at that first step.
    """
    if cooling is not None and step >= cooling[0]:
        first, end = cooling
        return rate(first, steps, warm_up) * (end - step) / max(1, end - first)
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))


def identity(batches: Sequence[Batch], plan: Plan) -> str:
    """What a checkpoint must agree on: the examples' order and all that steers the course."""
    steering = asdict(plan)
    for name in ("device", "precision", "save_every", "report_every"):
        steering.pop(name)
    told = json.dumps([steering, [list(batch) for batch in batches]])
    return hashlib.sha256(told.encode()).hexdigest()


def _groups(model: torch.nn.Module, decay: float) -> list[dict[str, Any]]:
    """Biases and norms are not decayed."""
    trained = [one for one in model.parameters() if one.requires_grad]
    return [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run is; `cooling` is set once it was told to end early."""

    step: int = 0
    average: float | None = None
    seconds: float = 0.0
    cooling: tuple[int, int] | None = None


@dataclass(frozen=True)
class _State:
    path: Path
    model: Any
    optimizer: Any
    identity: str

    def save(self, place: Place) -> None:
        import torch

        names = {name for name, one in self.model.named_parameters() if one.requires_grad}
        weights = {n: value for n, value in self.model.state_dict().items() if n in names}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        stored = asdict(place) | {
            "identity": self.identity,
            "weights": weights,
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(stored, part)
        part.replace(self.path)

    def load(self, device: torch.device) -> Place:
        """Where the run stands; without a checkpoint at its beginning."""
        import torch

        if not self.path.exists():
            return Place()
        stored = torch.load(self.path, map_location=device, weights_only=True)
        if stored["identity"] != self.identity:
            raise CannotResume(
                f"{self.path} was made with other examples or settings. "
                "Give the same ones, or another folder."
            )
        self.model.load_state_dict(stored["weights"], strict=False)
        self.optimizer.load_state_dict(stored["optimizer"])
        torch.set_rng_state(stored["random"].cpu())
        cooling = stored.get("cooling")
        return Place(
            stored["step"],
            stored["average"],
            stored["seconds"],
            (cooling[0], cooling[1]) if cooling else None,
        )

"""The training loop: the same weights whether a run was interrupted or not."""

from __future__ import annotations

import pytest

from qa_engine.training import loop
from qa_engine.training.loop import CannotResume, Plan, bucketed, rate

pytestmark = pytest.mark.slow
PLAN = Plan(learning_rate=0.01, precision="float32", device="cpu")
BATCHES = [[n % 7, (n * 3) % 7] for n in range(20)]


def model_of(seed=0):
    import torch

    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.2), torch.nn.Linear(4, 1))


def loss_of(model, batch):
    import torch

    rows = torch.tensor([[n, n % 2, 1.0] for n in batch])
    return ((model(rows)[:, 0] - rows[:, 0] / 7) ** 2).mean()


def weights(model):
    return [value.tolist() for value in model.state_dict().values()]


def go(model, folder, **options):
    plan = options.pop("plan", PLAN)
    return loop.run(model, loss_of, BATCHES, plan, folder, report=print, **options)


def test_an_interrupted_run_ends_with_the_very_same_weights(tmp_path):
    whole, first, second = model_of(), model_of(), model_of(seed=5)
    go(whole, tmp_path / "whole")
    count = iter(range(100))
    stopped = go(first, tmp_path / "cut", until=lambda: next(count) == 6)
    assert 0 < stopped.step < 20
    assert not stopped.is_finished
    ended = go(second, tmp_path / "cut")
    assert ended.is_finished
    assert weights(second) == weights(whole)


def test_another_order_or_rate_cannot_go_on(tmp_path):
    go(model_of(), tmp_path, until=lambda: True)
    with pytest.raises(CannotResume, match="other examples or settings"):
        go(model_of(), tmp_path, plan=Plan(learning_rate=0.02, precision="float32"))


def test_a_run_can_be_ended_early_with_the_rate_at_nothing(tmp_path):
    go(model_of(), tmp_path, until=lambda: True)
    ended = go(model_of(), tmp_path, cool_down=4)
    assert (ended.step, ended.steps) == (5, 5)


def test_what_is_frozen_stays(tmp_path):
    model = model_of()
    before = model[0].weight.tolist()
    for one in model[0].parameters():
        one.requires_grad_(False)
    go(model, tmp_path)
    assert model[0].weight.tolist() == before


def test_the_rate_rises_and_falls_in_lines():
    assert [round(rate(step, 10, 0.2), 3) for step in (0, 1, 2, 6, 10)] == [0.5, 1, 1, 0.5, 0]
    assert rate(6, 10, 0.2, (6, 8)) == pytest.approx(0.5)
    assert rate(7, 10, 0.2, (6, 8)) == pytest.approx(0.25)


def test_batches_hold_every_example_once_an_epoch_and_like_lengths():
    lengths = [n % 50 for n in range(1000)]
    batches = bucketed(lengths, batch_size=10, seed=1, epochs=2)
    assert sorted(at for batch in batches for at in batch) == sorted([*range(1000)] * 2)
    spread = [max(lengths[at] for at in b) - min(lengths[at] for at in b) for b in batches]
    assert sum(spread) / len(spread) < 3
    assert batches == bucketed(lengths, batch_size=10, seed=1, epochs=2)

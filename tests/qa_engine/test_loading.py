"""Models on their devices, and batches that a device's memory does not hold."""

from __future__ import annotations

import pytest

from qa_engine.backends.loading import Source, chosen_device, halving
from qa_engine.backends.precision import settled
from qa_engine.backends.transformers_embedder import MAX_TOKENS, in_batches
from qa_engine.protocols import ModelUnavailable


def memory_for(most: int, seen: list[int]):
    """A device that holds so many texts at once."""
    import torch

    def run(texts):
        seen.append(len(texts))
        if len(texts) > most:
            raise torch.OutOfMemoryError("no memory left")
        return [text.upper() for text in texts]

    return run


def test_what_does_not_fit_is_done_in_halves_and_in_order():
    seen: list[int] = []
    assert halving(memory_for(2, seen), list("abcdefg")) == list("ABCDEFG")
    assert seen == [7, 3, 1, 2, 4, 2, 2]


def test_what_fits_is_done_at_once():
    seen: list[int] = []
    assert halving(memory_for(8, seen), ["a", "b"]) == ["A", "B"]
    assert seen == [2]


def test_one_text_that_does_not_fit_makes_the_model_unavailable():
    with pytest.raises(ModelUnavailable, match="a single text"):
        halving(memory_for(0, []), ["a", "b"])


def test_other_errors_are_no_reason_to_try_again():
    def broken(texts):
        raise RuntimeError("a kernel failed")

    with pytest.raises(RuntimeError, match="kernel"):
        halving(broken, ["a", "b"])


def test_a_device_that_is_not_there_is_named():
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    assert chosen_device("auto") == chosen_device("cpu") == "cpu"
    with pytest.raises(ModelUnavailable, match="QA_DEVICE='cuda:1'"):
        chosen_device("cuda:1")


def test_an_error_names_the_setting_and_that_nothing_is_downloaded():
    with pytest.raises(ModelUnavailable, match=r"QA_READER_MODEL='nobody/nothing'.*QA_ALLOW_DOW"):
        Source("nobody/nothing", "QA_READER_MODEL").load("AutoModel")


def test_batches_take_every_text_once_and_texts_of_like_length():
    lengths = [3, 200, 5, 4, 198, 256, 3, 90]
    batches = list(in_batches(lengths, batch_size=1))
    assert sorted(at for batch in batches for at in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[at] for at in batch)
        assert len(batch) * longest <= MAX_TOKENS or len(batch) == 1
        assert longest <= 1.05 * min(lengths[at] for at in batch) + 4
    assert list(in_batches([], batch_size=8)) == []


def test_linear_weights_settle_in_the_type_that_they_are_computed_in():
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.LayerNorm(4))
    given = torch.ones(1, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        before = model(given)
    settled(model, torch.bfloat16)
    assert model[0].weight.dtype == torch.bfloat16
    assert model[1].weight.dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(model(given), before)
    assert settled(torch.nn.Linear(2, 2), None).weight.dtype == torch.float32

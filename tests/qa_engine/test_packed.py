"""A reranker in a byte a weight, and the one that comes with the helpdesk."""

from __future__ import annotations

import pytest

from qa_engine.backends import packed
from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.management.commands import pack_reranker
from qa_engine.registry import RERANKER
from tests.qa_engine.tiny import save_tiny_reranker

pytestmark = pytest.mark.slow


def test_the_one_that_comes_along_tells_near_sentences_apart():
    reranker = CrossEncoder(RERANKER)
    question = "hi, i sent back a jacket last week, how long does the refund take?"
    right, near, far = reranker.score(
        [
            (question, "Refunds: How long it takes: A refund takes up to 5 working days."),
            (question, "Returns: Costs: Returning a jacket is free within the EU."),
            (question, "Gift cards: A gift card is valid for three years."),
        ]
    )
    assert right > near > far


def test_weights_in_a_byte_each_say_nearly_the_same(tmp_path, capsys):
    save_tiny_reranker(tmp_path / "whole")
    pack_reranker.Command().handle(
        model=str(tmp_path / "whole"), out=tmp_path / "packed", download=False
    )
    whole = CrossEncoder(str(tmp_path / "whole"), device="cpu", dtype="float32")
    small = CrossEncoder(str(tmp_path / "packed"), device="cpu", dtype="float32")
    pairs = [("how long", "four days"), ("how long", "by post")]

    assert small.score(pairs) == pytest.approx(whole.score(pairs), abs=0.02)
    assert small.fingerprint != whole.fingerprint
    assert f"{tmp_path / 'packed' / packed.FILE}" in capsys.readouterr().out


def test_packing_moves_no_weight_by_more_than_half_a_step():
    import torch

    torch.manual_seed(3)
    weights = {"a.weight": torch.randn(7, 5) * torch.logspace(-3, 3, 7)[:, None]}
    weights["a.bias"] = torch.randn(7)
    weights["empty.weight"] = torch.zeros(2, 2)
    back = packed.unpack(packed.pack(weights))

    step = weights["a.weight"].abs().amax(dim=1, keepdim=True) / 127
    assert bool(((back["a.weight"] - weights["a.weight"]).abs() <= step * 0.501).all())
    assert torch.equal(back["a.bias"], weights["a.bias"])
    assert torch.equal(back["empty.weight"], weights["empty.weight"])


def test_what_was_never_packed_is_read_as_it_is(tmp_path):
    import torch
    from safetensors.torch import save_file

    whole = {"a.weight": torch.tensor([[0.5, 1.5]]), "a.bias": torch.tensor([2.5])}
    save_file({name: one.half() for name, one in whole.items()}, tmp_path / packed.FILE)
    back = packed.load(tmp_path / packed.FILE)
    assert {name: one.dtype for name, one in back.items()} == dict.fromkeys(whole, torch.float32)
    assert all(torch.equal(back[name], one) for name, one in whole.items())


def test_a_packed_file_that_is_none_is_told_with_its_name(tmp_path):
    (tmp_path / packed.FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match=packed.FILE):
        packed.load(tmp_path / packed.FILE)

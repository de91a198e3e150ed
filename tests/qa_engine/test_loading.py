"""Models on their devices, and batches that a device's memory does not hold."""

from __future__ import annotations

from typing import Any

import pytest

from qa_engine.backends.loading import SHARDS, Source, chosen_device, halving
from qa_engine.backends.precision import is_cast, settled
from qa_engine.backends.transformers_embedder import CALL, MAX_TOKENS, in_batches
from qa_engine.protocols import ModelUnavailable
from tests.qa_engine.tiny import save_tiny_reranker


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
        assert sum(longest - lengths[at] for at in batch) <= CALL
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


def tiny(kind: str, **options: Any) -> Any:
    """An encoder of random weights, always the same ones."""
    import torch
    import transformers

    torch.manual_seed(6)
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=32, **options,
    )  # fmt: skip
    return getattr(transformers, f"{kind}Model")(config).eval()


def kinds_of_layers(model: Any) -> set[str]:
    return {type(layer).__name__ for layer in model.encoder.layer}


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "XLMRoberta"])
@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_fused_layers_say_the_very_same(kind, name):
    import torch

    dtype = None if name == "float32" else torch.bfloat16
    plain, fused = tiny(kind), settled(tiny(kind), dtype)
    assert kinds_of_layers(plain) == {f"{kind}Layer"}
    assert kinds_of_layers(fused) == {"FusedLayer"}
    # Texts of one length need no mask; of several, the shorter ones' ends are not looked at.
    tokens = torch.randint(5, 40, (3, 9), generator=torch.Generator().manual_seed(2))
    shorter = torch.ones(3, 9, dtype=torch.long)
    shorter[1, 4:] = 0
    cast = torch.autocast("cpu", dtype=dtype or torch.bfloat16, enabled=dtype is not None)
    with torch.inference_mode(), cast:
        for mask in (torch.ones_like(shorter), shorter):
            found, same = (
                model(input_ids=tokens, attention_mask=mask).last_hidden_state
                for model in (plain, fused)
            )
            assert torch.equal(found, same)
    assert is_cast(fused)  # by what takes the first token's state further
    fused.pooler = None
    assert not is_cast(fused)


def test_layers_that_compute_otherwise_are_left_alone():
    assert kinds_of_layers(settled(tiny("Bert", hidden_act="relu"), None)) == {"BertLayer"}
    assert kinds_of_layers(settled(tiny("Bert", is_decoder=True), None)) == {"BertLayer"}
    eager = tiny("Bert", attn_implementation="eager")
    assert kinds_of_layers(settled(eager, None)) == {"BertLayer"}


@pytest.mark.slow
def test_weights_in_several_files_are_loaded_and_have_one_name(tmp_path):
    from transformers import AutoModelForSequenceClassification

    save_tiny_reranker(tmp_path / "whole")
    whole = AutoModelForSequenceClassification.from_pretrained(tmp_path / "whole")
    save_tiny_reranker(tmp_path / "parts")
    (tmp_path / "parts" / "model.safetensors").unlink()
    whole.save_pretrained(tmp_path / "parts", max_shard_size="4KB")
    assert (tmp_path / "parts" / SHARDS).is_file()
    source = Source(str(tmp_path / "parts"), "QA_RERANKER", "cpu")

    _, model = source.load("AutoModelForSequenceClassification")
    assert all(
        (one == other).all()
        for one, other in zip(whole.parameters(), model.parameters(), strict=True)
    )
    named = source.weights_digest()
    assert len(named) == 12
    first = sorted((tmp_path / "parts").glob("*.safetensors"))[0]
    first.write_bytes(first.read_bytes()[:-1] + b"\x7f")
    assert source.weights_digest() != named
    first.unlink()
    with pytest.raises(ModelUnavailable, match=f"{first.name} is missing"):
        source.weights_digest()


@pytest.mark.slow
def test_a_model_without_safetensors_is_refused_in_words(tmp_path):
    import torch

    save_tiny_reranker(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    source = Source(str(tmp_path), "QA_RERANKER", "cpu")
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors is missing"):
        source.weights_digest()
    torch.save({}, tmp_path / "pytorch_model.bin")
    for refused in (
        source.weights_digest,
        lambda: source.load("AutoModelForSequenceClassification"),
    ):
        with pytest.raises(ModelUnavailable, match="not in safetensors"):
            refused()


def test_an_index_of_files_that_names_none_is_told(tmp_path):
    (tmp_path / SHARDS).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="does not name its files"):
        Source(str(tmp_path), "QA_EMBEDDER").weights_digest()

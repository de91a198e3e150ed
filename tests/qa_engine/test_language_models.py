"""The models behind the generative writer and the entailment check, tiny but real."""

from __future__ import annotations

import pytest

from qa_engine.backends.causal import MAX_PROMPT, CausalGenerator
from qa_engine.backends.entailment import TransformersEntailment
from qa_engine.protocols import ModelUnavailable
from qa_engine.types import ChatMessage

pytestmark = pytest.mark.slow

WORDS = ["[UNK]", "[PAD]", "[EOS]", "you", "can", "return", "it", "within", "30", "days"]
TEMPLATE = "{% for m in messages %}{{ m.role }} : {{ m.content }} {% endfor %}assistant :"


def _tokenizer():
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]", eos_token="[EOS]"
    )


@pytest.fixture(scope="module")
def causal_dir(tmp_path_factory):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("causal")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(WORDS), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, pad_token_id=1, eos_token_id=2,
        bos_token_id=None,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer = _tokenizer()
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


def _chat(text):
    return [ChatMessage("system", "you"), ChatMessage("user", text)]


def test_a_batch_writes_what_each_prompt_alone_would(causal_dir):
    generator = CausalGenerator(str(causal_dir), device="cpu", dtype="float32", max_new_tokens=6)
    chats = [_chat("return it"), _chat("can you return it within 30 days")]

    together = generator.generate(chats)

    assert [one.problem for one in together] == ["", ""]
    assert together == [generator.generate([chat])[0] for chat in chats]
    assert generator.generate([]) == []


def test_a_prompt_that_is_too_long_is_told(causal_dir):
    generator = CausalGenerator(str(causal_dir), device="cpu", dtype="float32", max_new_tokens=2)
    [answer] = generator.generate([_chat("days " * (MAX_PROMPT + 1))])
    assert answer.problem == "the prompt is too long"


def test_a_missing_model_names_its_setting():
    with pytest.raises(ModelUnavailable, match="QA_GENERATOR"):
        CausalGenerator("/nowhere/at/all").warm_up()
    with pytest.raises(ModelUnavailable, match="QA_ENTAILMENT"):
        TransformersEntailment("/nowhere/at/all").warm_up()


def _classifier(folder, labels):
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, num_labels=len(labels), pad_token_id=1,
        id2label=dict(enumerate(labels)),
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return str(folder)


def test_entailment_is_a_probability_of_each_pair(tmp_path):
    model = _classifier(tmp_path, ["contradiction", "entailment", "neutral"])
    check = TransformersEntailment(model, device="cpu")
    found = check.entail([("you can return it", "return it"), ("within 30 days", "you can")])

    assert len(found) == 2
    assert all(0 < one < 1 for one in found)
    assert check.entail([]) == []


def test_a_classifier_of_something_else_is_refused(tmp_path):
    model = _classifier(tmp_path, ["good", "bad"])
    with pytest.raises(ModelUnavailable, match="entailment"):
        TransformersEntailment(model, device="cpu").warm_up()

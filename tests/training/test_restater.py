"""A language model learns to say what letters want to know: small, but real."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from qa_engine.backends.causal import CausalGenerator
from qa_engine.restating import Restater, chat
from qa_engine.training import restater
from qa_engine.training.encoder import Lora
from qa_engine.training.restater import Letter
from qa_engine.types import DraftRequest
from tests.qa_engine.test_language_models import TEMPLATE

pytestmark = [
    pytest.mark.slow,
    # peft asks transformers by a name that is to go.
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning"),
]

THINGS = ("tent", "boot", "jacket", "stove", "filter", "pole", "mat", "lamp", "pack", "peg")
TELLINGS = (
    "My {} broke on the first night.", "The {} is no good to me.", "That {} was a present.",
    "I bought a {} and rue it.", "Nobody here wants the {} now.", "Your {} lies in my hall.",
)  # fmt: skip
ENDING = "[EOS]"
QUESTION = "How do I return it ?"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A chat model of two thin layers that has every word of the prompt, and knows nothing."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    said = [f"{turn.content}" for turn in chat(*_prompt("tent", TELLINGS[0]))]
    texts = [*said, *TELLINGS, *THINGS, QUESTION, "system : user : assistant :"]
    words = sorted({word for text in texts for word in text.split()} | set(_plain_words()))
    vocabulary = ["[UNK]", "[PAD]", ENDING, *words]
    inner = Tokenizer(WordLevel({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    inner.pre_tokenizer = WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]", eos_token=ENDING
    )
    tokenizer.chat_template = TEMPLATE.replace(
        "{% endfor %}assistant :",
        "{% if m.role == 'assistant' %}[EOS]{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}assistant : {% endif %}",
    )
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=48, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=4, pad_token_id=1, eos_token_id=2,
        bos_token_id=None, initializer_range=0.3,  # its head stays, and has to tell words apart
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def _plain_words():
    return [word for thing in THINGS for text in TELLINGS for word in text.format(thing).split()]


def _prompt(thing, telling):
    from qa_engine.prompting import redactor_of

    request = DraftRequest(text=telling.format(thing))
    return request, redactor_of(request)


@pytest.fixture
def letters(tmp_path):
    rows = [
        {
            "id": f"{thing}-{number}", "subject": "", "body": telling.format(thing),
            "gold": {
                "answerable": True, "category": "answerable",
                "questions": [{"text": QUESTION, "articles": ["a"]}],
            },
        }
        for thing in THINGS
        for number, telling in enumerate(TELLINGS)
    ]  # fmt: skip
    file = tmp_path / "letters.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_it_learns_the_questions_alone_and_how_to_end(base):
    learner = restater.load(base, Lora(2, 7))
    request, redactor = _prompt("tent", TELLINGS[0])
    tokens, wanted = learner.example(Letter(request, (QUESTION,)))

    learnt = [token for token in wanted if token >= 0]
    assert tokens[-len(learnt) :] == learnt
    assert learner.tokenizer.convert_ids_to_tokens(learnt) == [
        *QUESTION.split(), ENDING,
    ]  # fmt: skip
    given = learner.tokenizer.decode(tokens[: -len(learnt)])
    assert "My tent broke on the first night." in given
    assert redactor.redact(request.text) in given


def test_it_is_trained_stopped_and_goes_on_and_restates(base, letters, tmp_path):
    out = tmp_path / "out"
    options = {
        "base": base, "out": out, "epochs": 12, "batch_size": 6, "rank": 16,
        "learning_rate": 2e-2, "device": "cpu", "precision": "float32",
    }  # fmt: skip
    said = StringIO()
    call_command("train_restater", str(letters), minutes=0.0001, stdout=said, **options)
    assert "The same command goes on." in said.getvalue()
    call_command("train_restater", str(letters), stdout=said, **options)

    told = json.loads((out / "restater.json").read_text(encoding="utf-8"))
    assert told["held_out_loss"]["after"] < 0.3 * told["held_out_loss"]["before"]
    assert told["letters"] == len(THINGS) * len(TELLINGS)
    assert len(told["data"]["letters.jsonl"]) == 64
    assert not (out / "run").exists()
    trained = Restater(CausalGenerator(str(out), device="cpu", dtype="float32", max_new_tokens=20))
    untaught = Restater(CausalGenerator(base, device="cpu", dtype="float32", max_new_tokens=20))
    requests = [_prompt(thing, TELLINGS[1])[0] for thing in THINGS]
    assert trained.restate(requests) == [[QUESTION]] * len(THINGS)
    assert [QUESTION] not in untaught.restate(requests)


@pytest.mark.parametrize(
    ("name", "lines", "why"),
    [("/no/such/model", 60, "QA_GENERATOR"), ("", 60, "Name a model"), ("base", 49, "50 are")],
)
def test_what_cannot_be_trained_is_told(base, letters, tmp_path, name, lines, why):
    rows = letters.read_text(encoding="utf-8").splitlines()[:lines]
    letters.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(CommandError, match=why):
        call_command(
            "train_restater", str(letters), base=base if name == "base" else name,
            out=tmp_path / "out",
        )  # fmt: skip

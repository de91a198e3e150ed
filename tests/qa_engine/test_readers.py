"""Every reader must pass the same tests; the span reader on a tiny model made here."""

from __future__ import annotations

import itertools
import json
import sys

import pytest

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.backends.span_decoding import Found, Reach, _best, _pairs
from qa_engine.backends.span_reader import MANIFEST, WEIGHTS, Scale, SpanReader
from qa_engine.protocols import ModelUnavailable, Reader
from qa_engine.questions import Question
from qa_engine.types import Candidate
from tests.qa_engine.tiny import save_tiny_reader

BODY = """Intro.

You can return any unused item within 30 days of delivery. Labels cost €4.95.

Parcels to Norway take 4 to 7 working days."""


def passage(text: str, body: str = BODY) -> Candidate:
    start = body.index(text)
    return Candidate(
        passage_id=1,
        article_id=1,
        revision_id=1,
        title="Returns",
        heading_path="",
        text=text,
        start=start,
        end=start + len(text),
        score=1.0,
        lanes={"dense": 0.5},
        body=body,
    )


RETURNS = passage("You can return any unused item within 30 days of delivery. Labels cost €4.95.")
NORWAY = passage("Parcels to Norway take 4 to 7 working days.")
QUESTIONS = [Question("How long may I return it?"), Question("How long to Norway?"), Question("")]
FOUND = [[RETURNS, NORWAY], [NORWAY], []]


@pytest.fixture(scope="module")
def tiny_reader_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("reader")
    save_tiny_reader(directory)
    return directory


@pytest.fixture(params=["sentences", pytest.param("spans", marks=pytest.mark.slow)])
def reader(request) -> Reader:
    if request.param == "sentences":
        return SentenceReader(HashingEmbedder())
    return SpanReader(str(request.getfixturevalue("tiny_reader_dir")))


@pytest.fixture
def spans(tiny_reader_dir) -> SpanReader:
    return SpanReader(str(tiny_reader_dir), dtype="float32", reach=Reach(window=40, stride=12))


def test_each_question_gets_its_own_spans_best_first(reader):
    read = reader.read(QUESTIONS, FOUND)
    assert len(read) == 3
    assert read[2] == []
    for some in read:
        assert [span.score for span in some] == sorted((s.score for s in some), reverse=True)
        assert all(0 <= span.share <= 1 for span in some)


def test_a_span_is_a_quotation_of_its_revision(reader):
    for some in reader.read(QUESTIONS, FOUND):
        for span in some:
            assert span.text == BODY[span.start : span.end]
            assert span.text.strip()


def test_no_two_spans_of_a_passage_overlap(reader):
    for some in reader.read(QUESTIONS, FOUND):
        places = sorted((span.start, span.end) for span in some)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(places))


def test_a_batch_reads_as_each_question_alone(reader):
    together = reader.read(QUESTIONS, FOUND)
    alone = [reader.read([q], [c])[0] for q, c in zip(QUESTIONS, FOUND, strict=True)]
    assert [[s.text for s in some] for some in together] == [
        [s.text for s in some] for some in alone
    ]


def test_the_fingerprint_needs_no_weights_in_memory(reader):
    assert reader.fingerprint
    reader.warm_up()
    reader.warm_up()


@pytest.mark.slow
def test_a_long_passage_is_read_to_its_end(spans):
    text = "nothing to see here. " * 40 + "the answer is 42."
    [found] = spans.find([("what is the answer?", text)])
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    everywhere = SpanReader(
        spans._model, dtype="float32", reach=Reach(window=40, stride=12, kept=200)
    )
    [found] = everywhere.find([("what is the answer?", text)])
    assert max(one.end for one in found) > len(text) - 20


@pytest.mark.slow
def test_a_question_longer_than_the_window_is_cut(spans):
    reach = Reach(window=60, question=20)
    reader = SpanReader(spans._model, dtype="float32", reach=reach)
    [found] = reader.find([("why " * 300, "because it is so.")])
    assert found


@pytest.mark.slow
def test_an_answer_is_no_longer_than_allowed(spans):
    reader = SpanReader(spans._model, dtype="float32", reach=Reach(answer=3))
    [found] = reader.find([("how long?", "a b c d e f g h i j k l m n o p")])
    assert found
    assert all(one.end - one.start <= len("a b c") for one in found)


@pytest.mark.slow
def test_an_empty_passage_has_no_spans(spans):
    assert spans.find([("how long?", ""), ("how long?", "  \n")]) == [[], []]


@pytest.mark.slow
def test_only_what_was_trained_is_laid_over_the_base(tiny_reader_dir, tmp_path):
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(tiny_reader_dir / "model.safetensors")
    head = {n: v.to(torch.float16) + 1 for n, v in weights.items() if n == "qa_outputs.bias"}
    save_file(head, tmp_path / WEIGHTS)
    manifest = {"base": str(tiny_reader_dir), "scale": {"slope": 2.0, "intercept": -1.0}}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    reader = SpanReader(str(tmp_path), dtype="float32")
    plain = SpanReader(str(tiny_reader_dir), dtype="float32")
    pair = [("how long?", "30 days of delivery")]
    # The same amount on all starts and ends changes no margin.
    assert reader.find(pair)[0][0].margin == pytest.approx(plain.find(pair)[0][0].margin, abs=1e-2)
    assert reader.scale == Scale(2.0, -1.0)
    assert reader.fingerprint != plain.fingerprint


@pytest.mark.slow
def test_another_base_than_it_was_trained_on_is_refused(tiny_reader_dir, tmp_path):
    manifest = {"base": str(tiny_reader_dir), "base_digest": "0" * 12}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelUnavailable, match="other weights"):
        SpanReader(str(tmp_path)).warm_up()


def test_a_missing_model_names_the_setting(tmp_path):
    for model in (str(tmp_path), "nobody/nothing", "nowhere"):
        with pytest.raises(ModelUnavailable, match="QA_READER_MODEL"):
            SpanReader(model).warm_up()


def test_building_one_loads_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    SpanReader("some/model")
    with pytest.raises(ModelUnavailable, match="worker"):
        SpanReader("some/model").warm_up()


@pytest.mark.slow
def test_the_best_pairs_by_hand():
    """Starts 1 and 3 are likely, ends 1 and 4: (3, 4) wins with 5 + 4; (1, 4) is too long."""
    import torch

    starts = torch.tensor([[0.0, 3.0, -9.0, 5.0, -9.0]])
    ends = torch.tensor([[0.0, 2.0, -9.0, -9.0, 4.0]])
    first, last, score = _pairs(starts, ends, Reach(answer=3, kept=1))
    assert (first[0, 0], last[0, 0], score[0, 0]) == (3, 4, 9.0)
    assert (first[0, 1], last[0, 1], score[0, 1]) == (1, 1, 5.0)
    assert score[0, 2] < 5.0


def test_of_overlapping_spans_the_better_stays():
    found = [Found(0, 5, 1.0), Found(3, 9, 2.0), Found(9, 12, 0.5)]
    assert _best(found, 5) == [Found(3, 9, 2.0), Found(9, 12, 0.5)]


@pytest.mark.slow
def test_the_reader_that_comes_with_the_helpdesk_answers_and_doubts():
    reader = SpanReader("package:qa_engine/weights/reader")
    text = "Standard shipping to Norway costs €14.95. Parcels take 4 to 7 working days."
    cost, foreign = reader.find(
        [
            ("How much does shipping to Norway cost?", text),
            ("Who painted the Mona Lisa?", text),
        ]
    )
    assert "14.95" in text[cost[0].start : cost[0].end]
    assert cost[0].margin > foreign[0].margin
    assert reader.scale.probability(cost[0].margin) > reader.scale.probability(foreign[0].margin)

"""The span reader as a version: what it learns from replies, how it is judged, what it changes."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from qa_engine import promotion
from qa_engine.backends.span_decoding import Found
from qa_engine.backends.span_reader import MANIFEST, WEIGHTS
from qa_engine.promotion import NotPromotable, promote, roll_back, set_shadow
from qa_engine.registry import RERANKER, get_span_reader, span_reader_for
from qa_engine.services import engine_fingerprint
from qa_engine.training import reader_recipe, running, sets
from qa_engine.training.examples import Example, Source, Taught
from qa_engine.training.options import Options
from qa_engine.training.reader_data import Example as Asked
from qa_engine.training.reader_examples import from_examples, repeated
from qa_engine.training.reader_measuring import judged
from qa_engine.training_models import ModelVersion, PinnedCase, TrainingRun
from tests.qa_engine.tiny import save_tiny_reader
from tests.training.test_promotion import a_version

PASSAGE = "The tent is green. Its **poles** have a warranty of [4 years](x.md), from delivery on."
OURS = "package:qa_engine/weights/reader"


def taught(number: int, *, reply: str = "", wrong: str = "") -> Example:
    name = f"tent-{number // 3}"
    source = Source(name, f"Tent {number}", "", f"Tent {number} is green. It weighs {number} kg.")
    return Example(
        source=f"ticket:{number}",
        taught=Taught.REJECTED if wrong else Taught.WRITTEN,
        question=f"How heavy is tent {number}?",
        reply=reply,
        positives=(source,) if reply else (),
        negatives=(Source(name, "Tents", "", wrong),) if wrong else (),
    )


def test_a_reply_that_repeats_a_sentence_shows_where_the_answer_is():
    start, end = repeated("Good question.\n\nIts poles have a warranty of 4 years.", PASSAGE)
    assert PASSAGE[start:end] == "Its **poles** have a warranty of [4 years"
    reply = "Hi Rex,\n\nas I see it: yes. It weighs 7 kg.\n\nAda"
    [example] = from_examples([taught(7, reply=reply)])
    assert example.context[example.start : example.end] == "It weighs 7 kg"
    assert (example.group, example.is_answerable) == ("tent-2", True)


def test_what_a_passage_does_not_say_or_says_in_few_words_shows_nothing():
    assert repeated("Its pegs have a warranty of 4 years.", PASSAGE) is None
    assert repeated("Yes, it is.", "Yes, it is.") is None
    assert repeated("", PASSAGE) is None


def test_a_passage_that_was_turned_down_does_not_answer():
    [example] = from_examples([taught(7, wrong="Tents are sold in May.")])
    assert (example.context, example.is_answerable) == ("Tents are sold in May.", False)


def asked(count: int, *, is_answerable: bool = True) -> list[Asked]:
    made = []
    for number in range(count):
        context = f"The Rover bicycle {number} has a warranty of {number + 2} years. It is red."
        answer = f"{number + 2} years"
        start = context.index(answer)
        question = f"How long is the warranty of the Rover {number}?"
        span = (start, start + len(answer)) if is_answerable else (-1, -1)
        made.append(Asked(question, context, *span, f"bikes {number}", "bikes.json"))
    return made


def test_what_is_rightly_said_and_what_is_rightly_not_said_counts():
    examples = [*asked(20), *asked(20, is_answerable=False)]
    right = [[Found(one.start, one.end, 6.0)] for one in examples[:20]]
    silent = [[Found(0, 3, -6.0)] for _ in examples[20:]]
    assert judged(examples, [*right, *silent]).scores == (1.0,) * 40
    talkative = [[Found(0, 3, 6.0)] for _ in examples[20:]]
    assert sum(judged(examples, [*right, *talkative]).scores[20:]) == 0.0
    assert judged(examples, [[] for _ in examples]).scores == (0.0,) * 20 + (1.0,) * 20


@pytest.fixture
def tiny(tmp_path, settings) -> str:
    """The reader in force: a model that knows nothing."""
    (tmp_path / "tiny").mkdir()
    save_tiny_reader(tmp_path / "tiny")
    settings.DATA_DIR = tmp_path
    settings.QA_EMBEDDER = "hashing"
    settings.QA_READER_MODEL = str(tmp_path / "tiny")
    return settings.QA_READER_MODEL


@pytest.fixture
def replies(tiny, db):
    """A set of what agents wrote: enough to learn from, and to be judged by."""
    written = [taught(n, reply=f"Hello,\n\nIt weighs {n} kg.\n\nAda") for n in range(330)]
    wrong = [taught(n, wrong="Tents are sold from May to September.") for n in range(60)]
    return sets.keep([*written, *wrong], left_out={})


@pytest.mark.slow
def test_a_training_ends_in_a_candidate_that_was_compared_and_can_be_again(replies, mia):
    options = Options(epochs=1, batch_size=32, device="cpu", precision="float32")
    run = running.ask("reader", training_set=replies, options=options.stored(), by=mia)
    ended = running.work_on(run.pk)
    assert ended.state == TrainingRun.State.DONE, ended.log
    assert ended.curve
    version = ModelVersion.objects.get(run=run)
    assert (version.kind, version.state, version.training_set) == ("reader", "candidate", replies)
    assert version.figures["before"].keys() == version.figures["after"].keys()
    assert version.figures["about"]["examples"]["replies"]["turned down"] > 0
    one = version.comparison
    assert (one["metric"], one["against"]) == ("span F1", None)
    assert one["questions"] == version.figures["about"]["held_out"] >= 50
    assert version.fingerprint == span_reader_for(version.path).fingerprint
    assert not running.folder_of(run).exists()

    ended = running.work_on(running.ask("check", options={"version": version.pk}).pk)
    assert ended.state == TrainingRun.State.DONE, ended.log
    version.refresh_from_db()
    assert version.comparison == one


@pytest.mark.slow
def test_it_goes_on_from_the_reader_in_force(tiny, settings, db):
    assert reader_recipe.recipe_of(Options()).base == tiny
    settings.QA_READER_MODEL = OURS
    recipe = reader_recipe.recipe_of(Options())
    assert recipe.base == RERANKER
    assert recipe.frozen == 4
    assert recipe.weights is not None
    assert json.loads((recipe.weights / MANIFEST).read_text())["base"] == recipe.base
    settings.QA_READER_MODEL = ""
    with pytest.raises(sets.TooLittleData, match="hashing"):
        reader_recipe.recipe_of(Options())


@pytest.mark.slow
def test_too_few_replies_are_no_training(tiny, db):
    few = sets.keep([taught(1, reply="It weighs 1 kg.")], left_out={})
    ended = running.work_on(running.ask("reader", training_set=few).pk)
    assert ended.state == TrainingRun.State.FAILED
    assert "at least 200 are needed" in ended.error
    assert not ModelVersion.objects.exists()


@pytest.mark.slow
def test_one_that_reads_better_by_more_than_chance_may_be_promoted_and_is_used(tiny, mia):
    before = engine_fingerprint()
    version = a_version(kind="reader", path=OURS)
    assert get_span_reader() is span_reader_for(tiny)
    reader_recipe.compare(version, asked(60), {})
    version.refresh_from_db()
    assert version.comparison["is_better"]
    assert version.comparison["after"] > version.comparison["before"] + 0.3

    # Pinned cases ask for drafts; none is written from spans.
    PinnedCase.objects.create(question="May I return it?", answer="30 days")
    assert promotion.refusals(version) == []
    promote(version=version, by=mia)
    assert get_span_reader() is span_reader_for(OURS)
    assert engine_fingerprint() == before
    roll_back(version=version, by=mia)
    assert get_span_reader() is span_reader_for(tiny)


@pytest.mark.slow
def test_one_that_reads_no_better_is_refused(tiny, mia):
    version = a_version(kind="reader", path=tiny)
    reader_recipe.compare(version, asked(60), {})
    with pytest.raises(NotPromotable, match="not better by more than chance: span F1"):
        promote(version=version, by=mia)
    reader_recipe.compare(version, asked(10), {})
    with pytest.raises(NotPromotable, match="Too little to judge by: 10"):
        promote(version=version, by=mia)


def test_no_reader_stands_in_the_shadow(mia):
    with pytest.raises(NotPromotable, match="would draft the same"):
        set_shadow(version=a_version(kind="reader"), by=mia, is_on=True)


def test_the_pages_say_that_no_draft_changes_with_a_reader(mia, browser_of):
    version = a_version(kind="reader")
    url = reverse("admin:qa_engine_modelversion_change", args=[version.pk])
    assert "No draft is written from its spans" in browser_of(mia).get(url).content.decode()
    promoting = reverse("admin:qa_engine_modelversion_act", args=[version.pk, "promote"])
    asked = browser_of(mia).get(promoting).content.decode()
    assert "so no answer changes" in asked
    assert "Workers take it up" not in asked
    start = reverse("admin:qa_engine_trainingrun_start")
    assert "no draft changes with it" in browser_of(mia).get(start).content.decode()
    refused = browser_of(mia).post(start, {"kind": "reader", "use_articles": "on"})
    assert "It learns from replies alone: choose a set." in refused.content.decode()
    assert not TrainingRun.objects.exists()


@pytest.mark.slow
def test_the_command_keeps_a_version_and_overwrites_none(tiny, replies, tmp_path):
    options = {
        "folder": tmp_path / "run", "out": tmp_path / "out", "base": tiny, "batch_size": 64,
        "lengths": [64], "set": "newest", "verbosity": 0,
    }  # fmt: skip
    call_command("train_reader", **options)
    version = ModelVersion.objects.get()
    assert (version.path, version.run) == (str(tmp_path / "out"), None)
    assert version.training_set == replies
    assert version.comparison["questions"] >= 50
    weights = (tmp_path / "out" / WEIGHTS).read_bytes()
    with pytest.raises(CommandError, match="lies in"):
        call_command("train_reader", **options)
    assert (tmp_path / "out" / WEIGHTS).read_bytes() == weights
    call_command("train_reader", **options | {"out": tmp_path / "alone"}, no_version=True)
    assert ModelVersion.objects.count() == 1

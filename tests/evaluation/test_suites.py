"""The suites on a tiny shop, indexed with the embedder that needs no weights."""

from __future__ import annotations

import json

import pytest

from knowledge.models import Article
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.corpus import load_corpus
from qa_engine.evaluation.fingerprints import fingerprints
from qa_engine.evaluation.outcome import thinned
from qa_engine.evaluation.reading import read_squad
from qa_engine.evaluation.spelling import Spelling
from qa_engine.evaluation.squad import NOTHING, LabelledQuestion, load_labelled, load_squad
from qa_engine.evaluation.suites.abstain import (
    choose_router,
    measure_risk,
    measure_routing,
    route,
)
from qa_engine.evaluation.suites.drafts import measure_drafts
from qa_engine.evaluation.suites.reader import measure_reader
from qa_engine.evaluation.suites.retrieval import measure_retrieval, quality
from qa_engine.evaluation.suites.throughput import SIZES, measure_throughput
from qa_engine.evaluation.suites.triage import load_messages, measure_triage
from qa_engine.evaluation.tickets import load_tickets
from qa_engine.registry import embedder_for, reader_for
from qa_engine.types import Span


def silent(_line: str) -> None:
    pass


@pytest.fixture
def corpus(db, articles_file):
    return load_corpus(kb.load_articles(articles_file).records, silent)


class LiteralReader:
    """Finds the words it was made with, wherever they stand."""

    fingerprint = "literal/1+hashing"

    def __init__(self, *words: str) -> None:
        self._words = words

    def warm_up(self) -> None:
        pass

    def read(self, questions, candidates):
        return [
            [
                Span(c, c.text.index(w), c.text.index(w) + len(w), w, score=1.0)
                for c in group
                for w in self._words
                if w in c.text
            ]
            for group in candidates
        ]


def test_a_corpus_is_published_and_indexed_under_its_own_names(corpus):
    assert set(corpus.keys.values()) == {"returns", "washing", "margins"}
    assert corpus.passages == corpus.embedded >= 3
    assert Article.objects.filter(state="published").count() == 3
    assert fingerprints()["index"] != "none"
    assert corpus.figures()["articles"] == 3


def test_loading_a_corpus_again_changes_nothing(corpus, articles_file):
    again = load_corpus(kb.load_articles(articles_file).records, silent)
    assert (again.keys, again.passages, again.embedded) == (corpus.keys, corpus.passages, 0)
    assert "index_passages_per_second" not in again.figures()


def test_the_right_article_comes_first(corpus):
    queries = [
        kb.QueryRecord("1", "What does a return label cost from Ireland?", {"returns": 1.0}),
        kb.QueryRecord("2", "Wash a rain jacket in the machine", {"washing": 1.0}),
    ]
    figures, misses = measure_retrieval(corpus, queries, silent)
    assert (figures["hit@1"], figures["mrr@10"], figures["ndcg@10"]) == (1, 1, 1)
    assert misses == ()
    assert figures["lexical_hit@1"] == 1
    assert {"cpu_ms_per_query", "queries_per_second", "p95_ms"} <= figures.keys()


def test_a_miss_shows_what_came_instead(corpus):
    queries = [kb.QueryRecord("1", "return label from Ireland", {"washing": 1.0})]
    figures, [miss] = measure_retrieval(corpus, queries, silent)
    assert figures["hit@1"] == 0
    assert miss["wanted"] == {"washing": 1.0}
    assert miss["found"][0]["article"] == "returns"


def test_what_a_customer_may_not_read_is_not_found(corpus):
    queries = [kb.QueryRecord("1", "margin on tents", {"margins": 1.0})]
    figures, _misses = measure_retrieval(corpus, queries, silent)
    assert figures["hit@10"] == 0


def test_quality_is_a_mean_over_queries():
    figures = quality([(["a", "b"], {"b": 1.0}), (["a"], {"a": 1.0, "c": 1.0})])
    assert figures["hit@1"] == 1 / 2
    assert figures["mrr@10"] == 3 / 4
    assert figures["recall@10"] == 3 / 4


def test_any_reader_is_scored_by_the_official_definition(squad_file):
    questions = load_squad(squad_file).records
    figures, misses = measure_reader(
        read_squad(
            questions, LiteralReader("1.9 kg", "in four minutes"), HashingEmbedder(), silent
        ),
        min_confidence=0.0,
    )
    # s1 right; s2 answered though it has none; s3 "in four minutes": 2 of 3 words, F1 0.8
    assert figures["exact"] == pytest.approx(100 / 3)
    assert figures["f1"] == pytest.approx(100 * 1.8 / 3)
    assert figures["NoAns_exact"] == 0
    assert figures["best_exact"] >= figures["exact"]
    assert {miss["id"] for miss in misses} == {"s2", "s3"}


def test_a_file_in_which_everything_has_an_answer_is_scored_as_version_1(squad_file):
    questions = [one for one in load_squad(squad_file).records if one.answers]
    figures, _misses = measure_reader(
        read_squad(questions, LiteralReader("1.9 kg", "four minutes"), HashingEmbedder(), silent),
        min_confidence=1.0,  # of no account where there is nothing to refuse
    )
    assert (figures["exact"], figures["f1"]) == (100, 100)
    assert "HasAns_exact" not in figures


def test_risk_is_measured_with_the_confidence_that_production_shows(squad_file):
    figures, curves = measure_risk(
        read_squad(
            load_squad(squad_file).records, reader_for("hashing"), embedder_for("hashing"), silent
        ),
        min_confidence=0.35,
    )
    assert 0 <= figures["aurc_by_quote"] <= figures["aurc_by_f1"] <= 1
    assert 0 <= figures["ece_equal_mass_by_quote"] <= 1
    assert curves["risk_coverage"][-1][0] == 1


def test_routing_refuses_what_is_near_nothing(hint3_files):
    train, test = (load_labelled(path).records for path in hint3_files)
    figures, misses = measure_routing(train, test, embedder=HashingEmbedder(), say=silent)
    assert figures["in_scope_accuracy"] == 1
    assert figures["out_of_scope_recall"] == 1
    assert figures["mcc"] == 1
    assert misses == ()


def test_the_router_comes_from_the_training_questions_alone():
    near = [
        [1.0, 0.8, 0.1, 0.2],
        [0.8, 1.0, 0.2, 0.3],
        [0.1, 0.2, 1.0, 0.8],
        [0.2, 0.3, 0.8, 1.0],
    ]
    router = choose_router(["a", "a", "b", "b"], near, near)
    # to its own kind each has 0.8, to the other one's nearest 0.2 or 0.3
    assert 0.3 < router.threshold <= 0.8
    assert route([("a", 0.9), ("a", 0.2)], router.threshold) == ["a", NOTHING]


def test_a_twin_does_not_answer_for_a_question_while_the_router_is_chosen():
    """Two spellings of one question would vote for each other at any threshold."""
    near = [
        [1.0, 0.95, 0.5, 0.1],
        [0.95, 1.0, 0.5, 0.1],
        [0.5, 0.5, 1.0, 0.1],
        [0.1, 0.1, 0.1, 1.0],
    ]
    assert choose_router(["a", "a", "a", "b"], near, near).threshold <= 0.5


def test_spelling_forgives_a_typing_error():
    spelling = Spelling(["where is my parcel", "which size fits me"])
    first, second = spelling.likeness("were is my parcle")
    assert first > 0.4 > second
    assert spelling.likeness("where is my parcel")[0] == pytest.approx(1)
    assert spelling.likeness("") == [0, 0]


def test_labels_that_mean_nothing_are_not_known_questions():
    train = [LabelledQuestion("parcel", "ORDER"), LabelledQuestion("zebra", NOTHING),
             LabelledQuestion("card", "PAYMENT")]  # fmt: skip
    test = [LabelledQuestion("zebra", NOTHING), LabelledQuestion("parcel", "ORDER")]
    figures, _misses = measure_routing(train, test, embedder=HashingEmbedder(), say=silent)
    assert 0 <= figures["out_of_scope_recall"] <= 1


def test_drafts_are_measured_end_to_end(corpus, tickets_file):
    tickets = load_tickets(tickets_file).records
    figures, _curves, _misses = measure_drafts(corpus, tickets, silent)
    assert figures["tickets"] == 2
    assert figures["answerable_questions"] == 1
    assert figures["unsupported_sentences"] == 0
    assert figures["sure_unanswerable"] == 0
    assert figures["honest_abstentions"] == 1
    assert figures["seconds_per_draft"] > 0


def test_throughput_compares_batches_with_one_at_a_time(corpus, tickets_file):
    tickets = load_tickets(tickets_file).records
    figures, curves = measure_throughput(tickets, embedder=HashingEmbedder(), drafts=4, say=silent)
    assert [size for size, _ in curves["drafts_per_second"]] == list(SIZES)
    assert figures["speedup@32"] > 0
    assert figures["peak_mb"] >= figures["rest_mb"] > 1


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    points = [[float(n), 0.0] for n in range(1000)]
    thin = thinned(points)
    assert (len(thin), thin[0], thin[-1]) == (60, points[0], points[-1])
    assert thinned(points[:10]) == points[:10]


def test_handing_over_is_measured_by_language(tmp_path):
    file = tmp_path / "messages.jsonl"
    rows = [
        {"text": "I will sue you", "language": "en", "reason": "legal"},
        {"text": "Which size fits me?", "language": "en", "reason": None},
        {"text": "Ich bin stinksauer", "language": "de", "reason": "legal"},
        {"text": "x", "reason": "nonsense"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    loaded = load_messages(file)
    assert [refusal.reason for refusal in loaded.refusals] == [
        "it has an unknown reason: nonsense"
    ]
    figures, [miss] = measure_triage(loaded.records)
    assert (figures["precision"], figures["recall"], figures["right_reason"]) == (1, 1, 0.5)
    assert (figures["right_reason_en"], figures["right_reason_de"]) == (1, 0)
    assert (miss["wanted"], miss["found"]) == ("legal", "anger")

"""Files are read as documented, and what cannot be used is told with its place."""

from __future__ import annotations

import hashlib

import pytest

from qa_engine import indexable
from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.data import UnusableData, digest_of
from qa_engine.evaluation.passages import UNTITLED, filled, paragraph_queries, paragraphs
from qa_engine.evaluation.squad import load_labelled, load_squad
from qa_engine.evaluation.tickets import load_tickets
from tests.evaluation.conftest import ARTICLES, TICKETS, write_jsonl


def test_articles_keep_their_names_and_the_file_its_digest(articles_file):
    loaded = kb.load_articles(articles_file)
    assert [one.key for one in loaded.records] == ["returns", "washing", "margins"]
    assert [one.is_internal for one in loaded.records] == [False, False, True]
    assert loaded.digest == hashlib.sha256(articles_file.read_bytes()).hexdigest()
    assert loaded.described() == {
        "name": "articles.jsonl",
        "sha256": loaded.digest,
        "records": 3,
        "refused": 0,
    }


def test_a_record_that_cannot_be_used_is_told_with_line_and_reason(tmp_path):
    path = write_jsonl(
        tmp_path / "a.jsonl",
        [
            ARTICLES[0],
            {"external_id": "x", "title": "No body"},
            ARTICLES[0],
            {"external_id": "y", "title": "T", "body": "B", "issue": "not in it"},
        ],
    )
    path.write_text(path.read_text() + "no json\n[1]\n")
    loaded = kb.load_articles(path)
    assert len(loaded.records) == 1
    told = [(one.place.rpartition(":")[2], one.reason) for one in loaded.refusals]
    assert [place[-1:] for place, _ in told] == ["2", "3", "4", "5", "6"]
    reasons = [reason for _, reason in told]
    assert reasons[:3] == [
        "it has no body",
        "another article is called returns, too",
        "its issue does not stand in its body",
    ]


def test_a_folder_of_markdown_is_a_file_of_articles(tmp_path):
    (tmp_path / "shipping").mkdir()
    page = tmp_path / "shipping" / "uk.md"
    page.write_text("---\nexternal_id: uk\ntitle: To the UK\n---\n\nFour days.\n")
    before = kb.load_articles(tmp_path)
    assert [(one.key, one.body.strip()) for one in before.records] == [("uk", "Four days.")]
    page.write_text(page.read_text() + "Or five.\n")
    assert digest_of(tmp_path) != before.digest


def test_an_issue_becomes_a_query_of_plain_words(articles_file):
    records = kb.load_articles(articles_file).records
    [query] = kb.issue_queries(records)
    assert query.key == "washing"
    assert query.text == (
        "The jacket smells of smoke after a camp fire and shower gel did not help."
    )
    assert "smoke" not in kb.without_issue(records[1]).body
    assert "## Solution" in kb.without_issue(records[1]).body


def test_a_long_issue_gives_its_first_sixty_words_and_a_short_one_none():
    assert len(kb.issue_query("word " * 100).split()) == 60
    article = kb.ArticleRecord("a", "A", "too short", issue="too short")
    assert kb.issue_queries([article]) == []


def test_queries_name_one_article_or_several_or_how_good_each_is(tmp_path):
    path = write_jsonl(
        tmp_path / "q.jsonl",
        [
            {"question": "one?", "article": "returns"},
            {"id": "q2", "query": "two?", "articles": ["returns", "washing"]},
            {"query": "three?", "articles": {"returns": 2, "washing": 0}},
            {"query": "none?", "article": None},
            {"query": "unknown?", "articles": ["gone"]},
            {"query": "odd?", "articles": {"returns": "much"}},
        ],
    )
    loaded = kb.load_queries(path, {"returns", "washing"})
    assert [dict(one.articles) for one in loaded.records] == [
        {"returns": 1.0},
        {"returns": 1.0, "washing": 1.0},
        {"returns": 2.0},
    ]
    assert [(one.place, one.reason) for one in loaded.refusals] == [
        ("q.jsonl:4", "it names no article"),
        ("q.jsonl:5", "there is no article gone"),
        ("q.jsonl:6", "its articles have gains that are no numbers"),
    ]


def test_squad_tells_what_has_no_answer(squad_file):
    records = load_squad(squad_file).records
    assert [(one.key, one.answers) for one in records] == [
        ("s1", ("1.9 kg",)),
        ("s2", ()),
        ("s3", ("four minutes",)),
    ]
    assert records[0].paragraph == records[1].paragraph != records[2].paragraph


def test_both_spellings_of_an_article_are_one_group(squad_file):
    one, *_ = load_squad(squad_file).records
    assert type(one)("x", "?", "1973_oil_crisis", "p", "c", ()).group == "1973 oil crisis"


def test_labelled_questions_are_csv(hint3_files):
    records = load_labelled(hint3_files[1]).records
    assert [one.label for one in records] == ["ORDER", "PAYMENT", "NO_NODES_DETECTED"]


def test_tickets_are_read_with_what_a_good_draft_says(tickets_file, tmp_path):
    first, second = load_tickets(tickets_file).records
    assert first.requester_name == "Rex Ortega"
    assert first.parts[0].contains == ("within 30 days",)
    assert (second.body[:10], second.parts) == ("I will sue", ())

    broken = [
        TICKETS[0] | {"gold": {}},
        TICKETS[0] | {"gold": {"answerable": True, "questions": []}},
        TICKETS[0] | {"messages": [{"from": "agent", "body": "Hello"}]},
        TICKETS[1],
    ]
    loaded = load_tickets(write_jsonl(tmp_path / "broken.jsonl", broken))
    assert [(one.place, one.reason) for one in loaded.refusals] == [
        ("broken.jsonl:1", "it has no gold.answerable"),
        ("broken.jsonl:2", "it is answerable, but no question of it names an article"),
        ("broken.jsonl:3", "no message of it is from the requester"),
    ]


@pytest.mark.parametrize(
    ("load", "name", "text"),
    [
        (load_squad, "x.json", "[]"),
        (load_squad, "x.json", '{"data": []}'),
        (load_labelled, "x.csv", "a,b\n1,2\n"),
        (load_tickets, "x.jsonl", ""),
        (kb.load_articles, "x.txt", "hello"),
    ],
)
def test_a_file_without_a_usable_record_is_an_error_that_names_it(tmp_path, load, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UnusableData, match="x"):
        load(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    for load in (load_squad, load_labelled, load_tickets, kb.load_articles):
        with pytest.raises(UnusableData, match="gone"):
            load(tmp_path / "gone.jsonl")


def test_the_peers_set_is_paragraphs_filled_up_with_pieces_of_articles(squad_file):
    questions = load_squad(squad_file).records
    fill = [kb.ArticleRecord("a", "A", " ".join(f"word{n}" for n in range(250)))]
    found, queries = filled(
        paragraphs(questions, titled=False),
        paragraph_queries([one for one in questions if one.answers]),
        fill,
        passages=4,
        sample=1,
        seed=7,
    )
    assert len(found) == 4  # 2 paragraphs and 2 of the pieces of 120, 120 and 10 words
    assert {one.title for one in found} == {UNTITLED}
    assert len(queries) == 1
    with pytest.raises(UnusableData, match="4 passages, not 5"):
        filled(found[:2], queries, fill, passages=5, sample=1, seed=7)


def test_an_untitled_passage_is_found_by_its_own_words_alone():
    assert indexable.head(UNTITLED, "") == ""

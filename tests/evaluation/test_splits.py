"""Tuning and measuring never share an article."""

from __future__ import annotations

import pytest

from qa_engine.evaluation.articles import QueryRecord
from qa_engine.evaluation.splits import Part, choose, part_of

QUERIES = [
    QueryRecord(f"q{article}-{number}", "?", {f"article {article}": 1.0})
    for article in range(200)
    for number in range(3)
]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_parts_share_no_article_and_make_up_the_whole(seed, share):
    tune = choose(QUERIES, part=Part.TUNE, seed=seed, share=share).questions
    measure = choose(QUERIES, part=Part.MEASURE, seed=seed, share=share).questions
    assert not {one.group for one in tune} & {one.group for one in measure}
    assert len(tune) + len(measure) == len(QUERIES)
    assert abs(len(tune) / len(QUERIES) - share) < 0.12


def test_the_part_of_an_article_depends_on_nothing_else():
    among = {one.key for one in choose(reversed(QUERIES), part=Part.TUNE).questions}
    for article in range(20):
        mine = QUERIES[3 * article : 3 * article + 3]
        alone = {one.key for one in choose(mine, part=Part.TUNE).questions}
        assert alone == {one.key for one in mine} & among
    assert {part_of("a", seed=seed) for seed in range(20)} == {Part.TUNE, Part.MEASURE}


def test_what_was_chosen_is_named_by_its_questions_and_not_by_their_order():
    forward, backward = choose(QUERIES), choose(QUERIES[::-1])
    assert forward.described() == backward.described()
    assert forward.described()["questions"] == 600
    other = choose(QUERIES, part=Part.TUNE)
    assert other.described()["sha256"] != forward.described()["sha256"]


def test_a_sample_is_drawn_by_the_seed():
    first, again = choose(QUERIES, sample=10, seed=1), choose(QUERIES, sample=10, seed=1)
    other = choose(QUERIES, sample=10, seed=2)
    assert len(first.questions) == 10
    assert first == again != other
    assert len(choose(QUERIES, sample=10_000).questions) == 600

"""Several people save one article at one time: real transactions, real threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from knowledge.exceptions import ArticleMovedOn
from knowledge.services import save_revision
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article


@pytest.mark.django_db(transaction=True)
def test_of_four_who_edit_the_same_revision_one_saves_and_three_are_told():
    article = make_article()
    opened = article.head

    def save(number: int) -> int | None:
        try:
            text = ArticleText("Returns", f"Text number {number}")
            return save_revision(article=article, text=text, base_revision=opened).number
        except ArticleMovedOn:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(save, range(4)))
    assert sorted(outcomes, key=str) == [2, None, None, None]


@pytest.mark.django_db(transaction=True)
def test_revisions_saved_at_one_time_get_numbers_of_their_own():
    article = make_article()

    def save(number: int) -> int:
        try:
            return save_revision(article=article, text=ArticleText("T", f"Text {number}")).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, range(6))) == [2, 3, 4, 5, 6, 7]

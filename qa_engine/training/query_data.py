"""Collections to train a query encoder on, from files. Imports no Django.

Passages are cut, put under their heads and embedded as the index does it, so that what is
learnt holds for the vectors that are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from qa_engine import indexable
from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.passages import paragraph_queries, paragraphs
from qa_engine.evaluation.splits import Part, part_of
from qa_engine.evaluation.squad import load_squad
from qa_engine.protocols import Embedder
from qa_engine.training.pairs import passages_of
from qa_engine.training.query_encoder import Collection

#: Questions and the articles that answer them.
Asked = Sequence[tuple[str, frozenset[str]]]


def of_issues(path: Path, embedder: Embedder, *, seed: int) -> Collection:
    """Each article's Issue section must find it; only of the half that may be tuned on."""
    records = kb.load_articles(path).records
    asked = [
        (one.text, frozenset(one.articles))
        for one in kb.issue_queries(records)
        if part_of(one.group, seed=seed) is Part.TUNE
    ]
    return collected(path.stem, [kb.without_issue(one) for one in records], asked, embedder)


def of_squad(path: Path, embedder: Embedder) -> Collection:
    """Each question that has an answer must find its paragraph."""
    questions = [one for one in load_squad(path).records if one.answers]
    asked = [(one.text, frozenset(one.articles)) for one in paragraph_queries(questions)]
    return collected(path.stem, paragraphs(questions, titled=False), asked, embedder)


def collected(
    name: str, articles: Iterable[kb.ArticleRecord], asked: Asked, embedder: Embedder
) -> Collection:
    """With the vectors that the index would hold. Questions whose articles are not there go."""
    import numpy as np

    records = {one.key: one for one in articles}
    passages = passages_of(records.values())
    heads = {
        key: indexable.head(one.title, one.summary) for key, one in records.items()
    }  # fmt: skip
    texts = list(
        dict.fromkeys([*(one.embedded for one in passages), *filter(None, heads.values())])
    )
    known = dict(zip(texts, embedder.embed_passages(texts), strict=True))
    vectors = [
        indexable.mixed(known.get(heads[one.article]), known[one.embedded]) for one in passages
    ]
    places: dict[str, list[int]] = {}
    for at, one in enumerate(passages):
        places.setdefault(one.article, []).append(at)
    usable = [
        (question, tuple(at for key in sorted(keys) for at in places.get(key, ())))
        for question, keys in asked
    ]
    usable = [one for one in usable if one[1]]
    return Collection(
        name,
        np.asarray(vectors, np.float32),
        tuple(question for question, _ in usable),
        tuple(answers for _, answers in usable),
    )

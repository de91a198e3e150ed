"""Each suite from its files to its figures: what `manage.py evaluate` runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from qa_engine.answering import warm_up
from qa_engine.backends.span_reader import SAID_FROM
from qa_engine.evaluation import articles as kb
from qa_engine.evaluation import passages, splits
from qa_engine.evaluation.answered import keep_answered
from qa_engine.evaluation.corpus import Corpus, load_corpus
from qa_engine.evaluation.corruptions import cases_of
from qa_engine.evaluation.data import Loaded, UnusableData, digest_of_texts
from qa_engine.evaluation.fingerprints import fingerprints
from qa_engine.evaluation.gold import load_gold
from qa_engine.evaluation.outcome import Say, SuiteResult
from qa_engine.evaluation.reading import Readings, read_spans, read_squad
from qa_engine.evaluation.scratch import scratch_database
from qa_engine.evaluation.squad import SquadQuestion, load_labelled, load_squad
from qa_engine.evaluation.suites.abstain import measure_risk, measure_routing
from qa_engine.evaluation.suites.drafts import ByHand, measure_drafts
from qa_engine.evaluation.suites.grounding import measure_grounding
from qa_engine.evaluation.suites.reader import measure_reader
from qa_engine.evaluation.suites.retrieval import measure_retrieval
from qa_engine.evaluation.suites.throughput import measure_throughput
from qa_engine.evaluation.suites.triage import load_messages, measure_triage
from qa_engine.evaluation.tickets import load_tickets
from qa_engine.registry import get_embedder, get_span_reader, grounding_check, reader_for

Question = TypeVar("Question", bound=splits.Grouped)
Item = TypeVar("Item")
# As many questions as the peers were asked.
PEERS_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Session:
    """How to run, whatever the suite."""

    say: Say
    part: splits.Part = splits.Part.ALL
    seed: int = 7
    share: float = 0.5
    sample: int | None = None
    # Keep the scratch database, so that the next run indexes only what has changed.
    keep: bool = False
    # The newest reading, which a suite that follows may look at from another side.
    readings: dict[str, tuple[Readings, str]] = field(default_factory=dict)

    def choose(self, questions: Iterable[Question]) -> splits.Chosen[Question]:
        chosen = splits.choose(
            questions, part=self.part, seed=self.seed, share=self.share, sample=self.sample
        )
        if not chosen.questions:
            raise UnusableData(f"No question belongs to the part “{self.part}”.")
        return chosen

    def variant(self, name: str) -> str:
        """Of a part of the questions: it never compares with the whole."""
        return name if self.part is splits.Part.ALL else f"{name} [{self.part}]"

    def told(self, loaded: Loaded[Item]) -> Loaded[Item]:
        for refusal in loaded.refusals:
            self.say(f"{refusal.place}: {refusal.reason}")
        return loaded


def from_issues(session: Session, path: Path) -> SuiteResult:
    """Each article's Issue section must find the article, which is read without it."""
    loaded = session.told(kb.load_articles(path))
    chosen = session.choose(kb.issue_queries(loaded.records))
    data = {"articles": loaded.described(), "questions": chosen.described()}
    bodies = [kb.without_issue(article) for article in loaded.records]
    return _retrieval(session, "from-issues", bodies, chosen.questions, data)


def from_queries(session: Session, path: Path, queries: Path) -> SuiteResult:
    loaded = session.told(kb.load_articles(path))
    asked = session.told(kb.load_queries(queries, {one.key for one in loaded.records}))
    chosen = session.choose(asked.records)
    data = {
        "articles": loaded.described(),
        "queries": asked.described(),
        "questions": chosen.described(),
    }
    return _retrieval(session, "queries", loaded.records, chosen.questions, data)


def from_squad(session: Session, path: Path, *, titled: bool) -> SuiteResult:
    """Each question must find its paragraph among all paragraphs of the file."""
    loaded = session.told(load_squad(path))
    found = passages.paragraphs(loaded.records, titled=titled)
    chosen = session.choose([one for one in loaded.records if one.answers])
    data = {"squad": loaded.described(), "questions": chosen.described()}
    name = f"squad {path.stem}{'' if titled else ' untitled'}"
    queries = passages.paragraph_queries(chosen.questions)
    return _retrieval(session, name, found, queries, data)


def from_passages(
    session: Session, path: Path, fill: Path, *, count: int, every: bool = False
) -> SuiteResult:
    """The peers' set of short passages, with their very questions, or with every one that it has.

    Of 200 questions four are 2 %: what is to be told apart needs more of them.
    """
    loaded = session.told(load_squad(path))
    more = session.told(kb.load_articles(fill))
    found, queries = passages.filled(
        passages.paragraphs(loaded.records, titled=False),
        passages.paragraph_queries(loaded.records),
        more.records,
        passages=count,
        sample=len(loaded.records) if every else session.sample or PEERS_QUESTIONS,
        seed=session.seed,
    )
    chosen = splits.Chosen(tuple(queries), splits.Part.ALL, session.seed, 1.0)
    data = {
        "squad": loaded.described(),
        "fill": more.described() | {"passages": count, "seed": session.seed},
        "questions": chosen.described(),
    }
    is_theirs = len(queries) == PEERS_QUESTIONS
    name = "passages" if is_theirs else f"passages, {len(queries)} questions"
    return _retrieval(session, name, found, queries, data)


class By(StrEnum):
    """Which reader is measured."""

    SPANS = "spans"
    SENTENCES = "sentences"


def reader(session: Session, path: Path, by: str = By.SPANS) -> SuiteResult:
    loaded = session.told(load_squad(path))
    chosen = session.choose(loaded.records)
    read, fingerprint, suffix = _read(session, chosen.questions, By(by))
    figures, misses = measure_reader(read, min_confidence=_said_from(By(by)))
    data = {"squad": loaded.described(), "questions": chosen.described()}
    name = session.variant(f"{path.stem}{suffix}")
    names = fingerprints() | {"reader": fingerprint}
    return SuiteResult("reader", name, data, names, figures, {}, misses)


def _said_from(by: By) -> float:
    return SAID_FROM if by is By.SPANS else settings.QA_MIN_CONFIDENCE


def _read(
    session: Session, questions: Sequence[SquadQuestion], by: By
) -> tuple[Readings, str, str]:
    """(readings, the reader's fingerprint, what the variant's name gets at its end)."""
    asked = digest_of_texts([by, *(question.key for question in questions)])
    if asked not in session.readings:
        session.readings.clear()  # one reading of 12,000 questions is enough to hold
        session.readings[asked] = _newly_read(session, questions, by)
    read, fingerprint = session.readings[asked]
    return read, fingerprint, " sentences" if by is By.SENTENCES else ""


def _newly_read(
    session: Session, questions: Sequence[SquadQuestion], by: By
) -> tuple[Readings, str]:
    spans = get_span_reader()
    if spans is not None and by is By.SPANS:
        return read_spans(questions, spans, session.say), spans.fingerprint
    sentences = reader_for(settings.QA_EMBEDDER)
    read = read_squad(questions, sentences, get_embedder(), session.say)
    return read, sentences.fingerprint


def routing(session: Session, train: Path, test: Path) -> SuiteResult:
    known, asked = session.told(load_labelled(train)), session.told(load_labelled(test))
    figures, misses = measure_routing(
        known.records, asked.records, embedder=get_embedder(), say=session.say
    )
    data = {"train": known.described(), "test": asked.described()}
    name = f"routing {test.stem}"
    return SuiteResult("abstain", name, data, fingerprints(), figures, {}, misses)


def messages(session: Session, path: Path) -> SuiteResult:
    """Which messages a person must answer, as `policy.triage` tells it."""
    loaded = session.told(load_messages(path))
    figures, misses = measure_triage(loaded.records)
    name = f"triage {path.stem}"
    data = {"messages": loaded.described()}
    return SuiteResult("abstain", name, data, fingerprints(), figures, {}, misses)


def risk(session: Session, path: Path, by: str = By.SPANS) -> SuiteResult:
    loaded = session.told(load_squad(path))
    chosen = session.choose(loaded.records)
    read, fingerprint, suffix = _read(session, chosen.questions, By(by))
    figures, curves = measure_risk(read, min_confidence=_said_from(By(by)))
    data = {"squad": loaded.described(), "questions": chosen.described()}
    name = session.variant(f"risk {path.stem}{suffix}")
    names = fingerprints() | {"reader": fingerprint}
    return SuiteResult("abstain", name, data, names, figures, curves)


def drafts(
    session: Session,
    path: Path,
    tickets: Path,
    *,
    is_by_hand: bool = False,
    answered: Sequence[Path] = (),
) -> SuiteResult:
    """`is_by_hand`: letters are restated as the gold standard has their questions. `answered`:
    tickets that people have answered before.
    """
    loaded, asked = session.told(kb.load_articles(path)), session.told(load_tickets(tickets))
    data = {"articles": loaded.described(), "tickets": asked.described()}
    before = [session.told(load_gold(one)) for one in answered]
    data |= {f"answered {one.name}": one.described() for one in before}
    with scratch_database(label_of(data, "drafts"), keep=session.keep):
        corpus = _indexed(session, loaded.records)
        known = [gold for some in before for of_line in some.records for gold in of_line]
        if keep_answered(known, corpus.keys, get_embedder()):
            session.say(f"{len(known)} questions were answered before")
        restater = ByHand.of(asked.records) if is_by_hand else None
        figures, curves, misses = measure_drafts(corpus, asked.records, session.say, restater)
        names = fingerprints() | ({"restater": restater.fingerprint} if restater else {})
    name = f"{tickets.stem} by hand" if is_by_hand else tickets.stem
    name += " after others" if answered else ""
    return SuiteResult("drafts", name, data, names, figures, curves, misses)


def grounding(session: Session, path: Path) -> SuiteResult:
    """Sentences of the articles, spoilt on purpose, against the check that every draft passes."""
    loaded = session.told(kb.load_articles(path))
    chosen = session.choose(cases_of(loaded.records, session.seed))
    check = grounding_check(settings.QA_EMBEDDER)
    figures, misses = measure_grounding(check, chosen.questions)
    data = {"articles": loaded.described(), "questions": chosen.described()}
    names = fingerprints() | {"check": check.fingerprint}
    name = session.variant(f"corruptions {path.stem}")
    return SuiteResult("grounding", name, data, names, figures, {}, misses)


def throughput(session: Session, path: Path, tickets: Path, *, count: int) -> SuiteResult:
    loaded, asked = session.told(kb.load_articles(path)), session.told(load_tickets(tickets))
    data = {"articles": loaded.described(), "tickets": asked.described() | {"drafts": count}}
    with scratch_database(label_of(data, "drafts"), keep=session.keep):
        _indexed(session, loaded.records)
        figures, curves = measure_throughput(
            asked.records, embedder=get_embedder(), drafts=count, say=session.say
        )
        names = fingerprints()
    return SuiteResult("throughput", "batches", data, names, figures, curves)


def _retrieval(
    session: Session,
    name: str,
    articles: Sequence[kb.ArticleRecord],
    queries: Sequence[kb.QueryRecord],
    data: Mapping[str, Mapping[str, Any]],
) -> SuiteResult:
    with scratch_database(label_of(data, name), keep=session.keep):
        corpus = _indexed(session, articles)
        figures, misses = measure_retrieval(corpus, queries, session.say)
        names = fingerprints()
    figures |= corpus.figures()
    return SuiteResult("retrieval", session.variant(name), data, names, figures, {}, misses)


def _indexed(session: Session, articles: Sequence[kb.ArticleRecord]) -> Corpus:
    warm_up()
    return load_corpus(articles, session.say)


def label_of(data: Mapping[str, Mapping[str, Any]], kind: str) -> str:
    """Names a kept database by the articles in it; the questions may change."""
    return digest_of_texts(
        [kind, *(f"{name}:{said}" for name, said in data.items() if name in _CORPUS_FILES)]
    )


_CORPUS_FILES = {"articles", "squad", "fill"}

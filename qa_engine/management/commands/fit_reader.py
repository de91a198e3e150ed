"""`manage.py fit_reader FILE …`: what the reader looks for, and how sure it may be, from gold.

The files hold questions or tickets with known answers (`qa_engine.evaluation.gold`). The
ranking of sentences is learnt first, then the confidence from what rankings chose that had
not seen the article; both are judged by leaving whole articles out. Every question is asked
of the whole knowledge base, and with its own articles left out, where the honest answer is "I do
not know". What precedents count is learnt last, all else as it is, from the same questions asked
as if people had answered all the other tickets.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.models import Article
from knowledge.types import CUSTOMER
from qa_engine import calibrating, learning
from qa_engine.answering import engine
from qa_engine.backends.sentence_reader import Proposed, SentenceReader, best_spans
from qa_engine.choosing import chosen_spans
from qa_engine.citations import quotes_of
from qa_engine.clues import Clues
from qa_engine.confidence import CALIBRATION, Calibration, calibrations, features_of
from qa_engine.evaluation.answered import Others, folded
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.gold import Gold, load_gold
from qa_engine.models import EmbeddingIndex
from qa_engine.pipeline import Engine
from qa_engine.questions import Question
from qa_engine.ranking import RANKING, Ranking, rankings
from qa_engine.registry import embedder_for
from qa_engine.spans import standing_alone
from qa_engine.types import Span

# A question without its articles is a near miss, of which real customers ask fewer: so many
# are needed to tell them, but they must not make the engine shy.
LEFT_OUT_WEIGHT = 0.25


@dataclass(frozen=True, slots=True)
class _Asked:
    """A gold question, asked of the whole knowledge base or of the rest of it."""

    question: Question
    wanted: tuple[str, ...]
    weighed: Sequence[tuple[Proposed, Clues]]
    example: learning.Example
    weight: float


class Command(BaseCommand):
    help = "Learn the reader's ranking and its confidence from questions with known answers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--family", default="transformers", help="which embedders it is for")
        parser.add_argument(
            "--precedents-only", action="store_true",
            help="learn what precedents count, and leave all other coefficients as they are",
        )  # fmt: skip
        parser.add_argument("--write", action="store_true", help="into the coefficients' files")

    def handle(
        self, *args: Any, files: list[Path], family: str, precedents_only: bool, **options: Any
    ) -> None:
        gold, learnt_from = self._load(files)
        index = EmbeddingIndex.objects.active()
        if index is None:
            raise CommandError("Build an embedding index first: manage.py build_index.")
        chosen, reader = engine(), SentenceReader(embedder_for(index.model))
        about = {"files": learnt_from, "fingerprint": chosen.fingerprint}
        if precedents_only:
            ranking, fitted = rankings()[family], calibrations()[family]
            entries = [_stored(path, family) for path in (RANKING, CALIBRATION)]
        else:
            asked = list(_ask(chosen, reader, gold))
            ranking, fitted, entries = self._fit(chosen, asked, len(gold), about)
        others = Others(gold, _articles_by_name(), embedder_for(index.model))
        later = replace(chosen, precedents=others)
        asked = list(_ask(later, reader, gold, others))
        examples = [one.example for one in asked]
        before = learning.first_is_right(examples, [ranking] * len(examples))
        ranking = learning.with_precedents(examples, ranking)
        samples = list(_samples(later, asked, [ranking] * len(asked)))
        fitted = calibrating.with_precedents(samples, fitted)
        told = {
            "first_is_right_without": round(before, 3),
            "first_is_right": _share(examples, [ranking] * len(examples)),
            "log_loss": round(calibrating.log_loss(_judged(samples, fitted)), 4),
        }
        for path, entry, weights in zip(
            (RANKING, CALIBRATION), entries, (ranking.weights, fitted.weights), strict=True
        ):
            provenance = entry["provenance"] | {"precedents": about | told}
            entry |= {"weights": dict(weights), "provenance": provenance}
            self._store(path, family, entry, **options)

    def _fit(
        self, chosen: Engine, asked: Sequence[_Asked], questions: int, about: dict[str, Any]
    ) -> tuple[Ranking, Calibration, list[dict[str, Any]]]:
        """As if nobody had answered anything yet."""
        examples = [one.example for one in asked]
        if not any(example.is_answerable for example in examples):
            raise CommandError("No question of the file has its answer among the candidates.")
        by_fold = learning.by_fold(examples)
        ranking = learning.fit(examples)
        of_ranking = about | {
            "questions": questions,
            "answerable_among_candidates": sum(example.is_answerable for example in examples),
            "first_is_right_in_sample": _share(examples, [ranking] * len(examples)),
            "first_is_right_other_articles": _share(examples, by_fold),
        }
        samples = list(_samples(chosen, asked, by_fold))
        judged = calibrating.cross_validate(samples)
        fitted = calibrating.fit(samples)
        of_confidence = about | {
            "samples": len(samples),
            "right": sum(sample.is_right for sample in samples),
            "cross_validated_log_loss": round(calibrating.log_loss(judged), 4),
            "cross_validated_ece": round(calibrating.calibration_error(judged), 4),
        }
        return (
            ranking,
            fitted,
            [
                {"weights": dict(ranking.weights), "provenance": of_ranking},
                {**asdict(fitted), "provenance": of_confidence},
            ],
        )

    def _load(self, files: Sequence[Path]) -> tuple[list[Gold], dict[str, str]]:
        """The questions of all files, and the files' digests."""
        gold: list[Gold] = []
        digests: dict[str, str] = {}
        for file in files:
            try:
                loaded = load_gold(file)
            except UnusableData as error:
                raise CommandError(str(error)) from error
            for refusal in loaded.refusals:
                self.stderr.write(f"{refusal.place}: {refusal.reason}")
            gold += [one for some in loaded.records for one in some]
            digests[loaded.name] = loaded.digest
        return gold, digests

    def _store(
        self,
        path: Path,
        family: str,
        entry: dict[str, Any],
        *,
        write: bool,
        **_options: Any,
    ) -> None:
        self.stdout.write(json.dumps(entry, indent=2))
        if write:
            stored = json.loads(path.read_text(encoding="utf-8"))
            stored["families"][family] = entry
            text = json.dumps(stored, indent=2, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")


def _stored(path: Path, family: str) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["families"][family]
    return stored


def _judged(
    samples: Sequence[calibrating.Sample], fitted: Calibration
) -> list[calibrating.Judged]:
    return [(fitted.probability(one.features), one.is_right, one.weight) for one in samples]


def _articles_by_name() -> dict[str, int]:
    """By slug, and by the id of an import: a slug follows the title, the id does not."""
    rows = Article.objects.values_list("pk", "slug", "external_id")
    by_slug = {slug: pk for pk, slug, _ in rows}
    return by_slug | {external_id: pk for pk, _, external_id in rows if external_id}


def _ask(
    chosen: Engine, reader: SentenceReader, gold: Sequence[Gold], others: Others | None = None
) -> Iterator[_Asked]:
    named = _articles_by_name()
    groups = _groups(gold)
    for entry, group in zip(gold, groups, strict=True):
        question = entry.question
        if others is not None:
            others.asked_about = entry.about
        try:
            own = {named[name] for name in entry.articles}
        except KeyError as exc:
            raise CommandError(f"No article is called {exc}: load its articles first.") from exc
        wanted = entry.contains
        for without in [set[int](), own] if own else [set[int]()]:
            [candidates] = chosen.propose([question], CUSTOMER, without)
            [weighed] = reader.weigh([question], [candidates])
            spans = [standing_alone(one.candidate, one.unit, 0.0) for one, _ in weighed]
            example = learning.Example(
                group,
                tuple(clues for _, clues in weighed),
                tuple((s.candidate.revision_id, s.start, s.end) for s in spans),
                tuple(_is_right(span, wanted, own) for span in spans),
            )
            if weighed:
                weight = LEFT_OUT_WEIGHT if without else 1.0
                yield _Asked(question, wanted, weighed, example, weight)


def _samples(
    chosen: Engine, asked: Sequence[_Asked], rankings: Sequence[Ranking]
) -> Iterator[calibrating.Sample]:
    """What would be quoted, right where it holds the wanted words."""
    for one, ranking in zip(asked, rankings, strict=True):
        spans = best_spans(one.weighed, ranking)
        rarity = chosen.rarity([one.question], CUSTOMER)
        features = features_of(one.question, spans[0], rarity)
        is_right = any(_holds(span, one.wanted) for span in chosen_spans(spans))
        yield calibrating.Sample(one.example.group, features, is_right, one.weight)


def _groups(gold: Sequence[Gold]) -> list[str]:
    """One name for all questions about one article or of one message."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.get(name, name) != name:
            name = above[name]
        return name

    for entry in gold:
        for name in entry.articles[:1]:
            above[top(entry.about)] = top(f"article {name}")
    return [top(entry.about) for entry in gold]


def _is_right(span: Span, wanted: Sequence[str], own: set[int]) -> bool | None:
    if not _holds(span, wanted):
        return False
    return True if span.candidate.article_id in own else None


def _holds(span: Span, wanted: Sequence[str]) -> bool:
    said = folded(f"{span.text} {' '.join(quote.text for quote in quotes_of(span))}")
    return any(folded(words) in said for words in wanted)


def _share(examples: Sequence[learning.Example], rankings: Sequence[Ranking]) -> float:
    return round(learning.first_is_right(examples, rankings), 3)

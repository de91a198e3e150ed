"""A span reader on any question-answering model of transformers.

The model is a hub id, a directory, or a directory inside a package. A directory with a
`reader.json` holds only what was trained, a byte a weight or more, and names the base that the
rest comes from. Importing this module is free: torch is imported, and the weights read, on
the first `warm_up`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path
from typing import Any

from qa_engine.backends import packed
from qa_engine.backends.loading import SPANS, Source, content_digest
from qa_engine.backends.locate import Location
from qa_engine.backends.span_decoding import Found, Reach, read_pairs
from qa_engine.protocols import ModelUnavailable
from qa_engine.questions import Question
from qa_engine.types import Candidate, Span

#: Names the decoding and what a margin means.
RECIPE = "spans/1"
MANIFEST = "reader.json"
WEIGHTS = "reader.safetensors"
#: A span is an answer from this probability on: there are no better odds without knowing what a
#: wrong one costs.
SAID_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """From a margin to the probability that the span is right (Platt 1999)."""

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, margin: float) -> float:
        z = self.slope * margin + self.intercept
        return 1 / (1 + exp(-max(-30.0, min(30.0, z))))


class SpanReader:
    """Takes a model setting (`locate`), a device and a data type, each of them `auto`."""

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        allow_download: bool = False,
        reach: Reach | None = None,
        setting: str = "QA_READER_MODEL",
    ) -> None:
        self._model = model
        self._source = Source(model, setting, device, dtype, allow_download)
        self._reach = reach or Reach()
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Of the weights' content and how far it looks, not of what it runs on."""
        where = self._source.location
        name = self._model.removeprefix("package:").rstrip("/").rpartition("/")[2]
        if where.directory is None:
            return f"{RECIPE}+{self._model}/{self._reach.window}"
        own = where.directory / WEIGHTS
        digest = content_digest(own)[:12] if own.is_file() else self._source.weights_digest()
        return f"{RECIPE}+{name}/{digest}/{self._reach.window}"

    @cached_property
    def scale(self) -> Scale:
        """As fitted with the weights; of a model without a manifest, the bare log-odds."""
        return Scale(**self._manifest.get("scale", {}))

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def read(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[Span]]:
        """For each question the spans of all its passages, the likeliest first.

        A span's score is its log-odds against "no answer", its share the probability that it
        is right. The question is read without its context, as such models were trained.
        """
        pairs = [
            (question.text, one.text)
            for question, some in zip(questions, candidates, strict=True)
            for one in some
        ]
        found = iter(self.find(pairs))
        spans: list[list[Span]] = []
        for some in candidates:
            own = [self._span(one, span) for one in some for span in next(found)]
            spans.append(sorted(own, key=lambda span: -span.score))
        return spans

    def find(self, pairs: Sequence[tuple[str, str]]) -> list[list[Found]]:
        """For each (question, passage) its best spans, best first."""
        self.warm_up()
        assert self._loaded is not None
        tokenizer, model = self._loaded
        return read_pairs(
            tokenizer, model, pairs, reach=self._reach, dtype=self._source.autocast()
        )

    def _span(self, candidate: Candidate, found: Found) -> Span:
        return Span(
            candidate=candidate,
            start=candidate.start + found.start,
            end=candidate.start + found.end,
            text=candidate.text[found.start : found.end],
            score=found.margin,
            heading_path=candidate.heading_path,
            share=self.scale.probability(found.margin),
        )

    def _load(self) -> tuple[Any, Any]:
        tokenizer, model = self._source.load(SPANS, self._base)
        if not tokenizer.is_fast:
            raise self._source.unavailable("its tokenizer does not tell where a token is")
        if self._manifest:
            self._overlay(model)
        return tokenizer, model

    def _overlay(self, model: Any) -> None:
        """The trained weights over the base's."""
        directory = self._source.location.directory
        assert directory is not None
        path = directory / WEIGHTS
        try:
            weights = packed.load(path)
        except (OSError, ValueError) as exc:
            raise self._source.unavailable(f"{path} cannot be read") from exc
        _, unexpected = model.load_state_dict(weights, strict=False)
        if unexpected:
            raise self._source.unavailable(f"{WEIGHTS} does not fit its base")

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        directory = self._source.location.directory
        if directory is None or not (directory / MANIFEST).is_file():
            return {}
        stored: dict[str, Any] = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        return stored

    @cached_property
    def _base(self) -> Location:
        """Where tokenizer and architecture come from."""
        if not self._manifest:
            return self._source.location
        base = str(self._manifest["base"])
        found = self._source.locate(base)
        wanted = self._manifest.get("base_digest")
        if wanted and found.directory and base_digest(found.directory) != wanted:
            raise self._source.unavailable(
                f"its base {base!r} has other weights than it was trained on"
            )
        return found


def base_digest(directory: Path) -> str:
    """Of a base's weights, as the manifest names it; empty where there is no such file."""
    try:
        return Source(str(directory), "QA_READER_MODEL").weights_digest()
    except ModelUnavailable:
        return ""

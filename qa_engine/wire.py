"""Answers as JSON, for the way from the worker to the web tier. Imports no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qa_engine.types import Answer, Evidence, Reason


def to_json(answer: Answer) -> dict[str, Any]:
    return asdict(answer)


def from_json(data: Mapping[str, Any]) -> Answer:
    return Answer(
        question=data["question"],
        text=data["text"],
        confidence=data["confidence"],
        reason=Reason(data["reason"]) if data["reason"] else None,
        evidence=tuple(Evidence(**one) for one in data["evidence"]),
        runners_up=tuple(Evidence(**one) for one in data["runners_up"]),
        fingerprint=data["fingerprint"],
        seconds=data["seconds"],
    )

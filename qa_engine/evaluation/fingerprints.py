"""Names of everything that makes an answer: weights, index, code and settings."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import (
    get_embedder,
    get_reranker,
    queries_fingerprint,
    reader_for,
    restater_fingerprint,
)

_PACKAGE = Path(__file__).resolve().parent.parent
# Nothing in these changes an answer.
_SILENT = ("evaluation", "migrations", "management")


def fingerprints() -> dict[str, str]:
    """Of what would answer now, in the database that is connected now."""
    index = EmbeddingIndex.objects.active()
    try:
        reader = reader_for(index.model if index else settings.QA_EMBEDDER).fingerprint
        embedder = get_embedder().fingerprint
    except ModelUnavailable:
        reader = embedder = "unavailable"
    return {
        "index": index.fingerprint if index else "none",
        "embedder": embedder,
        "queries": queries_fingerprint(embedder) or "none",
        "reader": reader,
        "reranker": _reranker(),
        "restater": restater_fingerprint() or "none",
        "code": code_digest(),
        "dtype": settings.QA_DTYPE,
        "device": settings.QA_DEVICE,
        "min_confidence": str(settings.QA_MIN_CONFIDENCE),
    }


def _reranker() -> str:
    try:
        reranker = get_reranker()
        return reranker.fingerprint if reranker else "none"
    except ModelUnavailable:
        return "unavailable"


@cache
def code_digest() -> str:
    """Of the engine's source and its calibration, as they were when the process first asked."""
    total = hashlib.sha256()
    for file in sorted(_PACKAGE.rglob("*")):
        name = file.relative_to(_PACKAGE)
        if file.suffix in {".py", ".json"} and name.parts[0] not in _SILENT:
            total.update(name.as_posix().encode() + b"\n" + file.read_bytes())
    return total.hexdigest()[:12]

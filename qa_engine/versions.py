"""Which model answers: a promoted version, else what the settings name.

`using` lets a version answer within a block, in this thread alone, to judge it beside the
one in use: pinned cases, comparisons and shadow drafts are asked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from qa_engine.training_models import ModelVersion, Trained

#: What the engine asks a promoted version of. A reader is asked in evaluations alone.
ASKED = frozenset({Trained.RETRIEVER, Trained.RERANKER, Trained.QUERIES})

_instead: ContextVar[Mapping[str, str]] = ContextVar("instead", default=MappingProxyType({}))


def model_for(kind: str, configured: str) -> str:
    """The model setting to load for this kind now."""
    if (instead := _instead.get().get(kind)) is not None:
        return instead
    version = ModelVersion.objects.answering(kind)
    return version.path if version else configured


def asked(kind: str) -> ModelVersion | None:
    """The version that `model_for` names; None for the configured model."""
    if (instead := _instead.get().get(kind)) is not None:
        return row_of(kind, instead)
    return ModelVersion.objects.answering(kind)


def fingerprint_of(kind: str, model: str) -> str:
    """Of the weights of a version, as it was kept; empty for a model that is no version."""
    known = row_of(kind, model)
    return known.fingerprint if known else ""


def row_of(kind: str, model: str) -> ModelVersion | None:
    """The newest version that this setting is; None for a model that is no version."""
    return ModelVersion.objects.filter(kind=kind, path=model).order_by("-pk").first()


def tried(kind: str) -> str | None:
    """What answers instead within a block of `using`; None outside of one."""
    return _instead.get().get(kind)


@contextmanager
def using(version: ModelVersion) -> Iterator[None]:
    """Within the block this version answers, in this thread. A retriever needs its index."""
    token = _instead.set({**_instead.get(), version.kind: version.path})
    try:
        yield
    finally:
        _instead.reset(token)


def beside(kind: str) -> int | None:
    """The version of the other kind that has a part in which passages come first.

    A candidate is worth what it is worth beside that one.
    """
    other = {
        Trained.RETRIEVER: Trained.RERANKER,
        Trained.RERANKER: Trained.RETRIEVER,
        Trained.QUERIES: Trained.RETRIEVER,
    }
    if kind not in other:
        return None
    version = ModelVersion.objects.answering(other[Trained(kind)])
    return version.pk if version else None


def previous(kind: str) -> ModelVersion | None:
    """What a roll-back would bring back; None for the configured model."""
    retired = ModelVersion.objects.filter(kind=kind, state=ModelVersion.State.RETIRED)
    active = ModelVersion.objects.answering(kind)
    if active is not None and active.promoted_at is not None:
        retired = retired.filter(promoted_at__lt=active.promoted_at)
    return retired.order_by("-promoted_at").first()

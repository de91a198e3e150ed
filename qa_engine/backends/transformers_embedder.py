"""Embeddings from a transformer encoder: mean over the tokens, or the first one, length one.

Importing this module is free: torch is imported, and the weights read, on the first
`warm_up`, which happens in the process that will use them. A CUDA context made in the
parent would not survive Celery's fork.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from qa_engine.backends import shared_layers, token_vectors
from qa_engine.backends.loading import Source, halving
from qa_engine.backends.precision import is_cast, settled
from qa_engine.backends.shared_layers import Begun
from qa_engine.backends.token_vectors import TokenVectors
from qa_engine.protocols import Encoded, ModelUnavailable, Vector

if TYPE_CHECKING:
    import torch

MAX_TOKENS = 256
# Padding of fewer tokens costs less than one more call of the model, which reads all its weights.
CALL = 200
# Of an English model's tokens for an English question every one is known; for a Chinese one a
# third, and never more than three quarters (1,000 questions each of SQuAD, CMRC and DRCD).
KNOWN = 0.8
# Of larger calls than a batch of tickets makes, nothing is kept.
JUST_ASKED = 1_000
MEAN, CLS = "mean", "cls"
# E5 and its kin were trained with these words in front; other models without.
PREFIXES = {"e5": ("query: ", "passage: ")}


class _Here(threading.local):
    """A thread's own: what another one began is of other questions."""

    def __init__(self) -> None:
        # What the layers of a fork were given in the call of the model that runs.
        self.given: dict[int, tuple[tuple[Any, ...], Mapping[str, Any]]] = {}
        # The batches of the questions that are being encoded; None where nothing is kept of them.
        self.begun: list[Begun] | None = None
        # Those of the questions that were asked last.
        self.kept: Sequence[Begun] = ()


class TransformersEmbedder:
    """Takes a model setting (`locate`), a device and a data type, each of them `auto`."""

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int = 16,
        allow_download: bool = False,
        setting: str = "QA_EMBEDDER",
    ) -> None:
        self.source = Source(model, setting, device, dtype, allow_download)
        self.batch_size = batch_size
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._words: TokenVectors | None = None
        family = next((key for key in PREFIXES if key in model.lower()), "")
        self._query_prefix, self._passage_prefix = PREFIXES.get(family, ("", ""))
        self._just_asked: dict[str, Encoded] = {}
        self._forks: set[int] = set()
        self._here = _Here()

    @cached_property
    def fingerprint(self) -> str:
        """Of the weights' content, not of where they lie or on what they run."""
        digest = self.source.weights_digest()
        return f"{self.source.short_name}/{digest}/{self._pooling}-{MAX_TOKENS}"

    @cached_property
    def _config(self) -> dict[str, Any]:
        found = json.loads(self.source.file("config.json").read_text(encoding="utf-8"))
        return dict(found)

    @property
    def dimension(self) -> int:
        return int(self._config["hidden_size"])

    @cached_property
    def token_width(self) -> int:
        return token_vectors.width(self._config)

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return [one.vector for one in self.encode_queries(texts)]

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return [one.vector for one in self._encode(self._passage_prefix, texts, by_token=False)]

    def encode_queries(self, texts: Sequence[str]) -> list[Encoded]:
        """The reader asks what retrieval has just asked: that is taken from the call before.

        From that one alone, so that it holds no more than a batch's vectors.
        """
        before = self._just_asked
        todo = [text for text in dict.fromkeys(texts) if text not in before]
        self._here.begun = [] if self._forks and len(todo) <= JUST_ASKED else None
        encoded = self._encode(self._query_prefix, todo, by_token=True)
        self._here.kept, self._here.begun = self._here.begun or (), None
        fresh = dict(zip(todo, encoded, strict=True))
        known = {text: fresh[text] if text in fresh else before[text] for text in texts}
        self._just_asked = known if len(known) <= JUST_ASKED else {}
        return [known[text] for text in texts]

    def encode_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return self._encode(self._passage_prefix, texts, by_token=True)

    def knows(self, texts: Sequence[str]) -> list[bool]:
        """By its tokenizer: scripts that the model never saw are tokens without a meaning."""
        self.warm_up()
        if not texts:
            return []
        assert self._loaded is not None
        tokenizer, _ = self._loaded
        unknown = tokenizer.unk_token_id
        kept = {"add_special_tokens": False, "truncation": True, "max_length": MAX_TOKENS}
        return [
            sum(one != unknown for one in tokens) >= KNOWN * len(tokens)
            for tokens in tokenizer(list(texts), **kept)["input_ids"]
        ]

    def fork(self, layer: int) -> None:
        """From now on what this layer is given for questions is kept, until the next ones are
        asked, for an embedder that has the layers before it from here.
        """
        if layer in self._forks:
            return

        def keep(_: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
            self._here.given[layer] = (given, named)

        own = shared_layers.layers(self.model)[layer]
        own.register_forward_pre_hook(keep, with_kwargs=True)
        self._forks.add(layer)

    @property
    def begun(self) -> Sequence[Begun]:
        """The questions that were asked last, as far as the layer of the fork."""
        return self._here.kept

    @property
    def model(self) -> Any:
        """As it computes. Loads it."""
        self.warm_up()
        assert self._loaded is not None
        return self._loaded[1]

    @property
    def words(self) -> TokenVectors | None:
        """What its tokens are packed by; None where the model tells none. Loads it."""
        self.warm_up()
        return self._words

    def _encode(self, prefix: str, texts: Sequence[str], *, by_token: bool) -> list[Encoded]:
        self.warm_up()
        if not texts:
            return []
        encoded = [Encoded(())] * len(texts)
        assert self._loaded is not None
        tokenizer, _ = self._loaded
        whole = [prefix + text for text in texts]
        tokens = tokenizer(whole, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        todo = self._go_on(tokens, encoded)
        encode = partial(self._encode_batch, by_token=by_token)
        for batch in in_batches([len(tokens[at]) for at in todo], self.batch_size):
            places = [todo[one] for one in batch]
            found = halving(encode, [tokens[at] for at in places])
            for at, one in zip(places, found, strict=True):
                encoded[at] = one
        return encoded

    def _go_on(self, tokens: Sequence[Sequence[int]], encoded: list[Encoded]) -> Sequence[int]:
        """Fills in what was begun elsewhere; returns the places of all the others."""
        return range(len(tokens))

    def _encode_batch(self, texts: Sequence[list[int]], *, by_token: bool) -> list[Encoded]:
        assert self._loaded is not None
        tokenizer, model = self._loaded
        tokens = tokenizer.pad({"input_ids": list(texts)}, return_tensors="pt").to(model.device)
        return self._told(partial(self._states, texts, tokens), tokens, by_token=by_token)

    def _states(
        self, texts: Sequence[Sequence[int]], tokens: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """The last states: text, token, hidden."""
        self._here.given = {}
        states: torch.Tensor = self.model(**tokens).last_hidden_state
        if self._here.begun is not None:
            self._here.begun.append(Begun(texts, tokens, self._here.given))
        self._here.given = {}
        return states

    def _told(
        self,
        states: Callable[[], torch.Tensor],
        tokens: Mapping[str, torch.Tensor],
        *,
        by_token: bool,
    ) -> list[Encoded]:
        import torch

        device = self.source.chosen_device().partition(":")[0]
        cast = self._cast
        with torch.inference_mode(), torch.autocast(device, dtype=cast, enabled=cast is not None):
            hidden = states().float()
        if self._pooling == CLS:
            pooled = hidden[:, 0]
        else:
            mask = tokens["attention_mask"].unsqueeze(-1).float()
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        vectors: list[list[float]] = torch.nn.functional.normalize(pooled, dim=1).tolist()
        if not (by_token and self._words):
            return [Encoded(vector) for vector in vectors]
        own = self._words.packed(hidden, tokens["input_ids"], tokens["attention_mask"])
        return [Encoded(vector, said) for vector, said in zip(vectors, own, strict=True)]

    def _load(self) -> tuple[Any, Any]:
        tokenizer, model = self.source.load("AutoModel")
        model.pooler = None  # of a first token that was trained for something else
        if self.token_width:
            self._words = TokenVectors.of(model, tokenizer, self.token_width)
        return tokenizer, settled(model, self.source.autocast())

    @cached_property
    def _cast(self) -> torch.dtype | None:
        """What autocast is to compute in; None where nothing is left to it. Loads the model."""
        return self.source.autocast() if is_cast(self.model) else None

    @cached_property
    def _pooling(self) -> str:
        """As the model was trained: sentence-transformers write it beside the weights."""
        try:
            said = json.loads(
                self.source.file("1_Pooling/config.json").read_text(encoding="utf-8")
            )
        except ModelUnavailable:
            return MEAN
        return CLS if said.get("pooling_mode_cls_token") else MEAN


def in_batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Positions, those of about equal lengths together, at most `batch_size` full texts' worth.

    Sorted by characters in batches of 32, a third of what was computed was padding (143 tokens
    for 94). Short texts may be many.
    """
    budget = batch_size * MAX_TOKENS
    batch: list[int] = []
    tokens = 0
    for at in sorted(range(len(lengths)), key=lambda one: lengths[one]):
        padding = len(batch) * lengths[at] - tokens
        if batch and (padding > CALL or (len(batch) + 1) * lengths[at] > budget):
            yield batch
            batch, tokens = [], 0
        batch.append(at)
        tokens += lengths[at]
    if batch:
        yield batch

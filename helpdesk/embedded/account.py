"""Which system account runs the services, and which directories it can reach.

PostgreSQL refuses to run as root, so root runs both services as an unprivileged account.
Must not know what PostgreSQL or Valkey are.
"""

import hashlib
import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.errors import EmbeddedServiceError

USER_SETTING = "HELPDESK_SERVICES_USER"
DEFAULT_USER = "nobody"
# Where data goes when the account cannot reach the data directory (say, one below /root).
FALLBACK_PARENT = Path("/var/lib")
LAST_RESORT_PARENT = Path("/var/tmp")


@dataclass(frozen=True)
class Account:
    """Whom the services run as. `is_other` tells whether that means switching users."""

    name: str
    uid: int
    gid: int
    is_other: bool

    @property
    def user(self) -> int | None:
        return self.uid if self.is_other else None

    @property
    def group(self) -> int | None:
        return self.gid if self.is_other else None

    @property
    def extra_groups(self) -> list[int] | None:
        return [] if self.is_other else None

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, directory: Path) -> bool:
        # Asked of the kernel rather than read from mode bits: ACLs and mounts count too.
        finished = subprocess.run(
            ["/bin/sh", "-c", 'cd "$0"', str(directory)],
            user=self.user,
            group=self.group,
            extra_groups=self.extra_groups,
            cwd="/",
            capture_output=True,
            check=False,
        )
        return finished.returncode == 0


def service_account() -> Account:
    """The current user; for root, HELPDESK_SERVICES_USER or `nobody`."""
    wanted = os.environ.get(USER_SETTING, "")
    if os.geteuid() == 0:
        return _other_account(wanted or DEFAULT_USER)
    uid = os.geteuid()
    name = user_name(uid)
    if wanted and wanted != name:
        raise EmbeddedServiceError(
            f"{USER_SETTING} asks to run the services as {wanted!r}, but only root may do that "
            f"and you are {name!r}. Unset it, or start as root."
        )
    return Account(name=name, uid=uid, gid=os.getegid(), is_other=False)


def _other_account(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedServiceError(
            f"There is no system account {name!r} to run the services as. "
            f"Set {USER_SETTING} to an unprivileged account that exists."
        ) from None
    if entry.pw_uid == 0:
        raise EmbeddedServiceError(
            f"PostgreSQL refuses to run as root. Set {USER_SETTING} to an unprivileged account."
        )
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"  # containers often run as a number without a name


def check_owner(directory: Path, account: Account) -> None:
    """Raise unless `directory` belongs to the account that must write it."""
    owner = directory.stat().st_uid
    if owner == account.uid:
        return
    if account.is_other:
        advice = (
            f"Set {USER_SETTING}={user_name(owner)}, or give it away with: "
            f"chown -R {account.name} {directory}"
        )
    else:
        advice = f"Start as {user_name(owner)}, or choose another data directory."
    raise EmbeddedServiceError(
        f"{directory} belongs to {user_name(owner)}, but the services run as {account.name}. "
        f"{advice}"
    )


def reachable_directory(data_dir: Path, account: Account) -> Path:
    """`data_dir`, or a directory in its stead that the account can reach."""
    if not account.is_other or account.can_reach(data_dir):
        return data_dir
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    directory = FALLBACK_PARENT / f"draftdesk-{digest}"
    try:
        directory.mkdir(exist_ok=True)
    except OSError:
        directory = Path(tempfile.mkdtemp(prefix="draftdesk-", dir=LAST_RESORT_PARENT))
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        raise EmbeddedServiceError(f"{directory} belongs to somebody else. Remove it first.")
    directory.chmod(0o711)
    return directory

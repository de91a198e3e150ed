"""A mail server for trying things out: it keeps every mail as a file and sends none.

    python -m helpdesk.running.mailcatcher DIRECTORY PORT

Knows nothing of Django.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
MAX_BYTES = 40 * 1024 * 1024


class Keeper:
    """Writes what arrives to `directory`, named so that files sort as they came."""

    def __init__(self, directory: Path, tell: Callable[[str], None]) -> None:
        self._directory = directory
        self._tell = tell

    async def handle_DATA(  # noqa: N802 (aiosmtpd calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        path = keep(self._directory, data)
        mail = message_from_bytes(data, policy=policy.default)
        to = ", ".join(envelope.rcpt_tos)
        self._tell(f"mail to {to}, subject “{mail['subject'] or ''}”: {path}")
        return "250 Kept"


def keep(directory: Path, data: bytes) -> Path:
    """Write a mail as .eml, readable by its owner only; never half of one."""
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{uuid4().hex[:6]}"
    path = directory / f"{name}.eml"
    unfinished = directory / f".{name}.part"
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(data)
    unfinished.rename(path)
    return path


async def serve(directory: Path, port: int, tell: Callable[[str], None]) -> None:
    """Listen until told to stop."""
    directory.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(directory, tell)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True), HOST, port
    )
    async with server:
        tell(f"keeping mail in {directory}")
        await stopped.wait()


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    asyncio.run(serve(options.directory, options.port, _tell))


if __name__ == "__main__":
    main()

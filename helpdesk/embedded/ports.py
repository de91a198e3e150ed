"""Loopback ports: free ones, taken ones, forced ones. Must not know who listens on them."""

import os
import socket
import time

from helpdesk.embedded.errors import EmbeddedServiceError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are still timing out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def forced_port(setting: str) -> int | None:
    """The port that the environment variable `setting` asks for."""
    text = os.environ.get(setting, "")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise EmbeddedServiceError(f"{setting}={text} is no port. Use a number from 1 to 65535.")
    return int(text)


def stays_taken(port: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while is_taken(port):
        if time.monotonic() >= deadline:
            return True
        time.sleep(0.05)
    return False


def choose_port(setting: str, remembered: int, *, patience_s: float = 0) -> int:
    """The forced port, else the remembered one while it is free, else a new one.

    `patience_s` is how long to wait for a taken port: a killed server lets go of it a moment
    after its process is seen to be dead, and a new port would cut off whoever uses the old one.
    """
    if forced := forced_port(setting):
        if stays_taken(forced, patience_s):
            raise EmbeddedServiceError(
                f"Port {forced} ({setting}) is taken by another program or not allowed. Stop "
                f"that program, set {setting} to another port, or unset it to have a free port "
                "chosen."
            )
        return forced
    if remembered and not stays_taken(remembered, patience_s):
        return remembered
    return free_port()

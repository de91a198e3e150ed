"""Asks a server outside whether an address is there, and lets nobody use that to look inside.

Addresses come from articles, and articles from imports too. So: the name is resolved here, all
its addresses must be public, and the connection goes to the very address that was looked at, on
each redirect again. Time, redirects and what is read have limits. Proxies are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from knowledge.models import Link

_Reason = Link.Reason
CONNECT = 8  # seconds to connect, and for each read
DEADLINE = 20  # seconds for one request in all
PATIENCE = 45  # seconds after which no further request is made for an address
REDIRECTS = 5
#: Tries of a request whose connection broke or took too long.
TRIES = 2
#: Where programs are often refused and people are not; nothing follows for the link.
_NOT_FOR_PROGRAMS = frozenset({401, 403, 405, 406, 407, 408, 425, 429, 451, 999})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Allows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` says why it leads nowhere, "" where it does or that cannot be told.

    `is_known` is False where this machine cannot say: programs are refused, or the name leads
    into a private network, where readers elsewhere may get another answer.
    """

    reason: str = ""
    status: int | None = None
    is_known: bool = True

    @property
    def has_answered(self) -> bool:
        return self.status is not None

    @property
    def is_unreachable(self) -> bool:
        """As it would be, too, if this machine had no way out."""
        return self.reason in {_Reason.NO_HOST, _Reason.NO_ANSWER}


@dataclass(frozen=True, slots=True)
class _Server:
    """A host by its name, and the address at which it was found."""

    host: str
    port: int
    address: str
    is_tls: bool


class Refused(Exception):
    """The address is not one to connect to."""


def is_public(address: str) -> bool:
    """Whether an IP address is somewhere on the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour is not None or ip.teredo is not None or ip in _NAT64:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def ask(url: str, *, agent: str, allows: Allows = is_public) -> Answer:
    """Follow the address to its end. Never raises for what a server does."""
    until = time.monotonic() + PATIENCE
    seen = set()
    answer = Answer()
    for _hop in range(REDIRECTS + 1):
        if url in seen:
            break
        seen.add(url)
        answer, onward = _ask_once(url, agent, allows, until)
        if onward is None:
            return answer
        url = urljoin(url, onward)
    return Answer(_Reason.REDIRECTS, answer.status)


def _ask_once(url: str, agent: str, allows: Allows, until: float) -> tuple[Answer, str | None]:
    """The answer, and where it sends on to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return Answer(_Reason.MALFORMED), None
    if parts.scheme not in {"http", "https"} or not host:
        return Answer(_Reason.MALFORMED), None
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in {80, 443} and port < 1024:
        return Answer(_Reason.MALFORMED), None
    try:
        address = _address_of(host, port, allows)
    except Refused:
        # Readers cannot get to a bare private address; a name may mean another one to them.
        return Answer(_Reason.PRIVATE, is_known=_is_bare(host)), None
    except (OSError, UnicodeError):
        return Answer(_Reason.NO_HOST), None
    server = _Server(host, port, address, is_tls=parts.scheme == "https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _request(server, path, agent, until)


def _address_of(host: str, port: int, allows: Allows) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    if not addresses or not all(allows(address) for address in addresses):
        raise Refused(host)
    return addresses[0]


def _is_bare(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True


def _request(server: _Server, path: str, agent: str, until: float) -> tuple[Answer, str | None]:
    """HEAD; and where a server does not like that, GET, of which only the head is read."""
    status, onward = 0, None
    for method in ("HEAD", "GET"):
        for attempt in range(TRIES):
            try:
                status, onward = _send(server, method, path, agent, until)
                break
            except ssl.SSLCertVerificationError:
                return Answer(_Reason.CERTIFICATE), None
            except (OSError, http.client.HTTPException, ValueError):
                if attempt == TRIES - 1:
                    return Answer(_Reason.NO_ANSWER), None
        if status < 400:
            break
    if 300 <= status < 400 and onward:
        return Answer(status=status), onward
    if status in _NOT_FOR_PROGRAMS:
        return Answer(status=status, is_known=False), None
    return Answer(_Reason.STATUS if status >= 400 else _Reason.NONE, status), None


def _send(
    server: _Server, method: str, path: str, agent: str, until: float
) -> tuple[int, str | None]:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection = _Pinned(server)
    watch = threading.Timer(min(DEADLINE, left), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, path, headers={"User-Agent": agent, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.getheader("Location")
    finally:
        watch.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was looked at, and speaks to the host by its name."""

    def __init__(self, server: _Server) -> None:
        super().__init__(server.host, server.port, timeout=CONNECT)
        self.default_port = 443 if server.is_tls else 80  # leaves it out of the Host header
        self._address = server.address
        self._tls = ssl.create_default_context() if server.is_tls else None

    def connect(self) -> None:
        sock = socket.create_connection((self._address, self.port), CONNECT)
        self.sock = sock if self._tls is None else self._secure(sock)

    def _secure(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None
        try:
            return self._tls.wrap_socket(sock, server_hostname=self.host)
        except OSError:
            sock.close()
            raise

    def cut(self) -> None:
        """From another thread: whoever waits on the socket waits no longer."""
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

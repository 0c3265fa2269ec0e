"""Syslog (RFC 5424): datagrams (RFC 5426), counted octets (RFC 6587), TLS (RFC 5425).

Syslog has no answer: what the network, or a collector that dies, loses after that is lost.
"""

import os
import socket
import ssl
from collections.abc import Callable, Sequence

from authserver.streaming.sinks import Line, Refused
from authserver.streaming.targets import Kind, Target

_PRIORITY = 13 * 8 + 6  # facility "log audit", severity "informational"
_VERSION = 1
_APP = "authserver"
_LONGEST_HOST, _LONGEST_MSGID = 255, 32
_LONGEST_DATAGRAM = 65_000
_SECONDS = 10.0
_BOM = b"\xef\xbb\xbf"
Connect = Callable[[], socket.socket]


def message(line: Line, host: str) -> bytes:
    """Return one message (RFC 5424 section 6). The type of the event is its MSGID."""
    time = line.time.isoformat(timespec="microseconds").replace("+00:00", "Z")
    head = f"<{_PRIORITY}>{_VERSION} {time} {host[:_LONGEST_HOST]} {_APP} {os.getpid()}"
    return f"{head} {line.type[:_LONGEST_MSGID]} - ".encode("ascii", "replace") + _BOM + line.json()


class DatagramSink:
    """Sends each event as a datagram."""

    def __init__(self, target: Target, host: str) -> None:
        """Take where to, and what this machine is called."""
        self._target, self._host = target, host

    def send(self, lines: Sequence[Line]) -> None:
        """Send them. Raises Refused, also where one is too long for a datagram."""
        messages = [message(line, self._host) for line in lines]
        if any(len(one) > _LONGEST_DATAGRAM for one in messages):
            raise Refused("an event is too long for a datagram: use syslog+tcp or syslog+tls")
        try:
            (family, kind, protocol, _, address), *_rest = socket.getaddrinfo(
                *self._target.address, type=socket.SOCK_DGRAM
            )
            with socket.socket(family, kind, protocol) as out:
                for one in messages:
                    out.sendto(one, address)
        except OSError as error:
            raise Refused(f"{self._target.url}: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing is open."""


class StreamSink:
    """Keeps a connection, and sends messages with their lengths before them."""

    def __init__(self, target: Target, host: str, *, ca_file: str = "") -> None:
        """Take where to, what this machine is called, and certificates that are believed, too."""
        self._target, self._host, self._ca_file = target, host, ca_file
        self._out: socket.socket | None = None

    def send(self, lines: Sequence[Line]) -> None:
        """Send them. Raises Refused."""
        messages = [message(line, self._host) for line in lines]
        data = b"".join(b"%d %b" % (len(one), one) for one in messages)
        try:
            self._open().sendall(data)
        except (OSError, ValueError) as error:
            self.close()
            raise Refused(f"{self._target.url}: {error}") from error

    def close(self) -> None:
        """Hang up."""
        out, self._out = self._out, None
        if out is not None:
            out.close()

    def _open(self) -> socket.socket:
        """Return the connection, a new one where the collector closed it."""
        if self._out is not None and _is_closed(self._out):
            self.close()
        if self._out is None:
            plain = socket.create_connection(self._target.address, _SECONDS)
            try:
                self._out = self._secured(plain) if self._target.kind is Kind.TLS else plain
            except BaseException:
                plain.close()
                raise
        return self._out

    def _secured(self, plain: socket.socket) -> socket.socket:
        context = ssl.create_default_context()
        if self._ca_file:
            context.load_verify_locations(self._ca_file)
        return context.wrap_socket(plain, server_hostname=self._target.address[0])


def _is_closed(out: socket.socket) -> bool:
    """Tell whether the other side hung up: collectors say nothing, so there is nothing to read."""
    out.setblocking(False)
    try:
        return out.recv(1) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        out.settimeout(_SECONDS)

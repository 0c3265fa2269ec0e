"""DNS for tests: a resolver whose records the test sets, and a name server on a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from authserver.core.net.dns import DnsFailed

_LARGEST = 65_535


class Records:
    """A resolver that knows what the test tells it, and may be out of order."""

    def __init__(self) -> None:
        self.at: dict[str, tuple[str, ...]] = {}
        self.down = False
        self.asked: list[str] = []

    def put(self, record: tuple[str, str]) -> None:
        """Add one to those of its name."""
        name, text = record
        self.at[name] = (*self.at.get(name, ()), text)

    def texts(self, name: str) -> tuple[str, ...]:
        self.asked.append(name)
        if self.down:
            raise DnsFailed("the DNS gave no answer: test")
        return self.at.get(name, ())


@dataclass
class NameServer:
    """What a name server answers: zone lines by name and type, an error, or nothing at all."""

    address: str
    zone: dict[str, list[str]] = field(default_factory=dict)
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    silent: bool = False
    changes: Callable[[dns.message.Message], None] = lambda _answer: None

    def put(self, name: str, *lines: str) -> None:
        """Set the records of a name, as `TXT "words"`."""
        self.zone[f"{name}."] = list(lines)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query, recursion_available=True)
        answer.set_rcode(self.rcode)
        name = query.question[0].name.to_text()
        if self.rcode == dns.rcode.NOERROR and name not in self.zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for line in self.zone.get(name, ()):
            kind, _, text = line.partition(" ")
            if kind in {"CNAME", query.question[0].rdtype.name}:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, text))
        self.changes(answer)
        return answer


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Serve DNS on a free port of this machine, over UDP and over TCP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        host, port = _bound(tcp, udp)
        tcp.listen()
        server = NameServer(f"{host}:{port}")
        works = [(_over_udp, udp), (_over_tcp, tcp)]
        threads = [
            threading.Thread(target=work, args=(server, sock), daemon=True) for work, sock in works
        ]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            _end(udp)
            tcp.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(5)


def _bound(tcp: socket.socket, udp: socket.socket) -> tuple[str, int]:
    """Take a port that is free for both; another test may have one of them for the other."""
    tcp.bind(("127.0.0.1", 0))
    host, port = tcp.getsockname()
    udp.bind((host, port))
    return host, port


def _end(udp: socket.socket) -> None:
    """Send the empty packet that ends the loop over UDP."""
    with socket.socket(type=socket.SOCK_DGRAM) as bell:
        bell.sendto(b"", udp.getsockname())


def _over_udp(server: NameServer, sock: socket.socket) -> None:
    while True:
        data, peer = sock.recvfrom(_LARGEST)
        if not data:
            return
        if server.silent:
            continue
        answer = server.answer(dns.message.from_wire(data))
        wire = answer.to_wire(max_size=_LARGEST)
        if len(wire) > 1232:
            short = dns.message.make_response(dns.message.from_wire(data))
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        sock.sendto(wire, peer)


def _over_tcp(server: NameServer, sock: socket.socket) -> None:
    while True:
        try:
            connection, _ = sock.accept()
        except OSError:
            return
        with connection:
            size = int.from_bytes(connection.recv(2), "big")
            answer = server.answer(dns.message.from_wire(connection.recv(size)))
            wire = answer.to_wire(max_size=_LARGEST)
            connection.sendall(len(wire).to_bytes(2, "big") + wire)

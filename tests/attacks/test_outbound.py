"""ATK-126 to ATK-129 against a real TLS server on this machine that plays the hostile host."""

import gzip
import json
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network
from pathlib import Path
from typing import ClassVar

import pytest

from authserver.core.net.fetch import (
    FetchedDocument,
    FetchFailed,
    FetchRefused,
    FetchRules,
    ForTestsOnly,
    safe_fetch,
)
from authserver.core.net.fetch.rules import Answer

HOST = "idp.example"
DOCUMENT = {"keys": [{"kid": "1"}]}
LIMIT = 64 * 1024


def answer(text: str, port: int) -> Answer:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))


@dataclass
class Host:
    """The hostile host: what it was asked, and how to reach it."""

    port: int
    ca_file: str
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    cut_off: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def fetch(
        self, path: str, *, name: str = HOST, resolver: object = None, seconds: float = 20.0
    ) -> FetchedDocument:
        seams = ForTestsOnly(
            resolver=resolver or (lambda _host, port, *_: [answer("127.0.0.1", port)]),
        )
        rules = FetchRules(
            ports=frozenset({443, self.port}),
            networks=(IPv4Network("127.0.0.1/32"),),
            ca_file=self.ca_file,
            total_seconds=seconds,
        )
        return safe_fetch(f"https://{name}:{self.port}{path}", rules=rules, for_tests_only=seams)


REPLIES: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "jwks": (
        200,
        json.dumps(DOCUMENT).encode(),
        {"cache-control": "max-age=60", "set-cookie": "a"},
    ),
    "jwkset": (200, b"{}", {"content-type": "application/jwk-set+json; charset=utf-8"}),
    "gzip": (200, gzip.compress(json.dumps(DOCUMENT).encode()), {"content-encoding": "gzip"}),
    "exact": (200, b'"' + b"x" * (LIMIT - 2) + b'"', {}),
    "redirect": (302, b"{}", {"location": "/jwks"}),
    "inside": (307, b"{}", {"location": "http://169.254.169.254/latest/meta-data/"}),
    "missing": (404, b"{}", {}),
    "html": (200, b"{}", {"content-type": "text/html"}),
    "sneaky": (200, b"{}", {"content-type": "text/html; x=application/json"}),
    "large": (200, b'"' + b"x" * LIMIT + b'"', {}),
    "bomb": (200, gzip.compress(b" " * 10_000_000), {"content-encoding": "gzip"}),
    "broken": (200, gzip.compress(b"{}")[:-4], {"content-encoding": "gzip"}),
    "twice": (200, gzip.compress(b"{}") * 2, {"content-encoding": "gzip"}),
    "nested": (200, gzip.compress(gzip.compress(b"{}")), {"content-encoding": "gzip, gzip"}),
    "brotli": (200, b"{}", {"content-encoding": "br"}),
    "short": (200, b"{}", {"content-length": "10"}),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: ClassVar[Host]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = (self.path, self.headers["Host"], str(self.headers["Accept-Encoding"]))
        self.host.seen.append(asked)
        name = self.path.strip("/").partition("?")[0]
        if name in REPLIES:
            self.reply(*REPLIES[name])
        else:
            getattr(self, f"answer_{name}")()

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        usual = {"content-type": "application/json", "content-length": str(len(body))}
        for name, value in (usual | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def answer_endless(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.until_cut_off(b"1000\r\n" + b" " * 4096 + b"\r\n")

    def answer_drip(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "60000")
        self.end_headers()
        self.until_cut_off(b" ")

    def answer_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.until_cut_off(b"x")

    def answer_continue(self) -> None:
        self.until_cut_off(b"HTTP/1.1 100 Continue\r\n\r\n")

    def until_cut_off(self, piece: bytes) -> None:
        """Send on and on until the other side goes away, and say that it went."""
        try:
            while not self.host.closing.wait(0.005):
                self.wfile.write(piece)
        except OSError:
            self.host.cut_off.set()
        self.close_connection = True


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Stay quiet: clients that hang up are the point."""


@pytest.fixture
def host(tls_files_of_idp_example: tuple[Path, Path]) -> Iterator[Host]:
    bundle, chain = tls_files_of_idp_example
    handler = type("HostHandler", (Handler,), {})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with Server(("127.0.0.1", 0), handler) as server:
        made = Host(server.server_port, str(bundle))
        handler.host = made
        context.sni_callback = lambda _socket, name, _context: made.names.append(name)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            made.closing.set()
            server.shutdown()
            thread.join()


def test_a_document_of_an_allowed_host_arrives(host: Host) -> None:
    document = host.fetch("/jwks?v=1")
    assert document.json() == DOCUMENT
    assert document.status == 200
    assert document.headers == {"content-type": "application/json", "cache-control": "max-age=60"}
    assert host.seen == [("/jwks?v=1", f"{HOST}:{host.port}", "identity")]
    assert host.names == [HOST]


def test_a_key_set_type_and_an_unasked_gzip_are_understood(host: Host) -> None:
    assert host.fetch("/jwkset").json() == {}
    assert host.fetch("/gzip").json() == DOCUMENT
    assert len(host.fetch("/exact").body) == LIMIT


@pytest.mark.attack("ATK-128")
def test_the_certificate_must_be_of_the_name_and_of_a_known_authority(host: Host) -> None:
    with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
        host.fetch("/jwks", name="other.example")
    host.ca_file = ""
    with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
        host.fetch("/jwks")
    assert host.seen == []


def test_a_proxy_of_the_environment_is_not_used(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert host.fetch("/jwks").json() == DOCUMENT


@pytest.mark.attack("ATK-127")
@pytest.mark.parametrize("path", ["/redirect", "/inside"])
def test_a_redirect_is_refused_and_not_followed(host: Host, path: str) -> None:
    with pytest.raises(FetchRefused, match="redirect"):
        host.fetch(path)
    assert len(host.seen) == 1


@pytest.mark.attack("ATK-128")
def test_a_name_that_moves_after_the_check_moves_nothing(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []

    def rebinding(name: str, port: int, *_: int) -> list[Answer]:
        lookups.append(name)
        return [answer("127.0.0.1" if len(lookups) == 1 else "169.254.169.254", port)]

    def nobody(*_: object, **__: object) -> None:
        pytest.fail("the name was looked up a second time")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert host.fetch("/jwks", resolver=rebinding).json() == DOCUMENT
    assert lookups == [HOST]
    with pytest.raises(FetchRefused, match=r"169\.254\.169\.254"):
        host.fetch("/jwks", resolver=rebinding)
    assert lookups == [HOST, HOST]
    assert len(host.seen) == 1


@pytest.mark.attack("ATK-129")
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "status 404"),
        ("/html", "content type"),
        ("/sneaky", "content type"),
        ("/large", "larger than 65536"),
        ("/endless", "larger than 65536"),
        ("/broken", "one complete gzip stream"),
        ("/twice", "one complete gzip stream"),
        ("/nested", "content coding"),
        ("/brotli", "content coding"),
        ("/short", "before its announced length"),
    ],
)
def test_an_answer_that_is_not_a_small_json_document_is_refused(
    host: Host, path: str, reason: str
) -> None:
    with pytest.raises(FetchFailed, match=reason):
        host.fetch(path)


@pytest.mark.attack("ATK-129")
def test_a_bomb_is_never_unpacked_beyond_the_limit(host: Host) -> None:
    tracemalloc.start()
    with pytest.raises(FetchFailed, match="when unpacked"):
        host.fetch("/bomb")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.attack("ATK-129")
@pytest.mark.parametrize("path", ["/drip", "/headers", "/continue"])
def test_a_slow_drip_ends_at_the_deadline_on_both_sides(host: Host, path: str) -> None:
    with pytest.raises(FetchFailed, match=r"within 1 seconds"):
        host.fetch(path, seconds=1)
    assert host.cut_off.wait(30)

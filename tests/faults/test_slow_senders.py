"""Who sends a request slowly, or half of it, holds nobody else up."""

import socket
from contextlib import ExitStack, suppress

import pytest

from tests.faults.conftest import Site
from tests.support.process import ServerProcess
from tests.support.tokens import machine_token

pytestmark = pytest.mark.processes

SENDERS = 12
MANY = 120
POST = (
    "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
)
HALF = b"grant_type=client_credentials&scope=" + b"a" * 100


def half_a_request(port: int) -> socket.socket:
    """Send headers that promise a body, and the first half of it."""
    head = f"{POST}Content-Length: {2 * len(HALF)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(head.encode() + HALF)
    return connection


def asked(port: int, request: bytes) -> bytes:
    """Send a request and return what is answered first."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def test_what_has_no_body_is_answered_while_every_reader_is_held(site: Site) -> None:
    """Many more connections than threads, each of which goes on byte by byte."""
    look = b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\n\r\n"
    post = f"{POST}Content-Length: 1\r\n\r\na".encode()
    with ServerProcess(site.installation) as server, ExitStack() as senders:
        port = int(server.base.rpartition(":")[2])
        waiting = [senders.enter_context(half_a_request(port)) for _ in range(MANY)]
        for _ in range(5):
            for connection in waiting:
                with suppress(OSError):  # those that got no turn were sent away
                    connection.sendall(b"a")
            assert asked(port, look).startswith(b"HTTP/1.1 200")
        refused = asked(port, post)
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after" in refused.lower()
        senders.close()
        assert machine_token(server.base, site.service)


def test_tokens_are_issued_while_others_send_the_half_of_a_request(site: Site) -> None:
    with ServerProcess(site.installation) as server, ExitStack() as senders:
        port = int(server.base.rpartition(":")[2])
        waiting = [senders.enter_context(half_a_request(port)) for _ in range(SENDERS)]
        for _ in range(SENDERS):
            assert machine_token(server.base, site.service)
        waiting[0].sendall(b"a" * len(HALF))
        assert waiting[0].recv(4096).startswith(b"HTTP/1.1 401")

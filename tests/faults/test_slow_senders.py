"""Who sends a request slowly, or half of it, holds nobody else up."""

import socket
from contextlib import ExitStack

import pytest

from tests.faults.conftest import Site
from tests.support.process import ServerProcess
from tests.support.tokens import machine_token

pytestmark = pytest.mark.processes

SENDERS = 12
HALF = b"grant_type=client_credentials&scope=" + b"a" * 100


def half_a_request(port: int) -> socket.socket:
    """Send headers that promise a body, and the first half of it."""
    head = (
        "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {2 * len(HALF)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(head.encode() + HALF)
    return connection


def test_tokens_are_issued_while_others_send_the_half_of_a_request(site: Site) -> None:
    with ServerProcess(site.installation) as server, ExitStack() as senders:
        port = int(server.base.rpartition(":")[2])
        waiting = [senders.enter_context(half_a_request(port)) for _ in range(SENDERS)]
        for _ in range(SENDERS):
            assert machine_token(server.base, site.service)
        waiting[0].sendall(b"a" * len(HALF))
        assert waiting[0].recv(4096).startswith(b"HTTP/1.1 401")

"""A Redis of a test's own, to be killed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

_START_SECONDS = 20


@dataclass(frozen=True)
class MortalRedis:
    """A running server."""

    url: str
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running_redis() -> Iterator[MortalRedis]:
    """Run a Redis that keeps nothing; skip the test where there is none to run."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            continue
    redis = MortalRedis(f"redis://127.0.0.1:{port}/0", server)
    yield redis
    redis.kill()

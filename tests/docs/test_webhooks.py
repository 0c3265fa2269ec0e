"""docs/webhooks.md: its receivers take what we send, and nothing changed, old or unsigned."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from authserver.webhooks.signing import new_secret, signed
from tests.docs.pages import Page
from tests.support.process import free_port, wait_for

PAGE = Page.read("docs/webhooks.md")
BODY = b'{"id":"evt_1","type":"user.created"}'
PROGRAMS = {"receiver.py": sys.executable, "receiver.mjs": "node"}

pytestmark = pytest.mark.processes


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Save a program of the page; give the command that runs it."""
    runs = shutil.which(PROGRAMS[request.param])
    if runs is None:
        pytest.skip("no Node.js")
    path = tmp_path / request.param
    path.write_text(PAGE.block(request.param).text)
    return [runs, str(path)]


@contextmanager
def receiving(program: list[str], secret: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    port = free_port()
    environment = {"WEBHOOK_SECRET": secret, "PORT": str(port)}
    url = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: _listens(url), "the receiver to listen")
            yield url, process
        finally:
            process.kill()


def _listens(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def test_a_receiver_of_the_page_takes_what_we_send_and_nothing_else(program: list[str]) -> None:
    secret, other, now = new_secret(), new_secret(), datetime.now(UTC)
    assert time.time() - now.timestamp() < 60
    with receiving(program, secret) as (url, process):

        def post(body: bytes = BODY, at: datetime = now, keys: tuple[str, ...] = (secret,)) -> int:
            headers = dict(signed("evt_1", BODY, at=at, keys=keys))
            return requests.post(url, body, headers=headers, timeout=10).status_code

        assert post(BODY.replace(b"user", b"pays")) == 400, "another body"
        assert post(keys=(other,)) == 400, "another secret"
        assert post(at=now - timedelta(minutes=6)) == 400, "an old message again"
        assert post(at=now + timedelta(minutes=6)) == 400, "one of the future"
        assert requests.post(url, BODY, timeout=10).status_code == 400, "no signature"
        assert post(keys=(other, secret)) == 204, "while a secret is exchanged"
        assert post() == 204, "once more, and not done twice"
        process.kill()
        told = process.communicate(timeout=10)[0]
    assert told == "user.created evt_1\n"

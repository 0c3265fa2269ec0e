"""The log: one JSON object a line, in order, none lost at a clean end."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core import log

REQUEST: dict[str, Any] = {"status": 200, "seconds": 0.00312, "correlation_id": "cor_1"}
HOW = f"""
from authserver.core import log

def access(path):
    log.access("GET", path, **{REQUEST!r})
"""

LINES = """
from multiprocessing import get_context

def work():
    access("/child")

log.configure("INFO")
access("/1")
access("/2")
log.get("test").error("failed", detail="x\\ny")
access("/3")
log.flush()
child = get_context("fork").Process(target=work)
child.start()
child.join()
access("/last")
"""


@pytest.fixture(autouse=True)
def level(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation of another test may have chosen one."""
    monkeypatch.setattr(log, "_threshold", [logging.INFO])


def said(program: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", HOW + program], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def _latin(data: bytes) -> str:
    return data.decode("latin-1")


def test_lines_come_in_order_and_none_is_lost_when_a_process_or_its_child_ends() -> None:
    lines = said(LINES)
    seen = [line.get("path") or line["event"] for line in lines]
    assert seen == ["/1", "/2", "failed", "/3", "/child", "/last"]
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


ALONE = """
import sys

access("/alone")
sys.stdin.read()
"""


def test_an_access_line_goes_out_soon_without_another_one() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOW + ALONE], stdin=pipe, stderr=pipe) as process:
        assert process.stderr is not None
        line = process.stderr.readline()  # while the process waits for its input
        process.communicate()
    assert json.loads(line)["path"] == "/alone"


CROWD = """
log._HELD_SECONDS = 60  # nobody writes by the clock
for number in range(10_000):
    access(f"/{number}")
print(len(log._output._held), flush=True)
"""


def test_lines_of_a_crowd_are_not_kept_in_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOW + CROWD], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < log.HELD_LINES
    paths = [json.loads(line)["path"] for line in done.stderr.splitlines()]
    assert paths == [f"/{number}" for number in range(10_000)]


def test_nothing_is_written_below_the_level(
    capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_threshold", [40])
    log.access("GET", "/quiet", **REQUEST)
    log.flush()
    assert capfdbinary.readouterr().err == b""


# WSGI gives each byte of a path, and whatever stands for a method, as one character.
@given(method=st.binary().map(_latin), path=st.binary().map(_latin))
def test_an_access_line_is_one_line_of_json_whatever_is_asked_for(method: str, path: str) -> None:
    held: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("authserver.core.log._output.hold", held.append)
        log.access(method, path, **REQUEST)
    [line] = held
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    said = json.loads(line)
    assert (said["method"], said["path"]) == (method, path)
    assert (said["status"], said["milliseconds"]) == (200, 3.12)

"""The log: one JSON object a line, in order, none lost at a clean end."""

import json
import subprocess
import sys
from typing import Any

import pytest

from authserver.core import log

LINES = """
import os, sys
from multiprocessing import get_context
from authserver.core import log

def work():
    log.access({"event": "request", "path": "/child"})

log.configure("INFO")
log.access({"event": "request", "path": "/1"})
log.access({"event": "request", "path": "/2"})
log.get("test").error("failed", detail="x\\ny")
log.access({"event": "request", "path": "/3"})
log.flush()
child = get_context("fork").Process(target=work)
child.start()
child.join()
log.access({"event": "request", "path": "/last"})
"""


def said(program: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_lines_come_in_order_and_none_is_lost_when_a_process_or_its_child_ends() -> None:
    lines = said(LINES)
    seen = [line.get("path") or line["event"] for line in lines]
    assert seen == ["/1", "/2", "failed", "/3", "/child", "/last"]
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


ALONE = """
import sys
from authserver.core import log

log.access({"event": "request", "path": "/alone"})
sys.stdin.read()
"""


def test_an_access_line_goes_out_soon_without_another_one() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", ALONE], stdin=pipe, stderr=pipe) as process:
        assert process.stderr is not None
        line = process.stderr.readline()  # while the process waits for its input
        process.communicate()
    assert json.loads(line)["path"] == "/alone"


def test_nothing_is_written_below_the_level(
    capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_threshold", [40])
    log.access({"event": "request", "path": "/quiet"})
    log.flush()
    assert capfdbinary.readouterr().err == b""

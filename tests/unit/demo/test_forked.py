"""Children of the demo that are forked, seen from a process of its own, which forking changes."""

import subprocess
import sys
from pathlib import Path

ENDED_AT_ONCE = """
signal.signal(signal.SIGTERM, lambda *_: None)
child = Forked(signal.pause, {}, log)
child.terminate()
print(child.wait(30))
"""
SPEAKING = """
def speak():
    print(os.environ["PLACE"], os.getsid(0) == os.getpid())
    sys.exit("It cannot go on.")

child = Forked(speak, {"PLACE": "here"}, log)
print(child.wait(30), child.poll(), *sorted(log.read_text().splitlines()), sep=", ")
"""
PATIENT = """
child = Forked(signal.pause, {}, log)
try:
    child.wait(0.01)
except subprocess.TimeoutExpired:
    print("still there:", child.poll())
child.kill()
print(child.wait(30))
"""
IMPORTS = """
import os, signal, subprocess, sys
from pathlib import Path
from authserver.demo.forked import Forked
log = Path(sys.argv[1])
"""


def run(program: str, tmp_path: Path) -> list[str]:
    """Return the lines that a program says which forks."""
    command = [sys.executable, "-c", IMPORTS + program, str(tmp_path / "child.log")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert not done.stderr
    return done.stdout.splitlines()


def test_a_child_that_has_just_begun_ends_when_it_is_asked(tmp_path: Path) -> None:
    """Whatever its parent does with such requests."""
    assert run(ENDED_AT_ONCE, tmp_path) == ["-15"]


def test_what_a_child_says_is_in_its_log_and_how_it_ended_is_told(tmp_path: Path) -> None:
    assert run(SPEAKING, tmp_path) == ["1, 1, It cannot go on., here True"]


def test_a_child_is_waited_for_as_long_as_asked(tmp_path: Path) -> None:
    assert run(PATIENT, tmp_path) == ["still there: None", "-9"]

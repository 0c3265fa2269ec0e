"""A relying party in another language: a process that is told and tells lines of JSON."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Script:
    """A process that reads lines of text and writes lines of JSON."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child

    def tell(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, f"the script failed: {self._child.stderr and self._child.stderr.read()}"
        return dict(json.loads(line))


@contextmanager
def running_script(command: Sequence[str], folder: Path, **wanted: Any) -> Iterator[Script]:
    """Start a script in a folder and tell it what it is to do."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as child:
        try:
            script = Script(child)
            script.tell(json.dumps(wanted))
            yield script
        finally:
            child.kill()

"""A child that has what this process has imported: it need not begin with that once more."""

import multiprocessing
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from authserver.children import end_children_when_asked


class Forked:
    """A child that does a piece of work, with what of a `subprocess.Popen` is used here."""

    def __init__(self, work: Callable[[], None], environment: Mapping[str, str], log: Path) -> None:
        """Start it in a session of its own; what it says goes into a file."""
        end_children_when_asked()
        started = (work, environment, log)
        self._process = multiprocessing.get_context("fork").Process(target=_do, args=started)
        self._process.start()
        self.pid = cast("int", self._process.pid)  # None before the start only
        self.terminate = self._process.terminate
        self.kill = self._process.kill

    @property
    def returncode(self) -> int | None:
        """What it ended with, the negative number of a signal, or None."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the same."""
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Return what it ended with. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return self.returncode


def _do(work: Callable[[], None], environment: Mapping[str, str], log: Path) -> None:
    os.setsid()
    os.environ.update(environment)
    with log.open("wb") as output:
        for said in (1, 2):
            os.dup2(output.fileno(), said)
    work()

"""Runs the demo's processes together: the end of one is the end of all."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from authserver.demo.forked import Forked

_PATIENCE = 120.0
_POLL = 0.05
_STOPPING = 10.0
_SHOWN = 4000
_BEHIND = 5

_Child = subprocess.Popen[bytes] | Forked


class DemoEnded(Exception):  # noqa: N818  the text in it is the message
    """A process ended by itself; the text holds what it said last."""


class Processes:
    """Child processes that write to a file each, and all end together."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Take where output goes and what the children's environment is."""
        self._folder = folder
        self._environment = dict(environment)
        self._running: dict[str, _Child] = {}

    def __enter__(self) -> Self:
        """Make SIGTERM end the demo like Ctrl-C does."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every child."""
        self._end([*self._running.values()])

    def start(self, name: str, *arguments: str) -> None:
        """Start a module of this program as a child, in the place of one of the same name."""
        replaced = self._running.pop(name, None)
        if replaced is not None:
            self._end([replaced])
        with ending_later(), self._log(name).open("wb") as output:
            started = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-m", *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches this process alone, which then ends the others in order.
                start_new_session=True,
            )
            self._running[name] = started
        # It imports beside what this process does meanwhile, which takes longer.
        os.setpriority(os.PRIO_PROCESS, started.pid, _BEHIND)

    def fork(self, name: str, work: Callable[[], None]) -> None:
        """Start a child that does a piece of work with what is imported here."""
        with ending_later():
            self._running[name] = Forked(work, self._environment, self._log(name))

    def wait_until_ready(self, addresses: Sequence[str]) -> None:
        """Return when every address accepts connections. Raises DemoEnded."""
        deadline = time.monotonic() + _PATIENCE
        for address in addresses:
            while not _accepts(address):
                self.check()
                if time.monotonic() > deadline:
                    raise DemoEnded(f"{address} does not answer; look into {self._folder}")
                time.sleep(_POLL)
        self.check()

    def check(self) -> None:
        """Raise DemoEnded where a child has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                said = self._log(name).read_text(errors="replace")[-_SHOWN:].strip()
                raise DemoEnded(f"{name} ended with {process.returncode}.\n{said}".strip())

    def wait(self) -> None:
        """Return never: only Ctrl-C, or DemoEnded when a child ends."""
        while True:
            self.check()
            time.sleep(10 * _POLL)

    def _end(self, processes: Sequence[_Child]) -> None:
        """End children, first politely."""
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + _STOPPING
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
            # A child that was killed leaves its own children behind: they are of its group.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


@contextmanager
def ending_later() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the end, then raise KeyboardInterrupt.

    What a signal raises in the midst of an import, Python may ignore: nobody would end any more.
    What it raises between the start of a child and its place in the list leaves the child behind.
    """
    asked: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _: asked.append(number)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt


def _accepts(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1):
            return True
    except OSError:
        return False

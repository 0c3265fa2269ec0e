"""The command line in processes of their own, forked from one that has imported it already.

An installation is made of half a dozen commands, and a command needs a second for its imports.
What goes on is a `Child`: started from nothing, or forked as well. A server that is forked does
not become another program, as the installed one does, which would import everything once more.
"""

import multiprocessing
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import NamedTuple, Protocol

from click.testing import CliRunner

from authserver import workers
from authserver.cli import COMMANDS, main


class Said(NamedTuple):
    """How a command ended, and what it said on both outputs."""

    code: int
    stdout: str
    stderr: str


def started(
    command: Sequence[str],
    stdin: str,
    environment: Mapping[str, str],
    folder: Path | None,
    patience: float,
) -> Said:
    """Run a program from nothing."""
    done = subprocess.run(
        command,
        input=stdin,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def forked(
    arguments: Sequence[str],
    stdin: str,
    environment: Mapping[str, str],
    folder: Path | None,
    patience: float,
) -> Said:
    """Run `authserver ARGUMENTS`. Raises TimeoutError after `patience` seconds."""
    ours, its = multiprocessing.Pipe(duplex=False)
    given = (its, tuple(arguments), stdin, dict(environment), folder)
    process = forkserver().Process(target=_command, args=given)
    process.start()
    its.close()
    try:
        if not ours.poll(patience):
            raise TimeoutError(f"{arguments} does not end")
        return Said(*ours.recv())
    finally:
        process.kill()
        process.join()
        ours.close()


class Child(Protocol):
    """What of a `subprocess.Popen` is used here."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float) -> int: ...


class ForkedChild:
    """A command that goes on, in a session of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None,
        log: Path,
    ) -> None:
        """Start it; what it says goes to the end of a file."""
        given = (tuple(arguments), dict(environment), folder, log)
        self._process = forkserver().Process(target=_go_on, args=given, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("authserver", timeout)
        return self._process.exitcode


@cache
def forkserver() -> ForkServerContext:
    """Return what starts processes that have imported the command line already."""
    context = multiprocessing.get_context("forkserver")
    # The demo reads its applications' addresses from the environment when it is imported.
    ahead = [f"authserver.cli.{name.replace('-', '_')}" for name in COMMANDS if name != "demo"]
    ahead += ["authserver.app", "authserver.wiring.apart.application"]
    context.set_forkserver_preload(ahead)
    return context


def _command(
    answer: Connection,
    arguments: Sequence[str],
    stdin: str,
    environment: Mapping[str, str],
    folder: Path | None,
) -> None:
    move(environment, folder)
    done = CliRunner().invoke(main, arguments, input=stdin)
    defect = "" if isinstance(done.exception, SystemExit | None) else repr(done.exception)
    answer.send((done.exit_code, done.stdout, done.stderr + defect))


def _go_on(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path | None, log: Path
) -> None:
    os.setsid()
    move(environment, folder)
    with log.open("ab") as output:
        for number in (1, 2):
            os.dup2(output.fileno(), number)
    # It has children as the program has them: `multiprocessing` would start them otherwise, and
    # forbids them to whoever ends with its parent.
    multiprocessing.set_start_method("fork", force=True)
    multiprocessing.current_process()._config["daemon"] = False  # noqa: SLF001
    # As `authserver serve` goes on, but with what is imported here already.
    workers.become = workers.serve
    main(arguments)


def move(environment: Mapping[str, str], folder: Path | None) -> None:
    """Have these surroundings from now on."""
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)

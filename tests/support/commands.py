"""The command line in processes of their own, forked from one that has imported it already.

An installation is made of half a dozen commands, and a command needs a second for its imports.
"""

import multiprocessing
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

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
    process = _forkserver().Process(target=_command, args=given)
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


@cache
def _forkserver() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"authserver.cli.{name}" for name in COMMANDS])
    return context


def _command(
    answer: Connection,
    arguments: Sequence[str],
    stdin: str,
    environment: Mapping[str, str],
    folder: Path | None,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    done = CliRunner().invoke(main, arguments, input=stdin)
    defect = "" if isinstance(done.exception, SystemExit | None) else repr(done.exception)
    answer.send((done.exit_code, done.stdout, done.stderr + defect))

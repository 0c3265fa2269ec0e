"""An `authserver` for somebody's shell that needs no second for its imports.

A shell finds the shim (shim.py) on its PATH. The shim hands its arguments, environment, folder,
input and outputs to a process that has imported the command line already, which forks for each
command, and tells the shim how the command ended.
"""

import atexit
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
from functools import cache
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import NamedTuple, Self

from authserver.cli import main
from tests.support.commands import forkserver, move

_SHIM = Path(__file__).with_name("shim.py")
_STREAMS = 3


@cache
def programs() -> Path:
    """Return the folder that a PATH is to begin with. What answers ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="authserver-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    at = folder / "socket"
    # Without `site`, and without anything of the caller's environment.
    command = shlex.join([sys.executable, "-ISE", str(_SHIM), str(at)])
    program = folder / "authserver"
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(at))
        listener.listen()
        forkserver().Process(target=_listen, args=(listener,), daemon=True).start()
    return folder


class _Asked(NamedTuple):
    """What a shim hands over."""

    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    streams: list[int]

    @classmethod
    def by(cls, shim: socket.socket) -> Self:
        _, streams, *_ = socket.recv_fds(shim, 1, _STREAMS)
        with shim.makefile("rb") as pieces:
            folder, count, *words = map(os.fsdecode, pieces.read().split(b"\0"))
        pairs = (pair.partition("=") for pair in words[int(count) :])
        environment = {name: value for name, _, value in pairs}
        return cls(words[: int(count)], environment, Path(folder), streams)


def _listen(listener: socket.socket) -> None:
    """Attend to shims for as long as the tests run."""
    tests = parent_process()
    assert tests is not None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests end this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how an attendant ended
    while tests.sentinel not in wait([listener, tests.sentinel]):
        shim, _ = listener.accept()
        with shim:
            # One for each: the commands of a pipe run at the same time.
            if os.fork() == 0:
                listener.close()
                _attend(shim)
                break


def _attend(shim: socket.socket) -> None:
    """Fork once more, so that any end of the command can be told."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked = _Asked.by(shim)
    pid = os.fork()
    if pid == 0:
        shim.close()
        _become(asked)
    _, status = os.waitpid(pid, 0)
    shim.sendall(b"%d" % os.waitstatus_to_exitcode(status))


def _become(asked: _Asked) -> None:
    """Be what the shell started, and end as it does: what `multiprocessing` does with a process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(asked.streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    move(asked.environment, asked.folder)
    main(asked.arguments, prog_name="authserver")

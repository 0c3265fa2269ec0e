"""Private PostgreSQL and Redis for one command, and where Chromium and Node.js are.

    python -m tests.support.services [--install] [--] COMMAND...

Starts the databases on free ports with their data in a temporary folder, names everything in the
command's environment, and removes it all when the command ends, however it ends. What is missing
is said together with the tests that are skipped; `--install` lets root on Debian fetch it with apt.
"""

import argparse
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from tests.support.needs import NEEDS, POSTGRESQL, REDIS, install, say

_HOST = "127.0.0.1"
_START_SECONDS = 60
_STOP_SECONDS = 20
_MEMORY, _DISK = "/dev/shm", "/tmp"  # noqa: S108  a folder of our own is made in it
_ENOUGH = 8 * 1024**3
_NEVER_ROOT = "postgres"  # PostgreSQL refuses to run as root: it gets this user


class Ended(BaseException):
    """A signal asks for the end. Not an Exception: nothing may mistake it for a failure."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command among the services and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.services")
    parser.add_argument("--install", action="store_true", help="apt-get install what is missing")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("which command?")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    if options.install:
        install()
    try:
        with services() as names:
            return _run(command, {**os.environ, **names})
    except Ended as ended:
        return 128 + int(ended.args[0])


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Start what can be started and give the environment variables that name it."""
    with ExitStack() as stack:
        # Short, because a socket's path is limited to 107 bytes; not TMPDIR, which may be closed
        # to the user that PostgreSQL runs as.
        folder = Path(tempfile.mkdtemp(prefix="authserver-", dir=_ground()))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        names = {}
        if "TMPDIR" not in os.environ:
            names["TMPDIR"] = str(folder / "tmp")
            (folder / "tmp").mkdir()
        for need in NEEDS:
            if need.variable in os.environ:
                continue
            found = need.find()
            if found is None:
                say(f"no {need.name}: {need.untested} will be skipped")
                continue
            start = _STARTERS.get(need.variable)
            names[need.variable] = start(stack, folder, found) if start else found
        yield names


def _ground() -> str:
    """Return where files are kept: in memory, if there is enough of it.

    Every test commits as durably as a server does, and a disk would make it wait for milliseconds.
    """
    if os.path.ismount(_MEMORY) and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        free = shutil.disk_usage(_MEMORY).free
        if free >= _ENOUGH:
            return _MEMORY
    return _DISK


def _start_postgresql(stack: ExitStack, folder: Path, programs: str) -> str:
    home, port = folder / "postgresql", _free_port()
    home.mkdir()
    user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        account = pwd.getpwnam(_NEVER_ROOT)
        os.chown(home, account.pw_uid, account.pw_gid)
        user = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups")
    data = home / "data"
    initdb = [f"{programs}/initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
    subprocess.run(
        [*_tied(*user), *initdb, "--no-locale", "--no-sync", "-D", str(data)],
        cwd=home,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    options = {
        "listen_addresses": _HOST,
        "port": port,
        "unix_socket_directories": home,
        "max_connections": 200,
        "shared_buffers": "64MB",
        "logging_collector": "off",
        "log_min_messages": "fatal",
        # It ends with the run, and nobody reads what it wrote afterwards.
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
    }
    wanted = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = [*_tied(*user), f"{programs}/postgres", "-D", str(data), *wanted]
    ready = [f"{programs}/pg_isready", "--quiet", "--host", _HOST, "--port", str(port)]
    _start(
        stack,
        server,
        home=home,
        ready=lambda: subprocess.run(ready, check=False).returncode == 0,
    )
    say(f"PostgreSQL at port {port}")
    return f"postgresql+psycopg://postgres@{_HOST}:{port}/postgres"


def _start_redis(stack: ExitStack, folder: Path, program: str) -> str:
    home, port = folder / "redis", _free_port()
    home.mkdir()
    options = {"bind": _HOST, "port": str(port), "save": "", "appendonly": "no", "dir": str(home)}
    server = [
        *_tied(),
        program,
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]
    _start(stack, server, home=home, ready=lambda: _redis_answers(port))
    say(f"Redis at port {port}")
    return f"redis://{_HOST}:{port}/0"


_STARTERS = {POSTGRESQL: _start_postgresql, REDIS: _start_redis}


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _tied(*user: str) -> list[str]:
    """Return what starts a program so that it dies with us, even when we are killed outright."""
    setpriv = shutil.which("setpriv")
    return [setpriv, *user, "--pdeathsig=INT", "--"] if setpriv else []


def _start(
    stack: ExitStack,
    command: list[str],
    *,
    home: Path,
    ready: Callable[[], bool],
) -> None:
    """Start a server, have `stack` stop it, and return when it answers."""
    log = home / "log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C ends the command first, and the server after it.
        server = subprocess.Popen(
            command,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack.callback(_stop, server)
    until = time.monotonic() + _START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{command[0]} does not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process by SIGINT: PostgreSQL then drops its clients, and pytest cleans up."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run(command: list[str], environ: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environ)
    try:
        code = process.wait()
    except Ended:
        _stop(process)
        raise
    return code if code >= 0 else 128 - code


def _end(number: int, _frame: FrameType | None) -> None:
    for later in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(later, signal.SIG_IGN)
    raise Ended(number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())

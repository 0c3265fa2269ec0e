"""Installations made by the command line, and server processes over them: nothing in-process."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.support import commands
from tests.support.databases import as_owner
from tests.support.waiting import PATIENCE, ProcessError, wait_for

HOST = "localhost"
PASSWORD = "Correct-Horse-7"
PEOPLE_SCOPES = ("openid", "profile", "email", "offline_access", "reports:read")
AUDIENCE = "urn:acme:reports"

_SHOWN = 6000
_AUTHSERVER = (sys.executable, "-m", "authserver.cli")


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    email: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Registered:
    """A client, as its owner knows it."""

    id: str
    secret: str | None
    redirect_uri: str = ""


@dataclass
class Installation:
    """A data directory and a database. `program` is the installed `authserver` to use."""

    data_dir: Path
    database_url: str = ""
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = _AUTHSERVER
    cwd: Path | None = None

    @property
    def issuer(self) -> str:
        return f"http://{HOST}:{self.port}"

    @cached_property
    def environment(self) -> dict[str, str]:
        """The surroundings without the test run's own variables, with the settings."""
        ours = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        chosen = {
            "AUTHSERVER_ISSUER": self.issuer,
            "AUTHSERVER_DATA_DIR": str(self.data_dir),
            "AUTHSERVER_LOGIN_RATE": "100000",
            **self.settings,
        }
        if self.database_url:
            chosen["AUTHSERVER_DATABASE_URL"] = self.database_url
            chosen["AUTHSERVER_DATABASE_OWNER_URL"] = self.behind
        return {**ours, **chosen}

    @property
    def behind(self) -> str:
        """The URL by which a test looks behind the walls."""
        return as_owner(self.database_url or f"sqlite:///{self.data_dir}/authserver.db")

    def run(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Run a command and return its JSON. Raises ProcessError with all that it said."""
        done = self._run((*arguments, "--json"), stdin)
        if done.code:
            said = done.stdout + done.stderr
            raise ProcessError(f"{arguments} ended with {done.code}: {said}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _run(self, arguments: Sequence[str], stdin: str) -> commands.Said:
        where = (stdin, self.environment, self.cwd, PATIENCE)
        if self.program == _AUTHSERVER:
            return commands.forked(arguments, *where)
        return commands.started((*self.program, *arguments), *where)

    def tenant(self, slug: str, type_: str = "internal") -> str:
        """Create a tenant and return its slug."""
        self.run("tenants", "create", slug, "--name", slug.capitalize(), "--type", type_)
        return slug

    def person(self, tenant: str, *roles: str, name: str = "Ada Lovelace") -> Person:
        """Create somebody with a verified address and a password."""
        email = f"u-{secrets.token_hex(4)}@example.com"
        who = ("--tenant", tenant, "--email", email, "--name", name)
        held = [part for role in roles for part in ("--role", role)]
        secret = ("--password-stdin", "--verified")
        made = self.run("users", "create", *who, *held, *secret, stdin=PASSWORD)
        return Person(made["id"], email)

    def web_client(
        self, tenant: str, redirect_uri: str, *more: str, kind: str = "web", name: str = "Shop"
    ) -> Registered:
        """Register an application to which people sign in."""
        scopes = [part for scope in PEOPLE_SCOPES for part in ("--scope", scope)]
        asked = ("--name", name, "--redirect-uri", redirect_uri, "--audience", AUDIENCE)
        return self._client(tenant, kind, *asked, *scopes, *more)

    def service_client(self, tenant: str, *more: str, kind: str = "service") -> Registered:
        """Register a client that acts for itself."""
        asked = ("--name", "Importer", "--scope", "reports:read", "--scope", "reports:write")
        return self._client(tenant, kind, *asked, "--audience", AUDIENCE, *more)

    def device_client(self, tenant: str) -> Registered:
        """Register a device without a browser."""
        scopes = [part for scope in PEOPLE_SCOPES for part in ("--scope", scope)]
        return self._client(tenant, "device", "--name", "Screen", "--audience", AUDIENCE, *scopes)

    def _client(self, tenant: str, kind: str, *asked: str) -> Registered:
        made = self.run("clients", "create", "--tenant", tenant, "--kind", kind, *asked)
        uris = made["redirect_uris"]
        return Registered(made["client_id"], made.get("client_secret"), uris[0] if uris else "")


class Process:
    """A child in a session of its own, with its output in a file."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, url: str, log: Path
    ) -> None:
        """Take what to run and the URL that answers once it is ready."""
        self._command = command
        self._environment = environment
        self._log = log
        self._child: commands.Child | None = None
        self.url = url
        self.cwd: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self.stop()
        finally:
            if kind is not None:
                sys.stderr.write(f"\n--- {self._log.name}\n{self.said()}\n")

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def _running(self) -> commands.Child:
        if self._child is None:
            raise ProcessError("it is not running")
        return self._child

    def start(self) -> None:
        """Start it and return when it answers."""
        self._child = self._begin()
        wait_for(self._answers, f"{self.url} to answer")

    def stop(self) -> int:
        """Ask it to end; return its exit code. Does nothing when it has ended."""
        if self._child is None:
            return 0
        if self._child.poll() is None:
            os.kill(self._child.pid, signal.SIGTERM)
        try:
            return self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise ProcessError(f"it does not end:\n{self.said()}") from None
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and its workers at once, as a power cut would (SIGKILL)."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait(PATIENCE)
            self._child = None

    def workers(self) -> list[int]:
        """Return the process ids of its direct children that serve."""
        task = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        pids = task.read_text().split()
        return [int(pid) for pid in pids if b"tracker" not in _command_of(pid)]

    def said(self) -> str:
        """Return the end of its output, without the access lines."""
        if not self._log.exists():
            return ""
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if '"event":"request"' not in line)[-_SHOWN:]

    def _begin(self) -> commands.Child:
        known = len(_AUTHSERVER)
        if tuple(self._command[:known]) == _AUTHSERVER:
            forked = self._command[known:]
            return commands.ForkedChild(forked, self._environment, self.cwd, self._log)
        with self._log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                env=dict(self._environment),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        ended = self._running.poll()
        if ended is not None:
            raise ProcessError(f"it ended with {ended}:\n{self.said()}")
        try:
            with urlopen(self.url, timeout=2) as answer:  # noqa: S310  our own http URL
                return bool(answer.status < 400)
        except (URLError, OSError):
            return False


class ServerProcess(Process):
    """`authserver serve` over an installation, ready to answer."""

    def __init__(
        self, installation: Installation, *, port: int | None = None, workers: int = 1
    ) -> None:
        """Take the installation. Another `port` is another process of the same issuer."""
        port = port or installation.port
        self.base = f"http://{HOST}:{port}"
        listen = ("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers))
        super().__init__(
            [*installation.program, "serve", *listen],
            installation.environment,
            url=f"{self.base}/.well-known/openid-configuration",
            log=installation.data_dir.parent / f"server-{port}.log",
        )
        self.cwd = installation.cwd
        self.installation = installation


class Worker(Process):
    """`authserver worker`, ready when it says so. It looks for mails at once."""

    def __init__(self, installation: Installation, name: str = "worker") -> None:
        """Take the installation, and the name of its log."""
        log = installation.data_dir.parent / f"{name}.log"
        command = [*installation.program, "worker"]
        super().__init__(command, installation.environment, url="the worker", log=log)

    def _answers(self) -> bool:
        assert self._running.poll() is None, self.said()
        return "Sending mail" in self.said()


def _command_of(pid: str) -> bytes:
    """Return how a process was started; of one that has just gone, that it is no worker."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b"tracker"


def make_installation(folder: Path, database_url: str = "", **settings: str) -> Installation:
    """Set up an empty installation in a folder."""
    chosen = {f"AUTHSERVER_{name.upper()}": value for name, value in settings.items()}
    made = Installation(folder / "data", database_url, settings=chosen)
    made.run("init")
    return made


def _is_ours(name: str) -> bool:
    # Children keep what they compile: an installation is made of a dozen commands.
    return name.startswith(("AUTHSERVER_", "PYTEST_")) or name == "PYTHONDONTWRITEBYTECODE"

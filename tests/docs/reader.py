"""Somebody who follows a page to the letter, in an empty folder. Only the ports are others."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.docs.pages import README, Page
from tests.support import shell
from tests.support.process import Installation, Person, Process, free_port

ADA = Person("", "ada@orchid.example", "Blue-Lantern-42")
PATIENCE = 60
_SERVER, _PORTAL, _API = "8000", "5000", "5001"
_PORT = re.compile(rf"\b({_SERVER}|{_PORTAL}|{_API})\b")
_SHELL = ("bash", "-euo", "pipefail", "-c")


class _Program(Process):
    """A child that is ready when it accepts connections: not every program has a page at /."""

    def _answers(self) -> bool:
        assert self._running.poll() is None, self.said()
        where = urlsplit(self.url)
        try:
            with socket.create_connection((where.hostname or "", where.port or 80), timeout=2):
                return True
        except OSError:
            return False


class Reader:
    """A folder, a shell's environment and a page."""

    def __init__(self, page: str, folder: Path) -> None:
        self.page = Page.read(page)
        self.folder = folder
        self.ports = {port: str(free_port()) for port in (_SERVER, _PORTAL, _API)}
        self.environment = self._first_environment()
        self._others: dict[str, str] = {"authserver serve": "authserver serve --port 8000"}

    @property
    def issuer(self) -> str:
        return self._at(_SERVER)

    @property
    def portal(self) -> str:
        return self._at(_PORTAL)

    @property
    def api(self) -> str:
        return self._at(_API)

    def follow(self, page: str) -> None:
        """Go on with another page."""
        self.page = Page.read(page)

    def put(self, others: Mapping[str, str]) -> None:
        """From now on, read these texts of the page as others: the places of this machine."""
        for written in others:
            assert written in self.page.text, f"{written!r} does not occur in {self.page.name}"
        self._others |= others

    def text(self, title: str) -> str:
        """Return a block as it is to be typed here."""
        text = self.page.block(title).text
        for written, meant in self._others.items():
            text = text.replace(written, meant)
        return _PORT.sub(lambda found: self.ports[found[1]], text)

    def save(self, *titles: str) -> None:
        """Save programs under their titles."""
        for title in titles:
            (self.folder / title).write_text(self.text(title))

    def type(self, title: str) -> str:
        """Type a block's commands into the shell and return what is printed.

        Variables that the block exports stay for the blocks after it.
        """
        memory = self.folder / ".environment"
        done = self._run(f"{self.text(title)}\nenv -0 > {memory}")
        assert done.returncode == 0, f"{title}: {done.stdout}\n{done.stderr}"
        pairs = memory.read_text().strip("\0").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        return done.stdout

    def command(self, line: str) -> str:
        """Type a command that no page has, and return what is printed."""
        done = self._run(line)
        assert done.returncode == 0, f"{line}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def refused(self, title: str) -> str:
        """Type a block whose last command is refused, and return what is printed."""
        done = self._run(self.text(title))
        assert done.returncode == 1, f"{title}: {done.returncode} {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def register(self, title: str) -> tuple[str, str]:
        """Type a block that registers a client; return the id and the secret that it prints."""
        said = self.type(title)
        [client_id] = re.findall(r"client_id\s+(cli_\S+)", said)
        return client_id, "".join(re.findall(r"client_secret\s+(cs_\S+)", said))

    @contextmanager
    def running(self, title: str, at: str) -> Iterator[Process]:
        """Type a block that goes on until Ctrl-C; it is ready when it can be called."""
        log = self.folder / f"{title}.log"
        process = _Program([*_SHELL, f"exec {self.text(title)}"], self.environment, url=at, log=log)
        process.cwd = self.folder
        with process:
            yield process
            process.stop()

    @contextmanager
    def serving(self, title: str) -> Iterator[Process]:
        """Type the block that runs the server."""
        with self.running(title, self.issuer) as process:
            yield process

    def _run(self, script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*_SHELL, script],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def _at(self, port: str) -> str:
        return f"http://localhost:{self.ports[port]}"

    def _first_environment(self) -> dict[str, str]:
        """Return the environment of somebody who has set nothing; only the port is another."""
        clean = Installation(self.folder / "var").environment
        usual = {n: v for n, v in clean.items() if not n.startswith(("AUTHSERVER_", "FLASK_"))}
        installed = str(Path(sys.executable).parent)
        return {
            **usual,
            "PATH": os.pathsep.join((str(shell.programs()), installed, usual["PATH"])),
            "AUTHSERVER_ISSUER": self.issuer,
            # Several runs on one machine do not share their pip, curl and Flask settings.
            "HOME": str(self.folder),
        }


@contextmanager
def following(page: str, folder: Path) -> Iterator[Reader]:
    """Give a reader who has done what the README says under "Set up", and now follows a page."""
    reader = Reader(README, folder)
    reader.type("set up")
    with reader.serving("serve"):
        reader.follow(page)
        yield reader

"""oidc-provider from npm as an upstream: somebody else's idea of what OpenID Connect is.

    with oidc_provider(request.config, folder, Registered("ours", redirect_uri)) as upstream:
        upstream.issuer                          # http://localhost:<port>
        upstream.rotate_keys()
        upstream.tamper({"aud": "others"})       # into the ID tokens; None leaves out
        upstream.tamper(alg="none")              # or "HS256", "stranger"
        upstream.be_honest()

It signs in whoever the `login_hint` says, or ada@corp.example, without a page; with `pages=True` it
shows its own, where the name that is typed is who it is. Everybody's address is verified. `walk`
goes there as a browser does.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.support.npm import node_modules
from tests.support.process import free_port

HERE = Path(__file__).parent
SECRET = "secret-of-ours-0123456789abcdef"


@dataclass(frozen=True)
class Registered:
    """A client of it. `token_endpoint_auth_method` "none" has no secret."""

    client_id: str
    redirect_uris: list[str]
    token_endpoint_auth_method: str = "client_secret_basic"
    client_secret: str | None = SECRET
    grant_types: list[str] = field(default_factory=lambda: ["authorization_code", "refresh_token"])

    def metadata(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class OidcProvider:
    """One that runs."""

    def __init__(self, child: "subprocess.Popen[str]", log: Path) -> None:
        self._child, self._log = child, log
        self.issuer = ""

    def rotate_keys(self) -> None:
        self.tell({"rotate": True})

    def tamper(self, claims: dict[str, Any] | None = None, *, alg: str | None = None) -> None:
        self.tell({"tamper": {"claims": claims or {}, "alg": alg}})

    def be_honest(self) -> None:
        self.tell({"tamper": None})

    def tell(self, what: dict[str, Any]) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(what) + "\n")
        self._child.stdin.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, f"it failed: {self._log.read_text()}"
        return dict(json.loads(line))


@contextmanager
def oidc_provider(
    config: pytest.Config,
    folder: Path,
    *clients: Registered,
    pages: bool = False,
    port: int | None = None,
) -> Iterator[OidcProvider]:
    """Run it with these clients; `folder` is an empty one. Skips without Node.js and npm."""
    shutil.copy(HERE / "provider.mjs", folder)
    shutil.copy(HERE / "package.json", folder)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(node_modules(config, HERE))
    log = folder / "log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            ["node", "provider.mjs"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as child,
    ):
        try:
            running = OidcProvider(child, log)
            known = [client.metadata() for client in clients]
            ready = running.tell({"port": port or free_port(), "clients": known, "pages": pages})
            running.issuer = ready["ready"]
            yield running
        finally:
            child.kill()


def walk(url: str, *, until: str, session: requests.Session | None = None) -> str:
    """Follow redirects from a URL as a browser does, and return the first that leads to `until`."""
    browser = session or requests.Session()
    browser.trust_env = False
    for _ in range(12):
        answer = browser.get(url, allow_redirects=False, timeout=20)
        assert answer.is_redirect, f"{answer.status_code} at {url}: {answer.text[:500]}"
        url = urljoin(url, answer.headers["location"])
        if url.partition("?")[0] == until:
            return url
    raise AssertionError(f"{until} is not reached")

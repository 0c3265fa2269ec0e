"""A server under measurement: its process, and its protocol as a client sees it."""

import base64
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import requests
from browser import TIMEOUT, Browser, Pkce

REDIRECT_URI = "http://localhost:9/cb"
START_SECONDS = 60


class TargetError(Exception):
    """A server did not start, or did not answer as it must."""


@dataclass(frozen=True)
class Credentials:
    """A confidential client."""

    client_id: str
    client_secret: str

    @property
    def basic(self) -> str:
        """The Authorization header of client_secret_basic (RFC 6749 section 2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Target:
    """One server. A subclass says how to start it and fills the class attributes below."""

    kind = "target"
    opaque_for_introspection = False
    oidc_scope = "openid profile email"  # of sign-ins, introspection and userinfo
    code_flow_scope = "openid"
    refresh_scope = ""  # without openid, so that nobody signs an ID token at a refresh
    api_scope = ""  # of client credentials
    resource: str | None = None
    answers: Mapping[str, str] = {}
    keeps_sessions = False

    web: Credentials
    service: Credentials

    def __init__(self, name: str) -> None:
        self.name = name
        self.base_url = ""
        self.core: int | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.metadata: dict[str, Any] = {}
        self._browsers: list[Browser] = []
        # Not /tmp: that may be a memory disk, where a durable write costs nothing.
        build = Path(__file__).parent.parent / "build"
        build.mkdir(exist_ok=True)
        self.folder = tempfile.TemporaryDirectory(prefix=f"bench-{name}-", dir=build)

    # --- what a subclass provides

    def command(self, port: int) -> list[str]:
        """Prepare everything the server needs and return the command that serves on `port`."""
        raise NotImplementedError

    def environment(self, port: int) -> dict[str, str]:
        """Return the environment variables of the server, beside those of this process."""
        raise NotImplementedError

    def versions(self) -> dict[str, str]:
        """Return name and version of everything that serves."""
        raise NotImplementedError

    # --- the process

    def start(self, core: int | None) -> None:
        """Start the server on processor `core` (None: anywhere) and wait for its first answer."""
        port = free_port()
        self.core = core
        self.base_url = f"http://localhost:{port}"
        command = self.command(port)
        pin = [] if core is None else ["taskset", "-c", str(core)]
        log = Path(self.folder.name, "server.log").open("wb")  # noqa: SIM115  the server owns it
        self.process = subprocess.Popen(
            pin + command,
            env=os.environ | self.environment(port),
            cwd=self.folder.name,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.metadata = self._wait_for_discovery()

    def _wait_for_discovery(self) -> dict[str, Any]:
        last_moment = time.monotonic() + START_SECONDS
        while time.monotonic() < last_moment:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                answer = requests.get(self.discovery_url, timeout=TIMEOUT)
            except requests.ConnectionError:
                time.sleep(0.1)
                continue
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found
        log = Path(self.folder.name, "server.log").read_text(errors="replace")
        raise TargetError(f"{self.name} does not serve:\n{log[-3000:]}")

    def stop(self) -> None:
        """End the server and remove its data."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.folder.cleanup()

    # --- its protocol, as a client sees it

    @property
    def discovery_url(self) -> str:
        """The OpenID Connect discovery document."""
        return f"{self.base_url}/.well-known/openid-configuration"

    def authorize_url(self, scope: str, pkce: Pkce, *, jwt: bool = True) -> str:
        """Return an authorization request; `jwt=False` leaves the resource out."""
        query = {
            "response_type": "code",
            "client_id": self.web.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": "bench-state",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
        }
        if "openid" in scope.split():
            query["nonce"] = "bench-nonce"
        if jwt and self.resource:
            query["resource"] = self.resource
        return f"{self.metadata['authorization_endpoint']}?{urlencode(query)}"

    def token(self, client: Credentials, **form: str) -> dict[str, Any]:
        """Call the token endpoint and return its answer."""
        answer = requests.post(
            self.metadata["token_endpoint"],
            data=form,
            headers={"Authorization": client.basic},
            timeout=TIMEOUT,
        )
        if answer.status_code != 200:
            raise TargetError(f"{self.name} {form}: {answer.status_code} {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found

    def client_credentials_form(self) -> dict[str, str]:
        """Return the form of a client credentials request."""
        form = {"grant_type": "client_credentials"}
        if self.api_scope:
            form["scope"] = self.api_scope
        if self.resource:
            form["resource"] = self.resource
        return form

    def code_flow(self, browser: Browser, scope: str, *, jwt: bool = True) -> dict[str, Any]:
        """Run one code flow and return the token answer."""
        pkce = Pkce.new()
        code = browser.authorize(self.authorize_url(scope, pkce, jwt=jwt))
        return self.token(
            self.web,
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=pkce.verifier,
        )

    def browsers(self, count: int) -> list[Browser]:
        """Return `count` browsers with a live session each."""
        have = self._browsers if self.keeps_sessions else []
        while len(have) < count:
            browser = Browser(REDIRECT_URI, self.answers)
            self.code_flow(browser, self.oidc_scope)
            have.append(browser)
        self._browsers = have
        return have[:count]

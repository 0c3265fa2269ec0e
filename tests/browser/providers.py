"""Connections of a running server, made at its command line, as browsers meet them."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from tests.support.demo import Demo
from tests.support.process import Registered
from tests.support.tokens import authorization_url


@dataclass(frozen=True)
class Upstream:
    """A tenant with a connection, and an application of it that needs no consent."""

    demo: Demo
    tenant: str
    connection_id: str
    client: Registered

    @property
    def callback(self) -> str:
        return f"{self.demo.issuer}/login/federation/{self.connection_id}/callback"

    def begin(self, page: Page, **request: str) -> None:
        """Come from the application to the sign-in page."""
        page.goto(authorization_url(self.demo.issuer, self.client, **request))

    def answer(self, page: Page) -> dict[str, str]:
        """Wait until the browser is back at the application; return what it brought."""
        page.wait_for_url(f"{self.client.redirect_uri}**")
        return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


class _Application(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>The application</title>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def application() -> Iterator[str]:
    """Run an application that takes whatever comes back; return where."""
    with ThreadingHTTPServer(("localhost", 0), _Application) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/callback"
        server.shutdown()


@dataclass(frozen=True)
class Far:
    """A provider, as its operator describes it to us."""

    server: str
    client_id: str
    secret: str
    label: str


def connected(demo: Demo, redirect_uri: str, far: Far, *more: str) -> Upstream:
    """Make a tenant with an application, and a connection of it to an OpenID provider."""
    run, slug = demo.installation.run, f"up-{secrets.token_hex(3)}"
    run("tenants", "create", slug, "--name", "Hooli", "--type", "customer")
    made = run(
        "connections", "create", "work", "--kind", "oidc", "--tenant", slug, "--label", far.label,
        "--server", far.server, "--client-id", far.client_id,
        "--secret-stdin", *more, stdin=far.secret,
    )  # fmt: skip
    client = demo.installation.web_client(slug, redirect_uri, "--first-party", name="Hooli Portal")
    return Upstream(demo, slug, made["id"], client)


def person(upstream: Upstream, email: str, password: str) -> None:
    """Make somebody an account with a proved address and a password."""
    who = ("--tenant", upstream.tenant, "--email", email, "--name", "Ada Byron")
    run = upstream.demo.installation.run
    run("users", "create", *who, "--verified", "--password-stdin", stdin=password)

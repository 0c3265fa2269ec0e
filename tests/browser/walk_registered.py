"""Walks to an application that registered itself and has a logo: part of walk.py's tours."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from tests.browser.providers import application
from tests.browser.walk import Stop
from tests.support.demo import PASSWORD, Demo
from tests.support.process import Registered
from tests.support.tokens import authorization_url

TENANT = "orchid-labs"
EMAIL = f"ada@{TENANT}.example"


def registered(page: Page, demo: Demo, stop: Stop) -> None:
    """Sign in for an application that nobody has looked at, and see what it wants."""
    with application() as redirect_uri, logo_server() as logo_uri:
        client = registers(demo, redirect_uri, logo_uri)
        page.goto(authorization_url(demo.issuer, client, scope="openid profile email"))
        page.locator(".lead-client img").wait_for()
        stop("sign-in-logo")
        page.locator("#email").fill(EMAIL)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.locator(".unchecked").wait_for()
        stop("consent-registered")


def registers(demo: Demo, redirect_uri: str, logo_uri: str) -> Registered:
    """Make a tenant that lets applications register, and let one do so."""
    run = demo.installation.run
    run("tenants", "create", TENANT, "--name", "Orchid Labs", "--type", "customer")
    run("tenants", "set", TENANT, "--client-registration", "pkce-required")
    run(
        "users", "create", "--tenant", TENANT, "--email", EMAIL, "--name", "Ada Byron",
        "--verified", "--password-stdin", stdin=PASSWORD,
    )  # fmt: skip
    made = run("registrations", "create-token", "--tenant", TENANT, "--name", "Tours")
    token = made["initial_access_token"]
    asked = {
        "client_name": "Field Notes",
        "redirect_uris": [redirect_uri],
        "logo_uri": logo_uri,
        "policy_uri": "https://notes.example/privacy",
        "tos_uri": "https://notes.example/terms",
    }
    request = urllib.request.Request(  # noqa: S310  the demo's own address
        f"{demo.issuer}/oauth/register",
        data=json.dumps(asked).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  the same
        document = json.loads(answer.read())
    return Registered(document["client_id"], document["client_secret"], redirect_uri)


@contextmanager
def logo_server() -> Iterator[str]:
    """Publish a logo that is wider than high; return where."""
    drawn = Image.new("RGBA", (480, 320), (0, 0, 0, 0))
    pen = ImageDraw.Draw(drawn)
    pen.rounded_rectangle((80, 0, 400, 320), 72, fill="#0f766e")
    for place, width in ((96, 190), (160, 190), (224, 110)):
        pen.rounded_rectangle((145, place - 14, 145 + width, place + 14), 14, fill="#ffffff")
    out = BytesIO()
    drawn.save(out, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(out.getvalue())))
            self.end_headers()
            self.wfile.write(out.getvalue())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/logo.png"
        server.shutdown()

"""What all simulated providers have: a server, people, a record of requests, and trouble."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from tests.support.clock import ManualClock
from tests.support.providers.people import Grant, Person, Vault

_PATIENCE = 30  # how long one that hangs does so, and one that drips
_HUGE = 100 * 1024 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Trouble(StrEnum):
    """How an endpoint fails."""

    HANG = "hang"  # accepts the request and says nothing for 30 seconds
    DRIP = "drip"  # a byte now and then, without an end
    STATUS_500 = "500"  # with a page of HTML
    STATUS_503_JSON = "503"  # with a JSON error
    RATE_LIMITED = "429"
    GARBAGE = "garbage"  # 200, JSON by its type, and not JSON
    HTML = "html"  # 200 and a page: a proxy's, or a captive portal's
    LIST = "list"  # 200, JSON, and not an object
    HUGE = "huge"  # 100 MB of JSON
    REDIRECT = "redirect"  # to a loopback address
    CLOSE = "close"  # hangs up


@dataclass(frozen=True)
class Asked:
    """A request that came in. `given` is its form, or its query."""

    endpoint: str
    method: str
    given: dict[str, str]
    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Endpoint(Protocol):
    """Answers one request."""

    def __call__(self, asked: Asked) -> Reply: ...


def reply(document: object, status: int = 200) -> Reply:
    """Return a JSON answer, as providers send it: with a charset, which JSON does not have."""
    headers = {"cache-control": "no-store"}
    return Reply(status, json.dumps(document).encode(), f"{JSON}; charset=utf-8", headers)


def query(url: str) -> dict[str, str]:
    """Return the parameters of a URL."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


class Provider:
    """A provider that listens. Subclasses name `endpoints` and answer them."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self._clock = clock
        self._server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"provider": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.closing = threading.Event()
        self.url = f"http://localhost:{self._server.server_port}"
        self.client_id = "client-of-ours"
        self.client_secret = "secret:of+ours/%~"
        self.vault = Vault()
        self.people: list[Person] = []
        self.present: Person | None = None
        self.asked: list[Asked] = []
        self.trouble: dict[str, Trouble] = {}
        self.callback: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def now(self) -> int:
        return int(self._clock.now().timestamp() if self._clock else time.time())

    def person(self, **known: Any) -> Person:
        """Make somebody an account; they are at the keyboard from now on."""
        number = len(self.people) + 1
        made = Person(**{"subject": self.new_subject(number), **known})
        self.people.append(made)
        self.present = made
        return made

    def new_subject(self, number: int) -> str:
        """Return an identifier of the provider's form."""
        return f"subject-{number}"

    def sign_in(self, authorization_url: str, person: Person | None = None) -> str:
        """Be at the provider as a person, and return the URL at which the browser comes back."""
        assert authorization_url.partition("?")[0] in self.authorize_urls(), authorization_url
        return self.authorized(query(authorization_url), person)

    def authorize_urls(self) -> list[str]:
        """Return where browsers may be sent to."""
        raise NotImplementedError

    def endpoint(self, method: str, path: str) -> tuple[str, Endpoint] | None:
        """Return the name of the endpoint at a path, and what answers it."""
        raise NotImplementedError

    def authorized(self, request: dict[str, str], person: Person | None = None) -> str:
        """Return the URL at which the browser comes back."""
        who = person or self._hinted(request) or self.present
        assert who is not None, "nobody has an account at this provider"
        assert request["client_id"] == self.client_id
        assert request["response_type"] == "code"
        said: dict[str, str | None] = {"state": request.get("state")}
        if who.denies:
            said |= {"error": "access_denied", "error_description": "The user said no."}
        else:
            said["code"] = self.vault.keep(Grant(who, request, self.now), "code-")
        said |= self.said_at_callback(request) | self.callback
        there = {name: value for name, value in said.items() if value is not None}
        return f"{request['redirect_uri']}?{urlencode(there)}"

    def said_at_callback(self, _request: dict[str, str]) -> dict[str, str | None]:
        """Return what else the provider says when it sends the browser back."""
        return {}

    def _hinted(self, request: dict[str, str]) -> Person | None:
        hint = request.get("login_hint") or request.get("login")
        return next((one for one in self.people if hint in {one.email, one.user_name}), None)

    def redeemed(self, form: dict[str, str]) -> Grant | None:
        """Return the grant of a code, if the request is the one that belongs to it."""
        grant = self.vault.take(form.get("code", ""))
        if grant is None or form.get("redirect_uri") != grant.request["redirect_uri"]:
            return None
        challenge = grant.request.get("code_challenge")
        if challenge is not None and challenge != _s256(form.get("code_verifier", "")):
            return None
        return grant

    def is_client(self, asked: Asked) -> bool:
        """Tell whether the request has our credentials, in the header or in the form."""
        kind, _, encoded = asked.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            name, _, secret = b64decode(encoded).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
        else:
            given = (asked.given.get("client_id", ""), asked.given.get("client_secret", ""))
        return given == (self.client_id, self.client_secret)

    def bearer(self, asked: Asked) -> Grant | None:
        """Return the grant of the access token that a request bears."""
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        return self.vault.find(token) if kind.lower() == "bearer" else None

    def requests(self, endpoint: str) -> list[Asked]:
        """Return the requests to an endpoint."""
        return [one for one in self.asked if one.endpoint == endpoint]


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(query(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(dict(parse_qsl(body.decode(), keep_blank_values=True)))

    def _answer(self, given: dict[str, str]) -> None:
        found = self.provider.endpoint(self.command, urlsplit(self.path).path)
        if found is None:
            self._send(reply({"message": "Not Found"}, 404))
            return
        name, answer = found
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked = Asked(name, self.command, given, headers)
        self.provider.asked.append(asked)
        trouble = self.provider.trouble.get(name)
        with suppress(OSError):  # whoever asked may be gone
            if trouble is None:
                self._send(answer(asked))
            else:
                self._fail(trouble)

    def _send(self, answer: Reply) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.type)
        self.send_header("content-length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _fail(self, trouble: Trouble) -> None:
        if trouble is Trouble.HANG:
            self.provider.closing.wait(_PATIENCE)
        elif trouble is Trouble.DRIP:
            self._begin_without_end()
            while not self.provider.closing.wait(0.05):
                self.wfile.write(b" ")
        elif trouble is Trouble.HUGE:
            self._begin_without_end()
            for _ in range(_HUGE // 65_536):
                self.wfile.write(b" " * 65_536)
        elif trouble is not Trouble.CLOSE:
            self._send(_TROUBLED[trouble])

    def _begin_without_end(self) -> None:
        self.send_response(200)
        self.send_header("content-type", JSON)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Stay quiet: clients that hang up are the point."""


_TROUBLED = {
    Trouble.STATUS_500: Reply(500, b"<h1>Internal Server Error</h1>", "text/html"),
    Trouble.STATUS_503_JSON: reply({"error": "temporarily_unavailable"}, 503),
    Trouble.RATE_LIMITED: reply({"message": "API rate limit exceeded"}, 429),
    Trouble.GARBAGE: Reply(200, b"\x00\xff{]"),
    Trouble.HTML: Reply(200, b"<h1>Please sign in to this network</h1>", "text/html"),
    Trouble.LIST: reply([1, 2, 3]),
    Trouble.REDIRECT: Reply(302, b"{}", headers={"location": "http://127.0.0.1:1/latest"}),
}


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()

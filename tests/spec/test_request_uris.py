"""Request objects by reference: OpenID Connect Core section 6.2, RFC 9101 section 5.2."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from authserver.clients.options import Options
from authserver.core.net.fetch import (
    FetchBusy,
    FetchedDocument,
    Fetcher,
    FetchFailed,
    FetchRefused,
    FetchRules,
)
from authserver.oauth.authorize.objects.reading import RequestObjects
from authserver.oauth.authorize.request import Sent
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.tenants.resolve import Issuer
from tests.spec.objects import asking, signed, signing_stage, unsigned
from tests.spec.tools import Stage, encode
from tests.support.browser import ISSUER, answered
from tests.support.world import World

URI = "https://rp.example/objects/1"
HASHED = "https://rp.example/objects/2"


class Internet:
    """What stands at the client's URLs, and what was asked for."""

    def __init__(self) -> None:
        self.outcome: str | Exception = ""
        self.asked: list[tuple[str, str]] = []

    def fetch(self, url: str, *, key: str, request: Any) -> FetchedDocument:
        assert "application/jose" in request.media_types
        self.asked.append((url, key))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return FetchedDocument(200, self.outcome.encode())


@pytest.fixture(name="internet")
def _internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet()

    def fetch(_: Fetcher, url: str, **more: Any) -> FetchedDocument:
        return internet.fetch(url, **more)

    # Of the class: undone on an instance, what was there stays on it and hides the class's.
    monkeypatch.setattr(Fetcher, "fetch", fetch)
    return internet


@pytest.fixture(name="on")
def _on(world: World) -> Stage:
    return signing_stage(world, options={"request_uris": (URI, f"{HASHED}#{'A' * 43}")})


def use(on: Stage, request_uri: str, **beside: Any) -> Any:
    query = asking(on, request_uri=request_uri, **beside)
    return on.browser().authorize(on.client, **query)


def error_of(on: Stage, request_uri: str) -> str:
    told = use(on, request_uri, redirect_uri=on.client.redirect_uri)
    return answered(told)["error"]


@pytest.mark.bcp("R-42")
@pytest.mark.attack("ATK-126")
@pytest.mark.parametrize(
    "request_uri",
    [
        "https://rp.example/objects/3",
        "https://rp.example/objects/1/",
        "https://rp.example/objects/1?x=1",
        "https://rp.example/objects/../objects/1",
        "https://RP.example/objects/1",
        "https://rp.example:443/objects/1",
        "https://rp.example@evil.test/objects/1",
        "http://rp.example/objects/1",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "file:///etc/passwd",
        "data:application/jwt,x",
    ],
)
def test_nothing_is_fetched_that_was_not_registered(
    on: Stage, internet: Internet, request_uri: str
) -> None:
    assert error_of(on, request_uri) == "invalid_request_uri"
    alone = use(on, request_uri)
    assert (alone.status_code, "Location" in alone.headers) == (400, False)
    assert internet.asked == []


@pytest.mark.every_database
@pytest.mark.rfc("RFC 9101 section 5.2")
def test_a_registered_object_is_fetched_each_time_for_its_tenant(
    on: Stage, internet: Internet
) -> None:
    internet.outcome = signed(on)
    assert "/login/" in use(on, URI).headers["Location"]
    assert "/login/" in use(on, URI, scope="openid", state="x").headers["Location"]
    assert internet.asked == [(URI, on.tenant.id)] * 2


@pytest.mark.bcp("R-04", "R-45")
def test_what_stands_there_is_checked_like_any_object(on: Stage, internet: Internet) -> None:
    for outcome, error in (
        ("", "invalid_request_object"),
        ("<html>", "invalid_request_object"),
        (unsigned(on), "request_not_supported"),
        (signed(on, iss="cli_other"), "invalid_request_object"),
        (signed(on, scope="unknown"), "invalid_scope"),
    ):
        internet.outcome = outcome
        assert error_of(on, URI) == error
    internet.outcome = signed(on, redirect_uri="https://evil.test/cb", aud="x")
    answer = use(on, URI)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.rfc("RFC 9101 section 7")
@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (FetchFailed("no complete answer"), "invalid_request_uri"),
        (FetchRefused("the name leads to 10.0.0.1"), "invalid_request_uri"),
        (FetchBusy("too many"), "temporarily_unavailable"),
    ],
)
def test_trouble_on_the_way_is_an_error_that_tells_nothing_of_the_network(
    on: Stage, internet: Internet, outcome: Exception, error: str
) -> None:
    internet.outcome = outcome
    answer = use(on, URI, redirect_uri=on.client.redirect_uri)
    assert answered(answer)["error"] == error
    assert str(outcome) not in answered(answer)["error_description"]


@pytest.mark.rfc("OpenID Connect Core section 6.2")
def test_a_hash_in_the_fragment_is_that_of_the_object(on: Stage, internet: Internet) -> None:
    internet.outcome = signed(on)
    digest = encode(hashlib.sha256(internet.outcome.encode()).digest())
    assert "/login/" in use(on, f"{HASHED}#{digest}").headers["Location"]
    assert error_of(on, f"{HASHED}#{'A' * 43}") == "invalid_request_uri"
    assert {url for url, _ in internet.asked} == {HASHED}, "a fragment is never sent"


def test_it_may_not_stand_in_a_pushed_request(on: Stage, internet: Internet) -> None:
    answer = on.party.send("par", {"request_uri": URI})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert internet.asked == []


@pytest.mark.rfc("RFC 9101 section 10.3")
@pytest.mark.parametrize(
    ("media_type", "error"),
    [
        ("application/oauth-authz-req+jwt", None),
        ("application/jwt; charset=utf-8", None),
        ("application/jose", None),
        ("application/json", "invalid_request_uri"),
        ("text/html", "invalid_request_uri"),
    ],
)
def test_what_stands_there_is_a_jwt_by_its_media_type(
    on: Stage, media_type: str, error: str | None
) -> None:
    token, asked = signed(on), asking(on)
    services = on.world.services
    with _serving(token, media_type) as url:
        fetcher = Fetcher(on.world.clock, rules=FetchRules(allow_loopback_http=True))
        reader = RequestObjects(services.client_keys, fetcher, on.world.clock)
        client = services.caches.clients.get(on.client.id)
        known = replace(client, options=Options(request_uris=(url,)))
        form = Form({"client_id": [asked["client_id"]], "request_uri": [url]})
        sent = Sent(Issuer(ISSUER), known, form)
        if error is None:
            assert reader.resolve(sent).get("state") == "the state"
            return
        with pytest.raises(OAuthError) as refused:
            reader.resolve(sent)
        assert refused.value.error == error


@contextmanager
def _serving(body: str, media_type: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/object"
        finally:
            server.shutdown()
            thread.join()

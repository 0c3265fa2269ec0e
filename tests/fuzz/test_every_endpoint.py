"""Whatever is sent to a protocol endpoint: no failure of the server, and an answer in a second."""

import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.registering import registry
from tests.fuzz import values
from tests.fuzz.endpoints import ENDPOINTS
from tests.spec.tools import Stage, get, stage
from tests.support.browser import ISSUER, authorization
from tests.support.world import World

# The same runs each time: a test either holds or not. AUTHTEST_EXAMPLES looks further, anew.
MORE = int(os.environ.get("AUTHTEST_EXAMPLES", "0"))
FUZZED = settings(
    max_examples=MORE or 80,
    derandomize=not MORE,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
METHODS = ("GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD")
_SECOND = 1.0


@dataclass
class Target:
    """One endpoint of one server, and what a client of it knows."""

    on: Stage
    path: str
    known: dict[str, str]
    bearers: tuple[str, ...] = ("", "Bearer x")

    def send(self, method: str, query: str, *, body: bytes, kind: str, header: str) -> None:
        request: dict[str, Any] = {
            "method": method,
            "base_url": ISSUER,
            "data": body,
            "content_type": kind,
            "headers": {"Authorization": header} if header else {},
            "environ_overrides": {"QUERY_STRING": query},
        }
        took = self._took(request)
        if took > _SECOND:  # the machine may have been busy with something else
            took = self._took(request)
        assert took <= _SECOND, f"{took:.1f} s: {request}"

    def _took(self, request: dict[str, Any]) -> float:
        begun = time.perf_counter()
        answer = self.on.world.app.test_client().open(self.path, **request)
        took = time.perf_counter() - begun
        assert answer.status_code < 500, f"{answer.status_code} {answer.text}: {request}"
        assert "Traceback" not in answer.text
        return took


@pytest.fixture
def target(world: World, path: str) -> Target:
    on = stage(world, pkce_required=False)
    token = on.tokens(scope="openid offline_access")
    known = authorization(on.client) | {
        "code": on.code(),
        "refresh_token": token["refresh_token"],
        "token": token["access_token"],
        "access_token": token["access_token"],
        "subject_token": token["access_token"],
        "id_token_hint": token["id_token"],
        "client_secret": on.client.secret or "",
        "grant_type": "authorization_code",
    }
    parameters = ENDPOINTS[path].parameters
    known = {name: known[name] for name in parameters if name in known}
    return Target(on, path, known, ("", "Bearer x", f"Bearer {registry(world).token}"))


@pytest.mark.parametrize("path", ENDPOINTS)
def test_nothing_that_is_sent_makes_an_endpoint_fail(target: Target, path: str) -> None:
    endpoint, client = ENDPOINTS[path], target.on.client
    parameters = endpoint.parameters or ("x",)
    forms = values.form(parameters, target.known).map(str.encode)
    headers = values.authorization(client.id, client.secret or "")

    @FUZZED
    @given(
        method=st.sampled_from(METHODS),
        query=values.form(parameters, target.known)
        | values.raw.map(lambda raw: raw.decode("latin-1")),
        body=values.raw | (values.document(parameters) if endpoint.json else forms),
        kind=st.just("application/json") if endpoint.json else values.content_type(),
        header=st.sampled_from(target.bearers) if endpoint.json else st.just("") | headers,
    )
    def holds(method: str, query: str, body: bytes, kind: str, header: str) -> None:
        target.send(method, query, body=body, kind=kind, header=header)

    holds()


def test_every_endpoint_of_the_metadata_is_fuzzed(world: World) -> None:
    published = get(world, "/.well-known/openid-configuration").json
    named = {
        urlsplit(url).path
        for name, url in published.items()
        if name.endswith("_endpoint") or name == "jwks_uri"
    }
    assert named - set(ENDPOINTS) == set()

"""Relying parties' servers that are told of ends of sessions, and what they make of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from authserver.clients.options import Options
from authserver.core.net.fetch import FetchedDocument, Fetcher, FetchRules
from authserver.oauth.logout.sender import make_fetcher
from authserver.tokens.models import LogoutNotice
from tests.support.browser import ISSUER, Browser, Party
from tests.support.providers.server import Asked, Endpoint, Provider, Reply
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

BACK = "https://rp.example/bye"
WITH_QUERY = "https://rp.example/bye?from=op"
WAYS_BACK = Options(post_logout_redirect_uris=(BACK, WITH_QUERY))
LOCAL = FetchRules(allow_loopback_http=True)
FAR = "https://told.example"  # registered are https addresses only


class Nearby:
    """Asks this machine for what is registered at an https address."""

    def __init__(self, fetcher: Fetcher, here: str) -> None:
        self._fetcher, self._here = fetcher, here

    def fetch(self, url: str, **more: Any) -> FetchedDocument:
        return self._fetcher.fetch(url.replace(FAR, self._here), **more)


class RelyingParties(Provider):
    """A server with an endpoint for each of many clients; `trouble` is by the endpoint's name."""

    status = 200

    def endpoint(self, _method: str, path: str) -> tuple[str, Endpoint] | None:
        return path.strip("/"), lambda _asked: Reply(self.status, b"", "text/plain")

    def told(self, name: str = "rp") -> list[Asked]:
        """Return what one client was told."""
        return self.requests(name)

    def tokens(self, world: World, name: str = "rp", prefix: str = "") -> list[dict[str, Any]]:
        """Return the claims of a client's logout tokens, verified as a client does."""
        return [read(world, asked.given["logout_token"], prefix) for asked in self.told(name)]


@contextmanager
def relying_parties(world: World) -> Iterator[RelyingParties]:
    """Let the server reach relying parties on this machine, and have nobody else to tell."""
    left = update(LogoutNotice).where(LogoutNotice.sent_at.is_(None))
    world.services.database.write(
        lambda tx: tx.platform().execute(left.values(failed_at=world.clock.now()))
    )
    sender = world.services.logout._sender  # noqa: SLF001  its issuer is https: else it would not
    with RelyingParties(world.clock) as there, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender, "_fetcher", Nearby(make_fetcher(world.clock, LOCAL), there.url))
        yield there


def client_that_is_told(
    world: World, tenant: TenantFixture, _there: Provider, name: str = "rp", **more: Any
) -> ClientFixture:
    """Register a client that is told by its server when a session ends."""
    options = Options(
        backchannel_logout_uri=f"{FAR}/{name}",
        post_logout_redirect_uris=(BACK,),
        **more.pop("options", {}),
    )
    return world.client(tenant, first_party=True, options=options, **more)


def tokens_of(
    world: World, browser: Browser, client: ClientFixture, user: UserFixture
) -> dict[str, Any]:
    """Sign in to a client and return its tokens."""
    answer = Party(world, client, browser.prefix).redeem(browser.code(client, user))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def read(world: World, token: str, prefix: str = "") -> dict[str, Any]:
    """Verify a logout token as Back-Channel Logout section 2.6 wants it, and return its claims."""
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "logout+jwt"
    http = world.app.test_client()
    keys = http.get(f"{prefix}/oauth/jwks", base_url=ISSUER).json["keys"]
    (key,) = [one for one in keys if one["kid"] == header["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=[header["alg"]],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return {**claims, "alg": header["alg"]}


class SignedIn:
    """A person who is signed in to a client."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenant = world.tenant()
        self.user = world.user(self.tenant)
        self.client = world.client(self.tenant, first_party=True, options=WAYS_BACK, name="Orders")
        self.browser = Browser(world)
        tokens = tokens_of(world, self.browser, self.client, self.user)
        self.hint: str = tokens["id_token"]
        self.refresh_token: str = tokens["refresh_token"]

    def logout(self, browser: Browser | None = None, **given: Any) -> TestResponse:
        query = {name: value for name, value in given.items() if value is not None}
        return (browser or self.browser).get("/oauth/logout", query_string=query)

    def is_in(self, browser: Browser | None = None) -> bool:
        return (browser or self.browser).get("/account").status_code == 200

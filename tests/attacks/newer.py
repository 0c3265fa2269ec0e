"""The objects of other endpoints and pages, beside those of the token endpoint."""

from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from authserver.tenants.policy import ClientRegistration
from tests.admin.callers import person, with_key
from tests.attacks.everything import Consumer, Everything
from tests.spec.objects import asking
from tests.support.browser import ISSUER, Browser, authorization
from tests.support.holder import Holder
from tests.support.joining import Guestbook, arrived
from tests.support.registering import Registrar, registrar
from tests.support.world import World

_PAGES = {
    "reset page": "/login/recover/new",
    "unlocking page": "/login/recover/unlock",
    "page of addresses": "/login/verify",
    "invitation page": "/login/invitation",
}


def with_newer(old: Everything) -> Everything:
    """Return everything, with what other endpoints give and take."""
    world = old.on.world
    at = registrar(world, ClientRegistration.PKCE_OPTIONAL)
    registered = at.registered()
    pushed = old.on.party.send("par", authorization(old.on.client)).json["request_uri"]
    key = with_key(world, "admin", scopes=["clients:read"])
    administrator = person(world, "admin", scopes=["clients:read"], tenant=key.tenant)
    objects = {
        "pushed request": pushed,
        "proof": Holder(world).proof("/oauth/token"),
        "initial access token": at.token,
        "registration access token": registered["registration_access_token"],
        "token of the administration": administrator.token,
        "API key": key.token,
        "invitation": Guestbook(world).mailed().partition("token=")[2],
        "session": _cookie(old),
    }
    right: dict[str, set[str]] = {
        "pushing": {"pushed request"},
        "request object": set(),
        "proof": {"proof"},
        "registering": {"initial access token"},
        "registration": {"registration access token"},
        "administration": {"token of the administration", "API key"},
        **{name: set() for name in _PAGES},
        "invitation page": {"invitation"},
        # UserInfo is opened by the scope `openid`, whatever else the token is for.
        "userinfo": {*old.right["userinfo"], "token of the administration"},
    }
    consumers = {**_machines(old, at, registered), **_pages(world)}
    path = f"/api/v1/tenants/{key.tenant.id}/clients"
    consumers["administration"] = lambda value: _bearer(world, "GET", path, value)
    return replace(
        old,
        objects={**old.objects, **objects},
        consumers={**old.consumers, **consumers},
        right={**old.right, **right},
    )


def _machines(old: Everything, at: Registrar, registered: dict[str, Any]) -> dict[str, Consumer]:
    on, path = old.on, registered["registration_client_uri"].removeprefix(ISSUER)

    def authorized(**given: str) -> TestResponse:
        return Browser(on.world).get("/oauth/authorize", query_string=asking(on, **given))

    def proved(value: str) -> TestResponse:
        return on.party.http.post(
            "/oauth/token",
            base_url=ISSUER,
            data={"grant_type": "client_credentials"},
            auth=(on.client.id, str(on.client.secret)),
            headers={"DPoP": value},
        )

    return {
        "pushing": lambda value: authorized(request_uri=value),
        "request object": lambda value: authorized(request=value),
        "proof": proved,
        "registering": at.register,
        "registration": lambda value: at.send("GET", path, value),
    }


def _pages(world: World) -> dict[str, Consumer]:
    def opens(path: str) -> Consumer:
        return lambda value: arrived(world, f"{ISSUER}{path}?token={value}")

    return {name: opens(path) for name, path in _PAGES.items()}


def _bearer(world: World, method: str, path: str, token: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return world.app.test_client().open(path, method=method, base_url=ISSUER, headers=headers)


def _cookie(old: Everything) -> str:
    """Return what a browser that is signed in has."""
    browser = old.on.browser()
    browser.code(old.on.client, old.on.person)
    found = browser.http.get_cookie("__Host-as-session", domain="auth.example")
    assert found is not None
    return found.value

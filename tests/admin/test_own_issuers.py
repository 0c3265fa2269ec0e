"""A tenant's own issuer: as a path, and at a host of a domain that it has proved."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from authserver.invitations.service import Invite
from tests.admin.callers import Caller, person
from tests.support.browser import ISSUER, Browser, Party, answered, hidden
from tests.support.dns import Records
from tests.support.domains import House
from tests.support.mails import link_in, mails_to
from tests.support.trail import events
from tests.support.world import World


class Place:
    """A tenant with a proved domain, its administrator, and a browser at a host."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.admin: Caller = person(world, "admin", kind="customer")
        self.tenant = self.admin.tenant
        self.domain = f"{self.tenant.slug}.example"
        self.host = f"login.{self.domain}"
        self.url = f"https://{self.host}"
        self.house = House(world, Records(), self.domain)
        self.house.tenant = self.tenant

    def prove(self) -> None:
        self.house.publish()
        self.house.verify()
        self.world.services.watch.changed()

    def move(self, **body: Any) -> TestResponse:
        return self.admin.call("PUT", f"/tenants/{self.tenant.id}/issuer", body)

    def get(self, path: str, host: str = "", **more: Any) -> TestResponse:
        return self.world.app.test_client().get(
            path, base_url=f"https://{host or self.host}", **more
        )

    def metadata(self, host: str = "") -> dict[str, Any]:
        return self.get("/.well-known/openid-configuration", host).json


@pytest.fixture(name="place")
def _place(world: World) -> Place:
    return Place(world)


def test_a_proved_host_is_an_issuer_with_keys_of_its_own(world: World, place: Place) -> None:
    place.prove()
    moved = place.move(host=place.host)
    assert moved.json == {"url": place.url, "own": True, "host": place.host}
    said = place.metadata()
    assert said["issuer"] == place.url
    assert all(
        urlsplit(value).netloc == place.host
        for name, value in said.items()
        if name.endswith("_endpoint") or name == "jwks_uri"
    )
    assert place.get("/.well-known/oauth-authorization-server").json["issuer"] == place.url
    ours = {key["kid"] for key in place.get("/oauth/jwks").json["keys"]}
    platform = {key["kid"] for key in Browser(world).get("/oauth/jwks").json["keys"]}
    assert ours
    assert not ours & platform
    assert place.metadata("auth.example")["issuer"] == ISSUER
    assert Browser(world).get(f"/t/{place.tenant.slug}/oauth/jwks").status_code == 404


def test_people_sign_in_at_the_host_and_tokens_name_it(world: World, place: Place) -> None:
    place.prove()
    place.move(host=place.host)
    client = world.client(place.tenant, at_tenant_issuer=True)
    somebody = world.user(place.tenant)
    browser = AtHost(world, place.url)
    page = browser.follow(browser.authorize(client))
    assert place.tenant.slug in page.text
    assert "data-passkey" not in page.text
    allowed = browser.follow(browser.sign_in(page, somebody))
    while allowed.status_code == 303 and not allowed.location.startswith(client.redirect_uri):
        allowed = browser.follow(allowed)
    if allowed.status_code == 200:
        allowed = browser.follow(browser.submit(allowed, decision="allow"))
    party = Party(world, client)
    party.http = AtHostClient(world, place.url)  # type: ignore[assignment]
    tokens = party.redeem(answered(allowed)["code"]).json
    assert party.introspect(tokens["access_token"]).json["iss"] == place.url
    elsewhere = Party(world, client).introspect(tokens["access_token"])
    assert elsewhere.status_code == 401, "the client is of another issuer"


class AtHostClient:
    """A test client whose every request names a host."""

    def __init__(self, world: World, url: str) -> None:
        self._http, self._url = world.app.test_client(), url

    def post(self, path: str, **more: Any) -> TestResponse:
        return self._http.post(path, **{**more, "base_url": self._url})

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._http.get(path, **{**more, "base_url": self._url})


class AtHost(Browser):
    """A browser at the host."""

    def __init__(self, world: World, url: str) -> None:
        super().__init__(world)
        self.url = url

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.http.get(path, base_url=self.url, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.http.post(path, base_url=self.url, **more)


@pytest.mark.attack("ATK-090")
def test_a_host_of_nobody_is_the_platforms_and_is_repeated_nowhere(place: Place) -> None:
    for host in (
        place.host,
        f"evil.{place.host}",
        "evil.example",
        f"{place.host}.",
        "auth.example:1",
    ):
        answer = place.get("/.well-known/openid-configuration", host)
        assert answer.json["issuer"] == ISSUER
        assert host not in answer.text.replace("auth.example", "") or host == "auth.example:1"
    place.prove()
    place.move(host=place.host)
    for forwarded in ("X-Forwarded-Host", "Forwarded", "X-Host"):
        answer = place.get(
            "/.well-known/openid-configuration",
            "auth.example",
            headers={forwarded: place.host if forwarded != "Forwarded" else f"host={place.host}"},
        )
        assert answer.json["issuer"] == ISSUER
    assert place.get("/.well-known/openid-configuration", place.host.upper()).json["issuer"] == (
        place.url
    )
    assert place.get(f"/t/{place.tenant.slug}/oauth/jwks").status_code == 404


def test_only_what_is_proved_by_this_very_tenant_is_a_host(world: World, place: Place) -> None:
    assert place.move(host=place.host).status_code == 400, "not proved"
    other = Place(world)
    other.prove()
    assert place.move(host=other.host).status_code == 400, "another's"
    place.prove()
    for wrong in (
        f"evil{place.domain}",
        f"{place.domain}.evil.example",
        f"login.{place.domain}:8443",
        f"user@{place.domain}",
        f"https://{place.host}",
        "127.0.0.1",
        "auth.example",
        f"*.{place.domain}",
        f"login.{place.domain}/x",
    ):
        assert place.move(host=wrong).status_code == 400, wrong
    assert place.move(host=place.host.upper()).json["host"] == place.host


def test_a_domain_that_is_lost_takes_the_host_with_it(world: World, place: Place) -> None:
    place.prove()
    place.move(host=place.host)
    place.house.remove()
    world.services.watch.changed()
    assert place.metadata()["issuer"] == ISSUER
    issuer = place.admin.call("GET", f"/tenants/{place.tenant.id}/issuer").json
    assert issuer == {"url": f"{ISSUER}/t/{place.tenant.slug}", "own": True, "host": None}
    kinds = [event.type for event in events(world, place.tenant.id)]
    assert kinds.count("tenant_issuer.changed") == 2


def test_a_suspended_tenants_host_answers_nothing(world: World, place: Place) -> None:
    place.prove()
    place.move(host=place.host)
    platform = person(world, "PLATFORM_ADMIN")
    one = f"/tenants/{place.tenant.id}"
    platform.call("POST", f"{one}/suspend")
    assert place.get("/.well-known/openid-configuration").status_code == 404
    assert place.get("/oauth/jwks").status_code == 404
    platform.call("POST", f"{one}/resume")
    assert place.get("/oauth/jwks").status_code == 200


def test_an_own_issuer_ends_only_when_no_client_is_there(world: World, place: Place) -> None:
    assert place.move().json["url"] == f"{ISSUER}/t/{place.tenant.slug}"
    one = f"/tenants/{place.tenant.id}/issuer"
    world.client(place.tenant, at_tenant_issuer=True)
    assert place.admin.call("DELETE", one).status_code == 409
    alone = Place(world)
    alone.move()
    assert alone.admin.call("DELETE", f"/tenants/{alone.tenant.id}/issuer").json == {
        "url": ISSUER,
        "own": False,
        "host": None,
    }


def test_mails_lead_to_the_host(world: World, place: Place) -> None:
    place.prove()
    place.move(host=place.host)
    somebody = f"new.{place.tenant.slug}@example.com"
    world.services.database.write(
        lambda tx: world.services.mailed.invitations.create(
            tx, Invite(place.tenant.id, somebody), actor=world.operator
        )
    )
    (mail,) = mails_to(world, somebody, place.tenant.id)
    link = link_in(mail)
    assert link.startswith(f"{place.url}/login/invitation?")
    parts = urlsplit(link)
    assert place.get(f"{parts.path}?{parts.query}").status_code in {200, 303}


def test_a_form_from_the_platforms_pages_is_another_sites_at_the_host(
    world: World, place: Place
) -> None:
    place.prove()
    place.move(host=place.host)
    browser = AtHost(world, place.url)
    client = world.client(place.tenant, at_tenant_issuer=True)
    page = browser.follow(browser.authorize(client))
    somebody = world.user(place.tenant)
    sent: dict[str, Any] = {"email": somebody.email, "password": somebody.password}
    data = {**hidden(page), **sent}
    path = page.request.path
    assert browser.post(path, data=data, headers={"Origin": ISSUER}).status_code == 403
    assert browser.post(path, data=data, headers={"Origin": place.url}).status_code == 303


def test_whatever_names_the_issuer_names_the_host(world: World, place: Place) -> None:
    """Programs to paste, the trial of a client, and the keys."""
    place.prove()
    assert place.move(host=place.host).status_code == 200
    client = world.client(place.tenant, "service", at_tenant_issuer=True, scopes=["orders:read"])
    mine = f"/tenants/{place.tenant.id}"
    pasted = place.admin.call("GET", f"{mine}/clients/{client.id}/snippets").text
    tried = place.admin.call("POST", f"{mine}/clients/{client.id}/test", {}).json
    keys = place.admin.call("GET", f"{mine}/keys").text
    assert place.url in pasted
    assert tried["claims"]["iss"] == place.url
    assert place.url in keys
    assert f"/t/{place.tenant.slug}" not in pasted + keys

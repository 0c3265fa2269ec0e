"""Every URL of one tenant's issuer with what belongs to another: the answer that nonsense gets."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import pytest
from werkzeug.test import TestResponse

from authserver.oauth.routes import machine_endpoints
from tests.isolation.urls import COVERED
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.rules import every_rule
from tests.support.world import ClientFixture, TenantFixture, World

NONSENSE = "n" * 43


@dataclass
class Side:
    """A tenant with its own issuer: its client, its resource server, and what people got there."""

    prefix: str
    slug: str
    browser: Browser
    client: ClientFixture
    service: ClientFixture
    party: Party
    tokens: dict[str, str]
    machine_token: str
    email: str


def side(world: World, tenant: TenantFixture) -> Side:
    prefix = f"/t/{tenant.slug}"
    client = world.client(tenant, at_tenant_issuer=True)
    service = world.client(tenant, "service", at_tenant_issuer=True)
    person, browser = world.user(tenant), Browser(world, prefix)
    party = Party(world, client, prefix)
    tokens = party.redeem(browser.code(client, person)).json
    machine = Party(world, service, prefix).machine().json["access_token"]
    return Side(prefix, tenant.slug, browser, client, service, party, tokens, machine, person.email)


@pytest.fixture
def sides(world: World, houses: tuple[TenantFixture, TenantFixture]) -> tuple[Side, Side]:
    """People, clients and tokens of each test's own."""
    theirs, ours = houses
    return side(world, theirs), side(world, ours)


def same(one: TestResponse, other: TestResponse) -> bool:
    """Tell whether two answers differ in nothing that an outsider could use."""
    names = {name for name, _ in one.headers} ^ {name for name, _ in other.headers}
    return one.status_code == other.status_code and one.data == other.data and not names


def stable(page: TestResponse) -> str:
    """Return a page without what is new in every answer."""
    return re.sub(r"nonce=\"[^\"]+\"|cor_[0-9a-f]+", "", page.text)


def handle_of(browser: Browser, client: ClientFixture) -> str:
    """Begin a flow, as a browser that has to sign in, and return its handle."""
    browser.world.clock.move(seconds=1)
    page = browser.follow(browser.authorize(client, prompt="login"))
    return hidden(page)["flow"]


Attempt = Callable[[World, Side, Side, str], TestResponse]


def userinfo(_world: World, _theirs: Side, ours: Side, token: str) -> TestResponse:
    return ours.party.userinfo(token)


def introspect(_world: World, _theirs: Side, ours: Side, token: str) -> TestResponse:
    return Party(_world, ours.service, ours.prefix).introspect(token)


def revoke(_world: World, _theirs: Side, ours: Side, token: str) -> TestResponse:
    return ours.party.revoke(token)


def refresh(_world: World, _theirs: Side, ours: Side, token: str) -> TestResponse:
    return ours.party.refresh(token)


def redeem(_world: World, _theirs: Side, ours: Side, token: str) -> TestResponse:
    return ours.party.redeem(token)


TOKENS: dict[str, Callable[[Side], str]] = {
    "access token": lambda side: side.tokens["access_token"],
    "ID token": lambda side: side.tokens["id_token"],
    "refresh token": lambda side: side.tokens["refresh_token"],
    "machine's token": lambda side: side.machine_token,
    "code": lambda side: answered(side.browser.authorize(side.client))["code"],
    "client secret": lambda side: str(side.client.secret),
}


@pytest.mark.attack("ATK-111")
@pytest.mark.attack("ATK-114")
@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize(
    "attempt", [userinfo, introspect, revoke, refresh, redeem], ids=lambda a: a.__name__
)
def test_a_token_of_another_tenant_is_worth_what_nonsense_is(
    world: World, sides: tuple[Side, Side], attempt: Attempt, kind: str
) -> None:
    theirs, ours = sides
    foreign = attempt(world, theirs, ours, TOKENS[kind](theirs))
    nonsense = attempt(world, theirs, ours, NONSENSE)
    assert same(foreign, nonsense)
    assert theirs.party.introspect(theirs.tokens["access_token"]).json["active"]
    assert theirs.party.refresh(theirs.tokens["refresh_token"]).status_code == 200


@pytest.mark.attack("ATK-114")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke", "device_authorization"])
@pytest.mark.parametrize("which", ["client", "service"])
def test_a_client_of_another_tenant_is_unknown_at_this_issuer(
    world: World, sides: tuple[Side, Side], endpoint: str, which: str
) -> None:
    theirs, ours = sides
    stranger = getattr(theirs, which)
    nobody = ClientFixture("cli_" + "0" * 26, stranger.secret, stranger.tenant)
    form = {"grant_type": "client_credentials", "token": NONSENSE}
    answers = [
        Party(world, client, prefix).send(endpoint, form)
        for client, prefix in ((stranger, ours.prefix), (nobody, ours.prefix), (stranger, ""))
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert same(answers[0], answers[1])
    assert same(answers[0], answers[2])


@pytest.mark.attack("ATK-090")
@pytest.mark.attack("ATK-114")
def test_a_client_of_another_tenant_gets_a_page_and_no_redirect(
    world: World, sides: tuple[Side, Side]
) -> None:
    theirs, ours = sides
    answers = [
        Browser(world, prefix).authorize(client)
        for prefix in (ours.prefix, "")
        for client in (theirs.client, ClientFixture("cli_nobody", None, theirs.client.tenant))
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert not any("Location" in answer.headers for answer in answers)


MFA = (
    "/login/mfa",
    "/login/mfa/setup",
    "/login/mfa/codes",
    "/login/mfa/passkey",
    "/login/mfa/passkey-setup",
    "/login/passkey",
    "/login/change/password",
    "/login/federation/link",
)


def pages(browser: Browser, prefix: str, handle: str) -> dict[str, TestResponse]:
    """Ask every page of an issuer for a flow; the keys are the paths that were asked."""
    form = {
        "flow": handle,
        "decision": "allow",
        "email": "somebody@example.com",
        "password": "Wrong-Horse-7",
        "code": "000000",
        "kept": "yes",
    }
    asked = {}
    with_forms = ("/login/password", "/login/account", "/login/consent", *MFA)
    for path in ("/oauth/authorize", *with_forms):
        asked[path] = browser.get(prefix + path, query_string={"flow": handle})
    for path in with_forms:
        page = browser.get(f"{prefix}/login/logout")
        form["csrf_token"] = hidden(page)["csrf_token"]
        asked[f"POST {path}"] = browser.post(prefix + path, data=form)
    return asked


@pytest.mark.attack("ATK-064")
@pytest.mark.attack("ATK-071")
def test_a_flow_of_another_tenant_is_closed_on_every_page(
    world: World, sides: tuple[Side, Side]
) -> None:
    """In the very browser that began it, at another issuer; and in another browser."""
    theirs, ours = sides
    handle = handle_of(theirs.browser, theirs.client)
    stranger = Browser(world, theirs.prefix)
    for browser, prefix in (
        (theirs.browser, ours.prefix),
        (theirs.browser, ""),
        (stranger, theirs.prefix),
        (stranger, ours.prefix),
    ):
        for (path, foreign), nonsense in zip(
            pages(browser, prefix, handle).items(),
            pages(browser, prefix, NONSENSE).values(),
            strict=True,
        ):
            assert foreign.status_code == nonsense.status_code == 400, path
            assert "Location" not in foreign.headers
            assert stable(foreign) == stable(nonsense), path
    assert (
        theirs.browser.get(
            f"{theirs.prefix}/login/password", query_string={"flow": handle}
        ).status_code
        == 200
    )


@pytest.mark.attack("ATK-071")
def test_a_session_at_another_issuer_is_no_session_here(
    world: World, sides: tuple[Side, Side]
) -> None:
    theirs, ours = sides
    there = Browser(world, ours.prefix)
    there.http = theirs.browser.http  # the same browser, with all its cookies
    assert theirs.email in theirs.browser.get(f"{theirs.prefix}/").text
    for path in ("/", "/login/logout", "/login/signed-out"):
        for prefix in (ours.prefix, ""):
            page = there.get(prefix + path)
            assert page.status_code == 200
            assert theirs.email not in page.text
    assert "/login/password" in there.authorize(ours.client).headers["Location"]
    refused = answered(there.authorize(ours.client, prompt="none"))
    assert refused["error"] == "login_required"


def test_an_id_token_of_another_tenants_issuer_ends_nothing(sides: tuple[Side, Side]) -> None:
    theirs, ours = sides
    for hint in (theirs.tokens["id_token"], NONSENSE):
        there = ours.browser.get(
            f"{ours.prefix}/oauth/logout", query_string={"id_token_hint": hint}
        )
        assert there.headers["Location"] == f"{ours.prefix}/login/logout?misfit=hint"
    assert ours.email in ours.browser.get(f"{ours.prefix}/").text
    assert theirs.email in theirs.browser.get(f"{theirs.prefix}/").text


def test_public_documents_are_those_of_the_issuer(world: World, sides: tuple[Side, Side]) -> None:
    theirs, ours = sides
    browser = Browser(world)
    keys = [
        {key["kid"] for key in browser.get(f"{prefix}/oauth/jwks").json["keys"]}
        for prefix in (theirs.prefix, ours.prefix, "")
    ]
    assert all(keys)
    assert not keys[0] & keys[1]
    assert not (keys[0] | keys[1]) & keys[2]
    for document in ("openid-configuration", "oauth-authorization-server"):
        said = browser.get(f"{ours.prefix}/.well-known/{document}").text
        assert f"https://auth.example{ours.prefix}" in said
        assert theirs.slug not in said


@pytest.mark.attack("ATK-090")
def test_an_issuer_that_is_not_there_has_no_pages(world: World, sides: tuple[Side, Side]) -> None:
    platform_only = world.tenant()
    for slug in (platform_only.slug, "t-nobody", sides[0].slug.upper()):
        for path in COVERED:
            answer = Browser(world).get(f"/t/{slug}{path}")
            assert answer.status_code == 404, (slug, path)


OF_NOBODY = {"/static/<path:filename>", "/login/brand/<scope>/<colour>.css"}


def test_every_url_is_tried_above(world: World) -> None:
    nothing: Any = dict.fromkeys(signature(machine_endpoints).parameters)
    # The console's are tried in test_console_urls.py.
    rules = {rule.rule for rule in every_rule(world.app) if "console" not in rule.rule}
    assert (rules - OF_NOBODY) | set(machine_endpoints(**nothing)) == COVERED

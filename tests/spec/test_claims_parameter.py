"""The claims parameter: OpenID Connect Core section 5.5, end to end."""

import json
from typing import Any

import pytest

from tests.spec.tools import Stage, part, stage, statements
from tests.support.browser import answered
from tests.support.details import ADDRESS, DETAILS, say
from tests.support.world import World

ALL_SCOPES = "openid profile email address phone"


def asked(id_token: Any = None, userinfo: Any = None) -> str:
    members = {"id_token": id_token, "userinfo": userinfo}
    return json.dumps({name: value for name, value in members.items() if value is not None})


@pytest.fixture(name="known")
def _known(on: Stage) -> Stage:
    """A person of whom everything is known."""
    say(on.world, on.person, **DETAILS)
    return on


def said(on: Stage, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sign in, and return the claims of the ID token and of UserInfo."""
    tokens = on.tokens(**{"scope": "openid", **parameters})
    userinfo = on.party.userinfo(tokens["access_token"]).json
    return part(tokens["id_token"], 1), userinfo


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 5.4")
def test_scopes_open_every_standard_claim_at_userinfo_and_none_in_the_id_token(
    known: Stage,
) -> None:
    id_token, userinfo = said(known, scope=ALL_SCOPES)
    expected = {**DETAILS, "address": {**ADDRESS, "formatted": userinfo["address"]["formatted"]}}
    expected |= {"phone_number_verified": False}
    assert {name: userinfo[name] for name in expected} == expected
    assert userinfo["address"]["formatted"] == "12 St James's Square\nSW1Y 4JH London\nEngland\nUK"
    assert not {*expected, "name", "email"} & set(id_token)


@pytest.mark.rfc("OpenID Connect Core section 5.5")
def test_each_claim_goes_where_it_was_asked_for(known: Stage) -> None:
    claims = asked(
        {"given_name": None, "email": {"essential": True}}, {"birthdate": None, "address": {}}
    )
    id_token, userinfo = said(known, claims=claims)
    assert (id_token["given_name"], id_token["email"]) == ("Ada", known.person.email)
    assert userinfo["birthdate"] == DETAILS["birthdate"]
    assert userinfo["address"]["locality"] == "London"
    assert not {"birthdate", "address"} & set(id_token)
    assert not {"given_name", "email"} & set(userinfo)


@pytest.mark.rfc("OpenID Connect Core section 5.5")
def test_claims_asked_for_come_beside_those_of_the_scopes(known: Stage) -> None:
    _, userinfo = said(known, scope="openid email", claims=asked(None, {"nickname": None}))
    assert (userinfo["email"], userinfo["nickname"]) == (known.person.email, "Countess")
    assert "given_name" not in userinfo


@pytest.mark.rfc("OpenID Connect Core section 5.5.1")
def test_what_is_unknown_or_missing_is_no_error(on: Stage) -> None:
    claims = json.dumps(
        {
            "id_token": {"given_name": {"essential": True, "purpose": "x"}, "shoe_size": None},
            "userinfo": {"https://x.example/y#de": {"value": {"a": [1]}}},
            "else": {"name": None},
        }
    )
    id_token, userinfo = said(on, claims=claims)
    assert not {"given_name", "shoe_size"} & set(id_token)
    assert set(userinfo) == {"sub", "tenant", "tenant_id", "tenant_type", "roles"}


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 5.5.1")
@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ({"value": "Ada"}, True),
        ({"values": ["Grace", "Ada"]}, True),
        ({"value": "Grace"}, False),
        ({"values": []}, False),
        ({"value": {"Ada": "Ada"}}, False),
        ({"value": "a\0"}, False),
        ({"value": "x" * 400}, False),
    ],
)
def test_a_value_that_is_wanted_is_that_value_or_nothing(
    known: Stage, *, wanted: dict[str, Any], there: bool
) -> None:
    id_token, userinfo = said(known, claims=asked({"given_name": wanted}, {"given_name": wanted}))
    assert ("given_name" in id_token, "given_name" in userinfo) == (there, there)


@pytest.mark.rfc("OpenID Connect Core section 5.5")
@pytest.mark.parametrize(
    "claims",
    [
        "{",
        "[]",
        '"name"',
        "null",
        '{"id_token": []}',
        '{"id_token": {"name": true}}',
        '{"userinfo": {"name": {"values": "Ada"}}}',
        json.dumps({"id_token": {"name": {"values": ["x"] * 11}}}),
        json.dumps({"id_token": {"x" * 4096: None}}),
        "[" * 2000,
        '{"id_token": {"name": {"value": "\\ud800"}}}',
    ],
)
def test_what_is_malformed_is_refused(on: Stage, claims: str) -> None:
    answer = answered(on.browser().authorize(on.client, claims=claims))
    assert answer["error"] == "invalid_request"
    assert "claims" in answer["error_description"]


@pytest.mark.rfc("OpenID Connect Core section 5.5")
def test_a_client_is_told_by_name_only_what_its_scopes_would_open(world: World) -> None:
    """A second way to the same thing, with the same check."""
    on = stage(world, scopes=["openid", "profile"])
    say(world, on.person, **DETAILS)
    everything = {"email": None, "phone_number": None, "address": None, "nickname": None}
    id_token, userinfo = said(on, claims=asked(everything, everything))
    for told in (id_token, userinfo):
        assert told["nickname"] == "Countess"
        assert not {"email", "phone_number", "address"} & set(told)


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.4")
def test_the_person_is_asked_for_claims_that_no_scope_opens(known: Stage) -> None:
    browser = known.browser()
    browser.complete(known.client, known.person, scope="openid email")
    silent = {"scope": "openid email", "prompt": "none"}
    within = asked({"email": None})
    assert "code" in answered(browser.authorize(known.client, **silent, claims=within))
    beyond = asked(None, {"phone_number": None})
    refused = answered(browser.authorize(known.client, **silent, claims=beyond))
    assert refused["error"] == "consent_required"
    page = browser.follow(browser.authorize(known.client, scope="openid email", claims=beyond))
    assert "See these details about you" in page.text
    assert "Phone number." in page.text
    browser.follow(browser.submit(page, decision="allow"))
    assert "code" in answered(browser.authorize(known.client, **silent, claims=beyond))
    wider = answered(browser.authorize(known.client, **silent, claims=asked({"gender": None})))
    assert wider["error"] == "consent_required"
    assert "See these details about you" in browser.get("/account/applications").text


@pytest.mark.rfc("OpenID Connect Core section 5.5")
def test_what_userinfo_was_asked_for_outlives_refreshes_and_nothing_else_does(
    known: Stage,
) -> None:
    tokens = known.tokens(scope="openid", claims=asked({"email": None}, {"nickname": None}))
    renewed = known.party.refresh(tokens["refresh_token"]).json
    told = known.party.userinfo(renewed["access_token"]).json
    assert (told["nickname"], "email" in told) == ("Countess", False)
    other = known.tokens(scope="openid")
    assert "nickname" not in known.party.userinfo(other["access_token"]).json


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.2")
def test_a_certain_person_is_meant_and_nobody_else_is_answered_for(on: Stage) -> None:
    browser, other = on.browser(), on.world.user(on.tenant)
    meant = asked({"sub": {"value": on.person.id}})
    assert "code" in answered(browser.complete(on.client, on.person, claims=meant))
    another = asked({"sub": {"value": other.id}})
    silent = answered(browser.authorize(on.client, claims=another, prompt="none"))
    assert silent["error"] == "login_required"
    refused = answered(browser.complete(on.client, on.person, claims=another))
    assert refused["error"] == "login_required"
    for one in (on.person, other):  # both are signed in now, and the right one is chosen
        browser.complete(on.client, one, prompt="login")
    claims = asked({"sub": {"value": other.id}})
    code = answered(browser.complete(on.client, other, claims=claims))["code"]
    assert part(on.party.redeem(code).json["id_token"], 1)["sub"] == other.id


@pytest.mark.rfc("OpenID Connect Core section 5.5.1.1")
def test_an_essential_acr_is_met_or_the_sign_in_has_failed(on: Stage) -> None:
    def essential(*values: str) -> str:
        return asked({"acr": {"essential": True, "values": list(values)}})

    password, upstream = "urn:authserver:acr:password", "urn:authserver:acr:federated"
    id_token, _ = said(on, claims=essential("urn:x:unknown", password))
    assert id_token["acr"] == password
    browser = on.browser()
    unknown = answered(browser.authorize(on.client, claims=essential("urn:x:unknown")))
    assert unknown["error"] == "unmet_authentication_requirements"
    unmet = answered(browser.complete(on.client, on.person, claims=essential(upstream)))
    assert unmet["error"] == "unmet_authentication_requirements"
    silent = answered(browser.authorize(on.client, claims=essential(upstream), prompt="none"))
    assert silent["error"] == "login_required"


@pytest.mark.rfc("RFC 9470 section 5")
@pytest.mark.rfc("RFC 9470 section 4")
@pytest.mark.rfc("OpenID Connect Core section 5.5.1.1")
@pytest.mark.parametrize("essential", [True, False])
def test_a_second_factor_that_acr_asks_for_is_asked_for(on: Stage, *, essential: bool) -> None:
    wanted = {"essential": essential, "values": ["urn:authserver:acr:mfa"]}
    browser = on.browser()
    page = browser.authorize(on.client, claims=asked({"acr": wanted}))
    after = browser.follow(browser.sign_in(page, on.person))
    assert "/login/mfa" in after.headers["Location"]


@pytest.mark.every_database
def test_it_costs_no_statement(on: Stage) -> None:
    """Code, refresh and UserInfo: as many statements as without."""

    def cost(**more: str) -> int:
        code = on.code(**more)
        with statements(on.world) as seen:
            tokens = on.party.redeem(code).json
            tokens = on.party.refresh(tokens["refresh_token"]).json
            assert on.party.userinfo(tokens["access_token"]).status_code == 200
        # Once a second a process looks whether its snapshots still hold.
        return len([one for one in seen if "snapshot_version" not in one])

    claims = asked({"name": None}, {"name": None})
    cost(claims=claims)  # whatever a process reads once is read
    assert cost(claims=claims) == cost()

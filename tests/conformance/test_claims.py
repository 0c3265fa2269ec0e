"""Basic OP: what a scope or the `claims` parameter opens, and where it is told."""

import json

import pytest

from tests.conformance.party import RelyingParty
from tests.spec.tools import post
from tests.support.details import DETAILS, say

PATH = "/oauth/userinfo"
# OpenID Connect Core section 5.4.
OPENED = {
    "profile": (
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username",
        "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}  # fmt: skip


@pytest.mark.every_database
@pytest.mark.module("oidcc-userinfo-get")
@pytest.mark.module("oidcc-userinfo-post-header")
@pytest.mark.module("oidcc-userinfo-post-body")
def test_userinfo_is_told_in_three_ways(rp: RelyingParty) -> None:
    token = rp.sign_in().tokens["access_token"]
    body = post(rp.world, PATH, {"access_token": token})
    answers = [rp.party.userinfo(token), rp.party.userinfo(token, "POST"), body]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.mimetype == "application/json"
        assert answer.json == answers[0].json
        assert answer.json["sub"] == rp.person.id


@pytest.fixture
def known(rp: RelyingParty) -> RelyingParty:
    """Somebody of whom everything is known."""
    say(rp.world, rp.person, **DETAILS)
    return rp


@pytest.mark.module("oidcc-scope-profile")
@pytest.mark.module("oidcc-scope-email")
@pytest.mark.module("oidcc-scope-address")
@pytest.mark.module("oidcc-scope-phone")
@pytest.mark.module("oidcc-scope-all")
@pytest.mark.rfc("OpenID Connect Core section 5.1")
@pytest.mark.rfc("OpenID Connect Core section 5.1.1")
@pytest.mark.parametrize("scopes", [(*OPENED,), *((one,) for one in OPENED)])
def test_scopes_open_the_standard_claims(known: RelyingParty, scopes: tuple[str, ...]) -> None:
    signed_in = known.sign_in(scope=" ".join(("openid", *scopes)))
    told = signed_in.userinfo()
    wanted = {name for scope in scopes for name in OPENED[scope]}
    every = {name for names in OPENED.values() for name in names}
    assert {name for name in told if name in every} == wanted - {"picture", "locale", "zoneinfo"}
    if "address" in wanted:
        assert isinstance(told["address"], dict)
    if "profile" in scopes:
        assert isinstance(told["updated_at"], int)
    if "email" in scopes:
        assert told["email_verified"] is True


@pytest.mark.module("oidcc-claims-essential")
@pytest.mark.rfc("OpenID Connect Core section 5.5.1")
def test_an_essential_claim_is_told_though_no_scope_opens_it(known: RelyingParty) -> None:
    claims = {"userinfo": {"name": {"essential": True}}, "id_token": {"auth_time": None}}
    signed_in = known.sign_in(claims=json.dumps(claims))
    assert signed_in.userinfo()["name"] == "Ada Lovelace"
    assert "name" not in signed_in.claims
    assert signed_in.claims["auth_time"]

"""Pairwise subject identifiers: OpenID Connect Core section 8."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK
from sqlalchemy import select

from authserver.audit.events import EventType
from authserver.clients.options import Options
from authserver.clients.policy import UnfitRegistration
from authserver.clients.redirects import sector_of
from authserver.core.net.uri import InvalidUri
from authserver.sessions.models import UserSession
from authserver.tenants.resolve import Issuer
from authserver.tokens.authorization import Ending
from tests.conftest import KINDS, new_installation
from tests.spec.tools import Stage, events, part, restarted, stage
from tests.support.browser import ISSUER, Party, answered
from tests.support.master_keys import BOTH, NEW, renew
from tests.support.world import World

PAIRWISE = Options(subject_type="pairwise")
SECTOR = "https://sector.example/uris.json"


@pytest.fixture(name="paired")
def _paired(world: World) -> Stage:
    return stage(world, options=PAIRWISE)


def subject(on: Stage, host: str | None = None, **options: Any) -> str:
    """What another client, at a host, calls the same person."""
    uris = {"redirect_uris": [f"https://{host}/callback"]} if host else {}
    client = on.world.client(on.tenant, **uris, options=Options(**options))
    return part(Stage(on.world, on.tenant, on.person, client).tokens()["id_token"], 1)["sub"]


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 8.1")
def test_one_sector_has_one_name_for_a_person_and_every_other_has_another(paired: Stage) -> None:
    own = part(paired.tokens()["id_token"], 1)["sub"]
    assert own == part(paired.tokens()["id_token"], 1)["sub"]
    assert own == subject(paired, subject_type="pairwise")
    assert own == subject(
        paired, "elsewhere.example", subject_type="pairwise",
        sector_identifier_uri="https://rp.example/uris.json",
    )  # fmt: skip
    names = {
        own,
        subject(paired),
        subject(paired, "other.example", subject_type="pairwise"),
        subject(paired, subject_type="pairwise", sector_identifier_uri=SECTOR),
    }
    assert len(names) == 4
    assert paired.person.id in names  # what the public ones say
    other = Stage(paired.world, paired.tenant, paired.world.user(paired.tenant), paired.client)
    assert part(other.tokens()["id_token"], 1)["sub"] != own
    assert len(own) == 43


@pytest.mark.rfc("OpenID Connect Core section 8.1")
def test_nothing_that_the_client_sees_says_who_it_is_elsewhere(paired: Stage) -> None:
    tokens = paired.tokens(scope="openid profile email offline_access orders:read")
    party = paired.party
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    seen = [
        part(tokens["id_token"], 1),
        part(access, 1),
        party.userinfo(access).json,
        party.introspect(access).json,
        party.introspect(refresh).json,
        part(party.refresh(refresh).json["access_token"], 1),
    ]
    assert len({one["sub"] for one in seen}) == 1
    public = part(Stage(paired.world, paired.tenant, paired.person,
                        paired.world.client(paired.tenant)).tokens()["id_token"], 1)  # fmt: skip
    said = json.dumps(seen)
    assert paired.person.id not in said
    assert public["sub"] == paired.person.id
    assert public["sid"] not in said


@pytest.mark.rfc("OpenID Connect Core section 8.1")
def test_two_sectors_cannot_tell_that_they_hear_of_one_session(paired: Stage) -> None:
    other = paired.world.client(
        paired.tenant, redirect_uris=["https://other.example/callback"], options=PAIRWISE
    )
    browser = paired.browser()
    told = []
    for client in (paired.client, other, paired.client):
        code = browser.code(client, paired.person)
        told.append(part(Party(paired.world, client).redeem(code).json["id_token"], 1)["sid"])
    assert told[0] == told[2] != told[1]


@pytest.mark.rfc("OIDC RP-Initiated Logout 1.0 section 2")
def test_a_client_ends_the_session_by_its_own_name_for_it(world: World) -> None:
    """And the browser tells every client by the name that it knows."""
    options = replace(
        PAIRWISE,
        frontchannel_logout_uri="https://rp.example/out",
        frontchannel_logout_session_required=True,
    )
    paired = stage(world, options=options)
    browser = paired.browser()
    hint = paired.party.redeem(browser.code(paired.client, paired.person)).json["id_token"]
    answer = browser.get("/oauth/logout", query_string={"id_token_hint": hint})
    page = browser.follow(answer)
    assert f"sid={part(hint, 1)['sid']}" in page.text
    assert browser.get("/account").status_code == 303


@pytest.mark.rfc("OIDC Back-Channel Logout 1.0 section 2.4")
def test_a_logout_token_is_what_the_id_token_was(world: World) -> None:
    """The same names, and encrypted if ID tokens are: else the client has to refuse it."""
    key = JWK.generate(kty="EC", crv="P-256", kid="ec", use="enc")
    options = replace(PAIRWISE, id_token_encrypted_response_alg="ECDH-ES")
    paired = stage(world, jwks={"keys": [key.export_public(as_dict=True)]}, options=options)
    before = part(decrypted(paired.tokens()["id_token"], key), 1)
    client = world.services.caches.clients.get(paired.client.id)
    with world.services.database.read() as view:
        (session,) = view.tenant(paired.tenant.id).scalars(select(UserSession.id))
    ending = Ending(Issuer(ISSUER), client, paired.person.id, session)
    token = world.services.mint.logout_token(ending, world.clock.now())
    claims = part(decrypted(token, key), 1)
    assert (claims["sub"], claims["sid"]) == (before["sub"], before["sid"])


def decrypted(token: str, key: JWK) -> str:
    sealed = JWE()
    sealed.deserialize(token, key)
    return sealed.payload.decode()


@pytest.mark.attack("ATK-111")
def test_the_trail_names_the_account_and_the_family_ends(paired: Stage) -> None:
    access = paired.tokens()["access_token"]
    assert paired.party.revoke(access).status_code == 200
    assert paired.party.userinfo(access).status_code == 401
    (event,) = events(paired.world, paired.tenant, EventType.TOKENS_REVOKED)
    assert part(access, 1)["sub"] not in json.dumps(event)


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.2")
def test_a_client_names_whom_it_means_by_its_own_name(paired: Stage) -> None:
    browser = paired.browser()
    tokens = paired.party.redeem(browser.code(paired.client, paired.person)).json
    name = part(tokens["id_token"], 1)["sub"]
    for meant, error in ((name, None), (paired.person.id, "login_required")):
        claims = json.dumps({"id_token": {"sub": {"value": meant}}})
        answer = answered(browser.authorize(paired.client, claims=claims, prompt="none"))
        assert answer.get("error") == error


@pytest.mark.rfc("OpenID Connect Core section 8")
@pytest.mark.parametrize("kind", KINDS)
def test_names_outlive_the_master_key(kind: str, tmp_path: Path) -> None:
    with new_installation(kind, tmp_path, ["ES256", "RS256"]) as world:
        paired = stage(world, options=PAIRWISE)
        before = part(paired.tokens()["id_token"], 1)["sub"]
        with restarted(world, master_key=BOTH) as between:
            renew(between)
        with restarted(world, master_key=NEW) as after:
            on = Stage(after, paired.tenant, paired.person, paired.client)
            assert part(on.tokens()["id_token"], 1)["sub"] == before


@pytest.mark.rfc("OpenID Connect Registration section 5")
@pytest.mark.parametrize(
    ("kind", "uris", "sector", "fits"),
    [
        ("web", ["https://a.example/x", "https://b.example/x"], None, False),
        ("web", ["https://a.example/x", "https://b.example/x"], SECTOR, True),
        ("web", ["https://a.example/x", "https://a.example:8443/y"], None, True),
        ("native", ["com.example.app:/callback"], None, False),
        ("native", ["http://127.0.0.1/callback"], None, False),
        ("native", ["com.example.app:/callback"], SECTOR, True),
        ("web", ["https://a.example/x"], "http://sector.example/uris.json", False),
    ],
)
def test_a_sector_is_one_host_that_is_somebodys(
    world: World, kind: str, uris: list[str], sector: str | None, *, fits: bool
) -> None:
    options = Options(subject_type="pairwise", sector_identifier_uri=sector)
    register = {"redirect_uris": uris, "options": options}
    if fits:
        assert world.client(world.tenant(), kind, **register).id
        return
    with pytest.raises(UnfitRegistration, match="pairwise"):
        world.client(world.tenant(), kind, **register)


@pytest.mark.attack("ATK-111")
def test_a_client_without_a_redirect_uri_belongs_to_no_sector() -> None:
    """The document of somebody's sector names every URI of a client that has none."""
    with pytest.raises(InvalidUri, match="there are none"):
        sector_of([], SECTOR)


@pytest.mark.rfc("OpenID Connect Core section 8")
def test_public_names_are_what_everybody_gets_who_does_not_ask(on: Stage) -> None:
    claims = part(on.tokens()["id_token"], 1)
    assert (claims["sub"], claims["iss"]) == (on.person.id, ISSUER)

"""What DPoP binds: codes, refresh tokens and access tokens. RFC 9449 sections 5, 7 and 10."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from authserver.clients.options import Options
from tests.spec.tools import Stage, error_of, part, post, stage
from tests.support.browser import answered, authorization
from tests.support.holder import BoundParty, Holder, ath
from tests.support.world import World

INVALID_GRANT = (400, "invalid_grant")
USERINFO = "/oauth/userinfo"
OFFLINE = "openid offline_access orders:read"


@pytest.fixture
def holder(world: World) -> Holder:
    return Holder(world)


def party(on: Stage, holder: Holder | None) -> BoundParty:
    return BoundParty(on.world, on.client, holder, on.prefix)


def tokens(on: Stage, holder: Holder, **parameters: Any) -> dict[str, Any]:
    answer = party(on, holder).redeem(on.code(scope=OFFLINE, **parameters))
    assert answer.status_code == 200, answer.text
    assert answer.json["token_type"] == "DPoP"
    return answer.json


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-12")
@pytest.mark.bcp("R-15")
@pytest.mark.rfc("RFC 9449 section 10")
@pytest.mark.parametrize("kind", ["web", "spa"])
def test_a_code_is_redeemed_with_the_key_of_its_request(
    world: World, holder: Holder, kind: str
) -> None:
    on = stage(world, kind)
    code = on.code(dpop_jkt=holder.jkt)
    assert error_of(party(on, Holder(world)).redeem(code)) == INVALID_GRANT
    assert error_of(party(on, None).redeem(code)) == INVALID_GRANT
    answer = party(on, holder).redeem(code)
    assert part(answer.json["access_token"], 1)["cnf"] == {"jkt": holder.jkt}


@pytest.mark.every_database
@pytest.mark.bcp("R-15")
@pytest.mark.rfc("RFC 9449 section 10")
def test_a_code_tried_with_other_keys_is_dead_after_five_times(on: Stage, holder: Holder) -> None:
    code = on.code(dpop_jkt=holder.jkt)
    for _ in range(5):
        assert error_of(party(on, Holder(on.world)).redeem(code)) == INVALID_GRANT
    assert error_of(party(on, holder).redeem(code)) == INVALID_GRANT


@pytest.mark.rfc("RFC 9449 section 10")
@pytest.mark.parametrize("jkt", ["short", "A" * 44, "A" * 42 + "="])
def test_what_is_no_thumbprint_binds_no_code(on: Stage, jkt: str) -> None:
    assert answered(on.browser().authorize(on.client, dpop_jkt=jkt))["error"] == "invalid_request"


@pytest.mark.bcp("R-24")
@pytest.mark.rfc("RFC 9449 section 5")
@pytest.mark.parametrize("kind", ["spa", "native"])
def test_refresh_tokens_of_public_clients_are_bound_to_the_key(
    world: World, holder: Holder, kind: str
) -> None:
    on = stage(world, kind)
    token = tokens(on, holder)["refresh_token"]
    assert error_of(party(on, Holder(world)).refresh(token)) == INVALID_GRANT
    assert error_of(party(on, None).refresh(token)) == INVALID_GRANT
    answer = party(on, holder).refresh(token)
    assert answer.json["token_type"] == "DPoP"
    assert part(answer.json["access_token"], 1)["cnf"] == {"jkt": holder.jkt}
    # A thief without the key ends nothing, however old the token is.
    world.clock.move(seconds=30)
    assert error_of(party(on, Holder(world)).refresh(token)) == INVALID_GRANT
    assert party(on, holder).refresh(answer.json["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-24")
@pytest.mark.rfc("RFC 9449 section 5")
def test_a_confidential_client_takes_a_new_key_and_never_none(on: Stage, holder: Holder) -> None:
    token = tokens(on, holder)["refresh_token"]
    assert error_of(party(on, None).refresh(token)) == INVALID_GRANT
    newer = Holder(on.world, "EdDSA")
    answer = party(on, newer).refresh(token)
    assert part(answer.json["access_token"], 1)["cnf"] == {"jkt": newer.jkt}


@pytest.mark.every_database
@pytest.mark.bcp("R-24")
@pytest.mark.rfc("RFC 9449 section 5")
@pytest.mark.parametrize("kind", ["web", "spa"])
def test_a_family_is_bound_from_the_first_proof_on(world: World, holder: Holder, kind: str) -> None:
    on = stage(world, kind)
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    bound = party(on, holder).refresh(token).json
    assert bound["token_type"] == "DPoP"
    assert error_of(party(on, None).refresh(bound["refresh_token"])) == INVALID_GRANT
    assert party(on, holder).refresh(bound["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-22")
@pytest.mark.rfc("RFC 9449 section 5")
@pytest.mark.parametrize("kind", ["web", "spa"])
def test_a_retry_gets_the_same_answer_with_the_same_key_only(
    world: World, holder: Holder, kind: str
) -> None:
    on = stage(world, kind)
    token = tokens(on, holder)["refresh_token"]
    first = party(on, holder).refresh(token)
    assert error_of(party(on, Holder(world)).refresh(token)) == INVALID_GRANT
    assert error_of(party(on, None).refresh(token)) == INVALID_GRANT
    assert party(on, holder).refresh(token).data == first.data
    assert party(on, holder).refresh(first.json["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-22")
def test_the_answer_of_a_bearer_refresh_is_not_given_to_a_key(on: Stage, holder: Holder) -> None:
    token = on.tokens()["refresh_token"]
    first = on.party.refresh(token)
    assert error_of(party(on, holder).refresh(token)) == INVALID_GRANT
    assert on.party.refresh(token).data == first.data


@pytest.mark.rfc("RFC 9449 section 7.1")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_takes_a_bound_token_with_a_proof_for_it(
    on: Stage, holder: Holder, method: str
) -> None:
    token = tokens(on, holder)["access_token"]
    answer = party(on, holder).ask(token, method=method)
    assert answer.json["sub"] == on.person.id


def challenged(answer: TestResponse) -> tuple[int, str]:
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("DPoP ")
    assert 'algs="ES256 ' in challenge
    return answer.status_code, challenge.split('error="')[1].split('"')[0]


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 7.2")
def test_a_bound_token_is_no_bearer_token_and_the_other_way_round(
    on: Stage, holder: Holder
) -> None:
    token = tokens(on, holder)["access_token"]
    with_key = party(on, holder)
    assert challenged(with_key.ask(token, scheme="Bearer")) == (401, "invalid_token")
    assert challenged(on.party.userinfo(token)) == (401, "invalid_token")
    assert challenged(post(on.world, USERINFO, {"access_token": token})) == (401, "invalid_token")
    unbound = on.tokens()["access_token"]
    assert challenged(with_key.ask(unbound)) == (401, "invalid_token")
    # Whoever sends a proof that nobody asked for is not punished for it.
    assert with_key.ask(unbound, scheme="Bearer").status_code == 200


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 7.1")
def test_a_token_without_its_key_is_worth_nothing(on: Stage, holder: Holder) -> None:
    token, other = (tokens(on, holder)["access_token"] for _ in range(2))
    thief = Holder(on.world)
    assert challenged(party(on, None).ask(token)) == (401, "invalid_token")
    assert challenged(party(on, thief).ask(token)) == (401, "invalid_token")
    with_key, invalid = party(on, holder), (401, "invalid_dpop_proof")
    for wrong in (
        {"ath": None},
        {"ath": ath(other)},
        {"htm": "POST"},
        {"htu": "https://x.example"},
    ):
        proof = holder.proof(USERINFO, "GET", **{"ath": ath(token), **wrong})
        assert challenged(with_key.ask(token, proof=proof)) == invalid
    proof = holder.proof(USERINFO, "GET", ath=ath(token))
    assert with_key.ask(token, proof=proof).status_code == 200
    assert challenged(with_key.ask(token, proof=proof)) == invalid


@pytest.mark.rfc("RFC 9449 section 9")
def test_userinfo_asks_for_a_nonce_where_the_client_wants_one(world: World, holder: Holder) -> None:
    on = stage(world, options=Options(dpop_nonce_required=True))
    with_key = party(on, holder)
    assert with_key.machine().json["error"] == "use_dpop_nonce"
    token = with_key.redeem(on.code()).json["access_token"]
    with_key.nonce = None
    assert challenged(with_key.ask(token)) == (401, "use_dpop_nonce")
    answer = with_key.ask(token)
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"]


@pytest.mark.rfc("RFC 9449 section 4.3")
def test_a_tenants_issuer_is_part_of_the_address(world: World, holder: Holder) -> None:
    tenant = world.tenant(own_issuer=True)
    client = world.client(tenant, "service", at_tenant_issuer=True)
    there = BoundParty(world, client, holder, f"/t/{tenant.slug}")
    assert there.machine().status_code == 200
    elsewhere = holder.proof("/oauth/token")
    form = {"grant_type": "client_credentials"}
    assert error_of(there.send("token", form, elsewhere)) == (400, "invalid_dpop_proof")


@pytest.mark.bcp("R-34")
@pytest.mark.rfc("RFC 9449 section 8")
def test_scripts_may_send_proofs_and_read_nonces(world: World) -> None:
    on = stage(world, "spa", options=Options(dpop_nonce_required=True))
    origin = {"Origin": "https://rp.example"}
    answer = post(world, "/oauth/token", {"client_id": on.client.id}, headers=origin)
    assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"]
    preflight = on.party.http.options(
        "/oauth/token", base_url="https://auth.example", headers=origin
    )
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.rfc("RFC 9449 section 10.1")
def test_a_proof_with_a_pushed_request_binds_the_code(on: Stage, holder: Holder) -> None:
    with_key = party(on, holder)
    query = authorization(on.client, client_id=None)
    pushed = with_key.send("par", query)
    assert pushed.status_code == 201, pushed.text
    named = with_key.send("par", {**query, "dpop_jkt": Holder(on.world).jkt})
    assert error_of(named) == (400, "invalid_dpop_proof")
    handle = {"request_uri": pushed.json["request_uri"]}
    code = on.browser().code(on.client, on.person, **dict.fromkeys(query), **handle)
    assert error_of(party(on, None).redeem(code)) == INVALID_GRANT
    assert error_of(party(on, Holder(on.world)).redeem(code)) == INVALID_GRANT
    assert with_key.redeem(code).json["token_type"] == "DPoP"

"""DPoP proofs at the token endpoint: RFC 9449 sections 4.3, 5, 8 and 11."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from authserver.clients.options import Options
from authserver.tenants.policy import TenantPolicy
from tests.spec.assertions import hmac_signed
from tests.spec.tools import API, change, error_of, events, machine, part, restarted, statements
from tests.support.browser import ISSUER, Party
from tests.support.holder import BoundParty, Holder, encoded
from tests.support.world import World

TOKEN = "/oauth/token"
REFUSED = (400, "invalid_dpop_proof")
ALGORITHMS = ("ES256", "ES384", "PS256", "RS256", "EdDSA")
Another = Callable[..., World]
GRANT = {"grant_type": "client_credentials"}


def bound(world: World, holder: Holder | None = None, **options: Any) -> BoundParty:
    client = machine(world, audiences=[API], options=Options(**options)).client
    return BoundParty(world, client, holder or Holder(world))


@pytest.fixture
def service(world: World) -> BoundParty:
    return bound(world)


def send(service: BoundParty, proof: str) -> tuple[int, str]:
    answer = service.send("token", GRANT, proof)
    return answer.status_code, answer.json.get("error", "")


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 5")
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_proof_binds_the_token_to_its_key(world: World, alg: str) -> None:
    service = bound(world, Holder(world, alg))
    answer = service.machine()
    assert answer.json.get("token_type") == "DPoP", answer.text
    assert part(answer.json["access_token"], 1)["cnf"] == {"jkt": service.holder.jkt}
    said = service.introspect(answer.json["access_token"]).json
    assert (said["token_type"], said["cnf"]) == ("DPoP", {"jkt": service.holder.jkt})


@pytest.mark.every_database
@pytest.mark.rfc("RFC 9449 section 5")
def test_without_a_proof_nothing_is_bound_and_nothing_paid(world: World) -> None:
    service = machine(world)
    service.machine()
    with statements(world) as plain:
        answer = service.machine()
    assert answer.json["token_type"] == "Bearer"
    assert "cnf" not in part(answer.json["access_token"], 1)
    assert not [one for one in plain if "used_proofs" in one]


HEADERS: dict[str, dict[str, Any]] = {
    "no typ": {"typ": None},
    "another typ": {"typ": "JWT"},
    "typ in capitals": {"typ": "DPOP+JWT"},
    "alg none": {"alg": "none"},
    "a shared key": {"alg": "HS256"},
    "another algorithm of the family": {"alg": "ES384"},
    "no key": {"jwk": None},
    "a key by name": {"jwk": None, "kid": "one"},
    "a key by address": {"jku": "https://evil.example/jwks"},
    "a critical extension": {"crit": ["b64"], "b64": False},
    "a symmetric key": {
        "jwk": {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}
    },
    "a key that is no key": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
    "a text": {"jwk": "a key"},
}


@pytest.mark.bcp("R-19")
@pytest.mark.attack("ATK-098")
@pytest.mark.rfc("RFC 9449 section 4.3")
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_proof_with_another_header_is_refused(
    service: BoundParty, header: dict[str, Any]
) -> None:
    assert send(service, service.holder.proof(TOKEN, header=header)) == REFUSED


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 4.3")
def test_a_private_key_and_a_foreign_signature_are_refused(
    world: World, service: BoundParty
) -> None:
    holder, thief = service.holder, Holder(world)
    assert (
        send(service, holder.proof(TOKEN, header={"jwk": {**holder.jwk, "d": "A" * 43}})) == REFUSED
    )
    assert send(service, thief.proof(TOKEN, header={"jwk": holder.jwk})) == REFUSED
    claims = holder.claims(TOKEN)
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": holder.jwk}
    assert send(service, hmac_signed(header, claims, holder.jwk["x"].encode())) == REFUSED
    unsigned = (
        f"{encoded({'typ': 'dpop+jwt', 'alg': 'none', 'jwk': holder.jwk})}.{encoded(claims)}."
    )
    assert send(service, unsigned) == REFUSED


CLAIMS: dict[str, dict[str, Any]] = {
    "no method": {"htm": None},
    "another method": {"htm": "GET"},
    "the method in small letters": {"htm": "post"},
    "no address": {"htu": None},
    "another endpoint": {"htu": f"{ISSUER}/oauth/introspect"},
    "another host": {"htu": "https://evil.example/oauth/token"},
    "another scheme": {"htu": "http://auth.example/oauth/token"},
    "another port": {"htu": "https://auth.example:8443/oauth/token"},
    "somebody before the host": {"htu": "https://auth.example@evil.example/oauth/token"},
    "a slash at the end": {"htu": f"{ISSUER}/oauth/token/"},
    "a list of addresses": {"htu": [f"{ISSUER}/oauth/token"]},
    "no jti": {"jti": None},
    "an empty jti": {"jti": ""},
    "a number as jti": {"jti": 7},
    "a very long jti": {"jti": "j" * 257},
    "no time": {"iat": None},
    "a time that is true": {"iat": True},
    "a time in words": {"iat": "now"},
}


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 4.3")
@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_a_proof_with_other_claims_is_refused(service: BoundParty, claims: dict[str, Any]) -> None:
    assert send(service, service.holder.proof(TOKEN, **claims)) == REFUSED


@pytest.mark.rfc("RFC 9449 section 4.3")
@pytest.mark.parametrize(
    "htu",
    [
        f"{ISSUER}/oauth/token?a=b",
        f"{ISSUER}/oauth/token#part",
        "HTTPS://Auth.Example/oauth/token",
        "https://auth.example:443/oauth/token",
    ],
)
def test_query_fragment_and_spelling_of_the_host_make_no_difference(
    service: BoundParty, htu: str
) -> None:
    assert send(service, service.holder.proof(TOKEN, htu=htu)) == (200, "")


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-13")
@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 11.1")
@pytest.mark.parametrize(
    ("claim", "seconds", "good"),
    [
        ("iat", -60, True), ("iat", -61, False), ("iat", 10, True), ("iat", 11, False),
        ("exp", -9, True), ("exp", -10, False), ("nbf", 10, True), ("nbf", 11, False),
    ],
)  # fmt: skip
def test_a_proof_is_good_for_a_minute_and_ten_seconds_ahead(
    service: BoundParty, claim: str, seconds: int, *, good: bool
) -> None:
    at = int(service.holder.world.clock.now().timestamp()) + seconds
    wanted = (200, "") if good else REFUSED
    assert send(service, service.holder.proof(TOKEN, **{claim: at})) == wanted


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 11.1")
def test_a_proof_is_good_once_in_all_processes(
    world: World, another: Another, service: BoundParty
) -> None:
    proof = service.holder.proof(TOKEN)
    assert send(service, proof) == (200, "")
    assert send(service, proof) == REFUSED
    elsewhere = BoundParty(another(), service.client, service.holder)
    assert send(elsewhere, proof) == REFUSED
    with restarted(world) as later:
        assert send(BoundParty(later, service.client, service.holder), proof) == REFUSED
    assert len(events(world, service.client.tenant, "proof.replayed")) == 3


@pytest.mark.rfc("RFC 9449 section 4.1")
def test_two_proofs_are_none(service: BoundParty) -> None:
    proofs = [service.holder.proof(TOKEN), service.holder.proof(TOKEN)]
    assert send(service, ", ".join(proofs)) == REFUSED
    assert send(service, "x" * 20_000) == REFUSED


@pytest.mark.attack("ATK-134")
@pytest.mark.rfc("RFC 9449 section 4.3")
def test_no_header_says_where_the_proof_was_meant_to_go(service: BoundParty) -> None:
    proof = service.holder.proof(TOKEN, htu="https://evil.example/oauth/token")
    answer = service.http.post(
        TOKEN,
        base_url="https://evil.example",
        data=GRANT,
        auth=(service.client.id, service.client.secret),
        headers={"DPoP": proof, "X-Forwarded-Host": "evil.example"},
    )
    assert error_of(answer) == REFUSED


@pytest.mark.bcp("R-19")
@pytest.mark.rfc("RFC 9449 section 5.2")
def test_a_client_that_demands_proofs_gets_nothing_without_one(world: World) -> None:
    service = bound(world, dpop_bound_access_tokens=True)
    assert error_of(Party(world, service.client).machine()) == REFUSED
    assert service.machine().status_code == 200


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-10")
@pytest.mark.rfc("RFC 9449 section 8")
def test_a_client_that_asks_for_nonces_must_send_ours(world: World, another: Another) -> None:
    service = bound(world, dpop_nonce_required=True)
    first = service.machine()
    assert error_of(first) == (400, "use_dpop_nonce")
    assert service.machine().status_code == 200
    # Every process knows the nonces of every other.
    elsewhere = BoundParty(another(), service.client, service.holder)
    elsewhere.nonce = service.nonce
    assert elsewhere.machine().status_code == 200
    world.clock.move(seconds=301)
    again = service.machine()
    assert error_of(again) == (400, "use_dpop_nonce")
    assert again.headers["DPoP-Nonce"] != first.headers["DPoP-Nonce"]
    assert again.headers["Cache-Control"] == "no-store"
    assert service.machine().status_code == 200


@pytest.mark.rfc("RFC 9449 section 8")
def test_nobody_makes_up_a_nonce(world: World) -> None:
    service = bound(world, dpop_nonce_required=True)
    service.machine()
    good = service.nonce
    assert good is not None
    forged = encoded(int(world.clock.now().timestamp()).to_bytes(8, "big") + os.urandom(16))
    for nonce in (forged, good[:-1], good + "=", good[:-1] + chr(ord(good[-1]) ^ 1), "", "é" * 32):
        service.nonce = nonce
        assert error_of(service.machine()) == (400, "use_dpop_nonce"), nonce


@pytest.mark.rfc("RFC 9449 section 5.1")
def test_the_metadata_name_the_algorithms(world: World) -> None:
    document = world.app.test_client().get("/.well-known/openid-configuration", base_url=ISSUER)
    names = (*ALGORITHMS, "Ed25519")
    assert tuple(document.json["dpop_signing_alg_values_supported"]) == names


@pytest.mark.rfc("RFC 9864 section 2.2")
def test_the_newer_name_of_eddsa_is_known(world: World) -> None:
    service = bound(world, Holder(world, "EdDSA"))
    assert send(service, service.holder.proof(TOKEN, header={"alg": "Ed25519"})) == (200, "")
    other = bound(world)
    assert send(other, other.holder.proof(TOKEN, header={"alg": "Ed25519"})) == REFUSED


@pytest.mark.rfc("RFC 9449 section 8")
def test_a_tenant_asks_for_nonces_of_all_its_clients(world: World) -> None:
    service, other = bound(world), bound(world)
    policy, slug = TenantPolicy(dpop_nonces=True), service.client.tenant.slug
    change(
        world, lambda tx: world.services.tenants.set_policy(tx, slug, policy, actor=world.operator)
    )
    assert error_of(service.machine()) == (400, "use_dpop_nonce")
    assert service.machine().status_code == 200
    assert other.machine().status_code == 200
    # Whoever shows no key needs no nonce.
    assert Party(world, service.client).machine().status_code == 200

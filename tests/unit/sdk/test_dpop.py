"""Bound tokens at a resource server: RFC 9449 sections 4.3, 7 and 11."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask, Response

from authserver.sdk.dpop import SeenProofs
from authserver.sdk.flask import ResourceServer, scopes
from authserver.sdk.verifier import (
    AccessToken,
    InvalidProof,
    InvalidToken,
    Shown,
    TokenVerifier,
    TooManyProofs,
)

URL = "https://api.example.com/invoices"
NOW = 1_800_000_000
MEMBERS = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}


def digest(text: str) -> str:
    made = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


class Holder:
    """A key of the tests, the tokens bound to it, and proofs made with it."""

    def __init__(self, sign: Any, jwk: Any, mint: Any, kid: str = "next") -> None:
        self._sign, self._mint, self._kid = sign, mint, kid
        public = jwk(kid, kid=None, use=None, alg=None)
        self.key = {name: public[name] for name in MEMBERS[public["kty"]]}
        self.alg = {"next": "ES256", "other": "ES256"}.get(kid) or jwk(kid)["alg"]
        self.jkt = digest(json.dumps(self.key, sort_keys=True, separators=(",", ":")))
        self.made = 0

    def token(self, **claims: object) -> str:
        return str(self._mint(**({"cnf": {"jkt": self.jkt}} | claims)))

    def proof(self, token: str, header: Mapping[str, object] | None = None, **more: object) -> str:
        self.made += 1
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key} | dict(header or {})
        claims = {
            "jti": f"{self.jkt} {self.made}",
            "htm": "GET",
            "htu": URL,
            "iat": NOW,
            "ath": digest(token),
        } | more
        return str(
            self._sign(
                {name: value for name, value in head.items() if value is not ...},
                {name: value for name, value in claims.items() if value is not ...},
                self._kid,
            )
        )


@pytest.fixture
def make(
    sign: Callable[..., str], jwk: Callable[..., Any], mint: Callable[..., str]
) -> Callable[..., Holder]:
    return lambda kid="next": Holder(sign, jwk, mint, kid)


@pytest.fixture
def holder(make: Callable[..., Holder]) -> Holder:
    return make()


def verify(verifier: TokenVerifier, token: str, proof: str, **other: str) -> AccessToken:
    return verifier.verify(token, Shown(proof, **({"method": "GET", "url": URL} | other)))


@pytest.mark.rfc("RFC 9449 section 7.1")
@pytest.mark.parametrize("kid", ["es256", "es384", "rs256", "ps256", "eddsa"])
def test_a_bound_token_is_good_with_a_proof_for_it(
    verifier: TokenVerifier, make: Callable[..., Holder], kid: str
) -> None:
    holder = make(kid)
    token = holder.token()
    assert verify(verifier, token, holder.proof(token)).subject == "usr_ann"


@pytest.mark.rfc("RFC 9449 section 7.1")
def test_a_bound_token_without_a_proof_and_a_proof_for_an_unbound_one_are_refused(
    verifier: TokenVerifier, holder: Holder, mint: Callable[..., str]
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(holder.token())
    for cnf in (..., {}, {"jkt": holder.jkt, "x5t#S256": "a"}, {"x5t#S256": holder.jkt}, "jkt"):
        token = mint(cnf=cnf)
        with pytest.raises(InvalidToken):
            verify(verifier, token, holder.proof(token))


WRONG: dict[str, dict[str, Any]] = {
    "typ": {"header": {"typ": "JWT"}},
    "another algorithm": {"header": {"alg": "ES384"}},
    "alg none": {"header": {"alg": "none"}},
    "a shared key": {"header": {"alg": "HS256"}},
    "no key": {"header": {"jwk": ...}},
    "a critical extension": {"header": {"crit": ["b64"]}},
    "a key by address": {"header": {"jku": "https://evil.example"}},
    "method": {"htm": "POST"},
    "address": {"htu": "https://api.example.com/orders"},
    "host": {"htu": "https://evil.example/invoices"},
    "no address": {"htu": ...},
    "an address of two readings": {"htu": "https://evil.example\\@api.example.com/invoices"},
    "too old": {"iat": NOW - 61},
    "from the future": {"iat": NOW + 11},
    "no time": {"iat": ...},
    "expired": {"exp": NOW - 10},
    "not yet": {"nbf": NOW + 11},
    "no jti": {"jti": ...},
    "no ath": {"ath": ...},
    "ath of another token": {"ath": digest("another")},
}


@pytest.mark.rfc("RFC 9449 section 4.3")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_proof_of_something_else_is_refused(
    verifier: TokenVerifier, holder: Holder, wrong: dict[str, Any]
) -> None:
    token = holder.token()
    with pytest.raises(InvalidProof):
        verify(verifier, token, holder.proof(token, **wrong))


@pytest.mark.rfc("RFC 9449 section 4.3")
def test_a_proof_by_another_key_is_refused(
    verifier: TokenVerifier, holder: Holder, make: Callable[..., Holder]
) -> None:
    token, thief = holder.token(), make("other")
    for proof in (
        thief.proof(token),
        thief.proof(token, header={"jwk": holder.key}),
        holder.proof(token, header={"jwk": {**holder.key, "d": "secret"}}),
        f"{holder.proof(token)}, {holder.proof(token)}",
        "",
        "x" * 20_000,
    ):
        with pytest.raises(InvalidProof):
            verify(verifier, token, proof)


@pytest.mark.rfc("RFC 9449 section 4.3")
def test_query_and_spelling_of_the_host_make_no_difference(
    verifier: TokenVerifier, holder: Holder
) -> None:
    token = holder.token()
    for htu in ("https://API.example.com:443/invoices", f"{URL}?page=2#top"):
        assert verify(verifier, token, holder.proof(token, htu=htu))


@pytest.mark.rfc("RFC 9449 section 11.1")
def test_a_proof_is_good_once(verifier: TokenVerifier, holder: Holder, now: list[float]) -> None:
    token = holder.token()
    proof = holder.proof(token, iat=NOW + 10)
    verify(verifier, token, proof)
    for moment in (NOW, NOW + 69, NOW + 71):
        now[0] = moment
        with pytest.raises(InvalidProof):
            verify(verifier, token, proof)


def test_what_remembers_proofs_is_bounded_and_forgets_none_early() -> None:
    now = [0.0]
    seen = SeenProofs(lambda: now[0], most=3)
    assert [seen(name, 70) for name in ("a", "b", "c", "a")] == [True, True, True, False]
    with pytest.raises(TooManyProofs):
        seen("d", 70)
    assert not seen("a", 70)
    now[0] = 71
    assert seen("d", 140)


def test_several_processes_remember_together(
    build: Callable[..., TokenVerifier], holder: Holder
) -> None:
    shared: set[str] = set()

    def first_use(name: str, _until: float) -> bool:
        new = name not in shared
        shared.add(name)
        return new

    one, two = (build(first_use=first_use) for _ in range(2))
    token = holder.token()
    proof = holder.proof(token)
    verify(one, token, proof)
    with pytest.raises(InvalidProof):
        verify(two, token, proof)


@pytest.fixture
def ask(verifier: TokenVerifier, app: Flask) -> Callable[..., Response]:
    @app.get("/invoices")
    @scopes("invoices:read")
    def invoices() -> str:
        return "paid"

    ResourceServer(verifier, url="https://api.example.com/").init_app(app)
    client = app.test_client()
    return lambda **headers: client.get(
        "/invoices", base_url="https://evil.example", headers=headers
    )


@pytest.mark.rfc("RFC 9449 section 7.1")
def test_a_guarded_route_takes_bound_tokens(ask: Callable[..., Response], holder: Holder) -> None:
    token = holder.token()
    authorization = f"DPoP {token}"
    assert ask(Authorization=authorization, DPoP=holder.proof(token)).status_code == 200
    for refused, error in (
        (ask(Authorization=f"Bearer {token}", DPoP=holder.proof(token)), "invalid_token"),
        (ask(Authorization=authorization), "invalid_dpop_proof"),
        (
            ask(
                Authorization=authorization,
                DPoP=holder.proof(token, htu="https://evil.example/invoices"),
            ),
            "invalid_dpop_proof",
        ),
    ):
        assert refused.status_code == 401
        assert f'error="{error}"' in refused.headers["WWW-Authenticate"]
    assert refused.headers["WWW-Authenticate"].startswith('DPoP realm="api"')
    assert 'algs="ES256' in refused.headers["WWW-Authenticate"]


def test_without_an_address_of_its_own_an_api_takes_no_bound_tokens(
    verifier: TokenVerifier, app: Flask, holder: Holder
) -> None:
    @app.get("/invoices")
    @scopes("invoices:read")
    def invoices() -> str:
        return "paid"

    ResourceServer(verifier).init_app(app)
    token = holder.token()
    headers = {"Authorization": f"DPoP {token}", "DPoP": holder.proof(token)}
    assert app.test_client().get("/invoices", headers=headers).status_code == 401

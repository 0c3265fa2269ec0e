"""ATK-014 and its kin: what a provider, or somebody who plays one, says and is not believed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection
from tests.support.clock import ManualClock
from tests.support.providers import (
    OpenId,
    Signing,
    azure_ad,
    google,
    make_connectors,
    openid,
)
from tests.support.providers.visiting import Visit, connection, visit

MAKE: dict[str, Callable[[ManualClock], OpenId]] = {
    "oidc": openid,
    "google": google,
    "azure_ad": azure_ad,
}
STRANGER = "another client"


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.fixture(params=MAKE)
def provider(request: pytest.FixtureRequest, time: ManualClock) -> Iterator[OpenId]:
    with MAKE[request.param](time) as there:
        there.person(email="attacker@evil.example")
        yield there


@pytest.fixture
def to(provider: OpenId) -> Connection:
    kind = {"Google": "google", "AzureAd": "azure_ad"}.get(type(provider).__name__, "oidc")
    return connection(kind, provider, allowed=(provider.tenant,) if kind == "azure_ad" else ())


@pytest.fixture
def there(connectors: Connectors, to: Connection, provider: OpenId) -> Visit:
    return visit(connectors, to, provider)


def ago(provider: OpenId, seconds: int) -> int:
    return provider.now - seconds


def test_without_an_attack_somebody_comes_in(there: Visit) -> None:
    assert there.complete().identity.label == "attacker@evil.example"


@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": STRANGER}, "somebody else"),
        ({"aud": STRANGER, "azp": "client-of-ours"}, "somebody else"),
        ({"aud": [STRANGER], "azp": "client-of-ours"}, "somebody else"),
        ({"aud": ["client-of-ours", STRANGER], "azp": None}, "made for somebody else"),
        ({"aud": ["client-of-ours", STRANGER], "azp": STRANGER}, "made for somebody else"),
        ({"aud": "client-of-ours", "azp": STRANGER}, "made for somebody else"),
        ({"aud": {"client-of-ours": 1}}, "somebody else"),
        ({"aud": "client-of-ours-and-more"}, "somebody else"),
        ({"aud": []}, "somebody else"),
        ({"aud": None}, "somebody else"),
        ({"exp": None}, "when it ends"),
        ({"iat": None}, "when it was made"),
        ({"exp": "2099-01-01"}, "not a time"),
        ({"exp": True}, "not a time"),
        ({"exp": [4102444800]}, "not a time"),
        ({"nbf": "soon"}, "not a time"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": ""}, "another sign-in"),
        ({"nonce": ["x"]}, "another sign-in"),
        ({"nonce": "of somebody else's sign-in"}, "another sign-in"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "another access token"),
        ({"at_hash": 7}, "another access token"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 12}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "a\nb"}, "subject"),
        ({"sub": "ä"}, "subject"),
    ],
)
def test_an_id_token_that_is_not_for_us_is_refused(
    there: Visit, provider: OpenId, claims: dict[str, Any], reason: str
) -> None:
    provider.claims = claims
    with pytest.raises(UpstreamRefused, match=reason):
        there.complete()


def test_two_audiences_are_in_order_if_the_token_was_made_for_us(
    there: Visit, provider: OpenId
) -> None:
    provider.claims = {"aud": ["client-of-ours", STRANGER], "azp": "client-of-ours"}
    assert there.complete().identity.subject


@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(("seconds", "held"), [(59, True), (60, False), (86_400, False)])
def test_a_token_that_is_over_is_refused_after_the_tolerance_of_clocks(
    there: Visit, provider: OpenId, seconds: int, *, held: bool
) -> None:
    provider.claims = {"exp": ago(provider, seconds), "iat": ago(provider, seconds + 60)}
    if held:
        assert there.complete().identity.subject
    else:
        with pytest.raises(UpstreamRefused, match="is over"):
            there.complete()


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("seconds", "held"), [(60, True), (61, False)])
def test_a_token_of_the_future_is_refused_beyond_the_tolerance(
    there: Visit, provider: OpenId, claim: str, seconds: int, *, held: bool
) -> None:
    provider.claims = {claim: provider.now + seconds}
    if held:
        assert there.complete().identity.subject
    else:
        with pytest.raises(UpstreamRefused, match="of the future"):
            there.complete()


@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize("change", ["/", "x", ".evil.example", "%2F"])
def test_an_id_token_of_another_issuer_is_refused(
    there: Visit, provider: OpenId, change: str
) -> None:
    right = provider.issuer_of(provider.tenant) if hasattr(provider, "tenant") else provider.url
    provider.claims = {"iss": right + change}
    with pytest.raises(UpstreamRefused, match="another issuer"):
        there.complete()
    provider.claims = {"iss": None}
    with pytest.raises(UpstreamRefused, match="another issuer"):
        there.complete()


@pytest.mark.bcp("R-38")
@pytest.mark.parametrize("signing", [one for one in Signing if one is not Signing.RIGHT])
def test_a_signature_that_is_not_the_providers_is_refused(
    there: Visit, provider: OpenId, signing: Signing
) -> None:
    provider.signing = signing
    with pytest.raises(UpstreamRefused, match=r"ID token|algorithm"):
        there.complete()


@pytest.mark.rfc("RFC 8725 section 3.11")
@pytest.mark.parametrize(("typ", "held"), [("jwt", True), ("at+jwt", False), ("logout+jwt", False)])
def test_another_kind_of_token_is_no_id_token(
    there: Visit, provider: OpenId, typ: str, *, held: bool
) -> None:
    provider.headers = {"typ": typ}
    if held:
        assert there.complete().identity.subject
    else:
        with pytest.raises(UpstreamRefused, match="another kind of token"):
            there.complete()


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
def test_a_token_brings_no_key_along(there: Visit, provider: OpenId, header: str) -> None:
    provider.headers = {header: "https://evil.example/keys"}
    with pytest.raises(UpstreamRefused, match="ID token: header"):
        there.complete()


@pytest.mark.parametrize("offered", [[], ["none"], ["HS256"], ["ES256"], "RS256", None])
def test_an_algorithm_that_the_provider_does_not_publish_is_refused(
    there: Visit, provider: OpenId, offered: object
) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = offered
    with pytest.raises(UpstreamRefused, match="algorithm"):
        there.complete()


@pytest.mark.parametrize("signing", [Signing.NONE, Signing.HS256_PUBLIC, Signing.HS256_SECRET])
def test_no_provider_can_publish_that_it_does_not_sign(
    there: Visit, provider: OpenId, signing: Signing
) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = ["RS256", "none", "HS256"]
    provider.signing = signing
    with pytest.raises(UpstreamRefused, match="algorithm"):
        there.complete()


@pytest.mark.bcp("R-37")
def test_a_code_of_another_sign_in_is_refused(
    connectors: Connectors, to: Connection, provider: OpenId, there: Visit
) -> None:
    """The verifier is of the victim's sign-in, the code of the attacker's."""
    attacker = visit(connectors, to, provider).back()
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there.finish(attacker)


@pytest.mark.bcp("R-37")
def test_an_id_token_of_another_sign_in_is_refused_even_if_the_provider_knows_no_verifier(
    connectors: Connectors, to: Connection, provider: OpenId, there: Visit
) -> None:
    attackers = visit(connectors, to, provider, verifier=there.verifier)
    with pytest.raises(UpstreamRefused, match="another sign-in"):
        there.finish(attackers.back())


def test_a_code_is_good_once(there: Visit) -> None:
    said = there.back()
    there.finish(said)
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there.finish(said)


def test_a_redirect_uri_is_part_of_the_code(there: Visit) -> None:
    said = there.back()
    there.redirect_uri = "https://auth.example/login/federation/con_2/callback"
    with pytest.raises(UpstreamRefused, match="invalid_grant"):
        there.finish(said)


def test_a_made_up_code_opens_no_breaker(
    connectors: Connectors, to: Connection, provider: OpenId
) -> None:
    said = {"code": "made up", **({"iss": provider.issuer} if provider.says_iss else {})}
    for _ in range(10):
        with pytest.raises(UpstreamRefused, match="invalid_grant"):
            visit(connectors, to, provider).finish(said)
    assert visit(connectors, to, provider).complete().identity.subject


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": ["a"]},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "x" * 20_000},
        {"token_type": "MAC"},
        {"token_type": None},
        {"id_token": None},
        {"id_token": 7},
        {"id_token": "a.b"},
        {"id_token": "a.b.c.d.e"},
        {"id_token": "." * 2},
        {"expires_in": {"a": 1}},
        {"error": "access_denied"},
    ],
)
def test_a_token_answer_of_another_shape_is_refused(
    there: Visit, provider: OpenId, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    whole = provider.tokens

    def changed(*given: Any, **more: Any) -> dict[str, Any]:
        return {**whole(*given, **more), **answer}

    monkeypatch.setattr(provider, "tokens", changed)
    with pytest.raises(UpstreamRefused) as refused:
        there.complete()
    assert refused.value.cancelled is (answer == {"error": "access_denied"})
    assert "code-" not in str(refused.value)
    assert "at-" not in str(refused.value)

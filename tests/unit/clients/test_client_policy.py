import pytest

from authserver.clients import policy
from authserver.clients.policy import KINDS, AuthMethod, UnfitRegistration
from authserver.settings import Settings

WEB, SERVICE = KINDS["web"], KINDS["service"]


def test_every_kind_names_a_setting_for_the_life_of_its_tokens() -> None:
    for kind in KINDS.values():
        assert getattr(Settings(), kind.token_life)


@pytest.mark.parametrize("name", ["spa", "native"])
def test_public_kinds_never_authenticate_and_never_act_for_themselves(name: str) -> None:
    assert KINDS[name].auth_methods == (AuthMethod.NONE,)
    assert "client_credentials" not in KINDS[name].grant_types
    with pytest.raises(UnfitRegistration):
        policy.choose_auth_method(KINDS[name], "client_secret_basic")


@pytest.mark.parametrize("name", ["web", "service", "partner"])
def test_confidential_kinds_always_authenticate(name: str) -> None:
    assert policy.choose_auth_method(KINDS[name], None) is AuthMethod.BASIC
    assert policy.choose_auth_method(KINDS[name], "private_key_jwt") is AuthMethod.PRIVATE_KEY_JWT
    with pytest.raises(UnfitRegistration):
        policy.choose_auth_method(KINDS[name], "none")


@pytest.mark.parametrize("name", ["service", "partner"])
def test_machines_have_no_way_to_a_persons_token(name: str) -> None:
    assert KINDS[name].grant_types == ("client_credentials",)
    assert not KINDS[name].has_people


def test_a_refresh_token_follows_the_kind_and_the_scope() -> None:
    assert policy.issues_refresh_token("web", ["openid"])
    assert policy.issues_refresh_token("native", [])
    assert not policy.issues_refresh_token("spa", ["openid"])
    assert policy.issues_refresh_token("spa", ["offline_access"])
    assert not policy.issues_refresh_token("service", ["offline_access"])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnfitRegistration, match="web, spa, native"):
        policy.find_kind("desktop")


@pytest.mark.rfc("RFC 6749 section 3.3")
@pytest.mark.parametrize("scope", ["", "a b", 'a"b', "a\\b", "ä", "a\n", "a\x7f", "x" * 129])
def test_a_scope_is_a_scope_token(scope: str) -> None:
    assert policy.check_scopes(WEB, ["reports:read", "a/b.c~!#[]"])
    with pytest.raises(UnfitRegistration):
        policy.check_scopes(WEB, [scope])


@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize("scope", sorted(policy.PEOPLE_SCOPES))
def test_machines_are_never_registered_with_scopes_about_people(scope: str) -> None:
    assert policy.check_scopes(WEB, [scope]) == [scope]
    with pytest.raises(UnfitRegistration, match=scope):
        policy.check_scopes(SERVICE, ["reports:read", scope])


@pytest.mark.rfc("RFC 8707 section 2")
@pytest.mark.parametrize(
    "audience",
    [
        "",
        "api",
        "http://api.example",
        "https://api.example/#x",
        "https://u@api.example",
        "urn:x",
        "urn:acme:a#b",
        "urn:acme:a b",
        "javascript:alert(1)",
        "https://api.example/*",
    ],
)
def test_an_audience_is_an_https_uri_or_a_urn_without_fragment(audience: str) -> None:
    good = ["https://api.example", "https://api.example/v1?x=1", "urn:acme:reports"]
    assert policy.check_audiences(good) == good
    with pytest.raises(UnfitRegistration):
        policy.check_audiences([audience])


def test_an_http_audience_is_for_development_only() -> None:
    audience = ["http://localhost:8002"]
    assert policy.check_audiences(audience, allow_http_loopback=True) == audience
    with pytest.raises(UnfitRegistration):
        policy.check_audiences(audience)
    with pytest.raises(UnfitRegistration):
        policy.check_audiences(["http://api.example"], allow_http_loopback=True)


def test_networks_are_stored_in_one_spelling_each_once() -> None:
    given = ["10.0.0.0/8", "2001:DB8::/32", "::ffff:10.0.0.0/104", "192.0.2.1"]
    assert policy.check_networks(given) == ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"]


@pytest.mark.parametrize("network", ["", "10.0.0.1/8", "10.0.0.0/255.0.0.0", "fe80::1%eth0", "x"])
def test_a_network_with_two_readings_is_refused(network: str) -> None:
    with pytest.raises(UnfitRegistration):
        policy.check_networks([network])


@pytest.mark.parametrize("rate", ["", "60", "0/minute", "-1/minute", "60/fortnight", "6_0/minute"])
def test_a_rate_is_a_number_in_a_time(rate: str) -> None:
    assert policy.check_rate("60/minute") == "60/minute"
    assert policy.check_rate(None) is None
    with pytest.raises(UnfitRegistration):
        policy.check_rate(rate)


@pytest.mark.parametrize("url", ["http://acme.example/terms", "javascript:alert(1)", "/terms"])
def test_links_are_https(url: str) -> None:
    assert policy.check_link("https://acme.example/terms")
    with pytest.raises(UnfitRegistration):
        policy.check_link(url)


@pytest.mark.parametrize("alg", ["none", "HS256", "RSA1_5", "es256", ""])
def test_only_offered_algorithms_sign(alg: str) -> None:
    assert policy.check_algorithm("EdDSA")
    with pytest.raises(UnfitRegistration):
        policy.check_algorithm(alg)


def test_pkce_is_optional_for_confidential_clients_only() -> None:
    assert not policy.check_pkce(AuthMethod.BASIC, required=False)
    assert policy.check_pkce(AuthMethod.NONE, required=True)
    with pytest.raises(UnfitRegistration):
        policy.check_pkce(AuthMethod.NONE, required=False)


def test_only_clients_of_an_internal_tenant_serve_everybody() -> None:
    assert policy.check_serves(["*"], tenant_type="internal", kind=WEB) == ["*"]
    for kind, tenant_type, serves in (
        (WEB, "customer", ["*"]),
        (WEB, "internal", ["*", "globex"]),
        (SERVICE, "internal", ["*"]),
    ):
        with pytest.raises(UnfitRegistration):
            policy.check_serves(serves, tenant_type=tenant_type, kind=kind)


def test_lists_have_an_end() -> None:
    with pytest.raises(UnfitRegistration, match="more than 100"):
        policy.check_scopes(WEB, [f"s{number}" for number in range(101)])

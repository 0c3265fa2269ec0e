import math
from collections.abc import Callable

import pytest

from authserver.sdk.verifier import ExpiredToken, InvalidToken, KeysUnavailable, TokenVerifier

Make = Callable[..., TokenVerifier]
Mint = Callable[..., str]


@pytest.mark.rfc("RFC 9068 section 4")
def test_a_good_token_tells_who_calls(verifier: TokenVerifier, mint: Mint) -> None:
    token = verifier.verify(mint())
    assert (token.subject, token.client_id, token.token_id) == ("usr_ann", "cli_web", "tok_1")
    assert token.scopes == {"openid", "invoices:read"}
    assert token.roles == {"SALES_REP", "acme/clerk"}
    assert (token.tenant_id, token.tenant, token.tenant_type) == ("ten_acme", "acme", "Customer")
    assert (token.session_id, token.acr, token.amr) == ("ses_1", "urn:example:mfa", ("pwd", "otp"))
    assert (token.issued_at, token.expires_at) == (1_800_000_000, 1_800_000_900)
    assert token.auth_time == 1_799_999_000
    assert token.claims["iss"] == "https://id.example.com"
    assert not token.is_service


def test_an_access_token_cannot_be_changed_and_does_not_print_its_claims(
    verifier: TokenVerifier, mint: Mint
) -> None:
    token = verifier.verify(mint(email="ann@example.com"))
    with pytest.raises(AttributeError):
        token.subject = "usr_bob"
    with pytest.raises(TypeError):
        token.claims["sub"] = "usr_bob"
    assert "ann@example.com" not in repr(token)
    assert hash(token) == hash(token)


@pytest.mark.parametrize("kid", ["es256", "es384", "rs256", "ps256", "eddsa"])
def test_every_algorithm_of_the_server_verifies(
    verifier: TokenVerifier, mint: Mint, kid: str
) -> None:
    assert verifier.verify(mint(kid)).subject == "usr_ann"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"])
def test_both_spellings_of_the_type_are_taken_in_any_case(
    verifier: TokenVerifier, mint: Mint, typ: str
) -> None:
    assert verifier.verify(mint(header={"typ": typ})).subject == "usr_ann"


@pytest.mark.rfc("RFC 9068 section 4, typ")
@pytest.mark.parametrize(
    "typ", [..., "JWT", "logout+jwt", "dpop+jwt", "at+jwt ", "", None, 1, ["at+jwt"]]
)
def test_a_token_of_another_type_is_refused(
    verifier: TokenVerifier, mint: Mint, typ: object
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(header={"typ": typ}))


@pytest.mark.rfc("RFC 9068 section 4, iss")
@pytest.mark.parametrize(
    "iss",
    [
        ...,
        None,
        "",
        "https://id.example.com/",
        "https://ID.example.com",
        "http://id.example.com",
        "https://evil.example.com",
        ["https://id.example.com"],
        {"https://id.example.com": 1},
    ],
)
def test_another_issuer_is_refused(verifier: TokenVerifier, mint: Mint, iss: object) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(iss=iss))


@pytest.mark.rfc("RFC 9068 section 4, aud")
@pytest.mark.parametrize(
    "aud",
    [
        ...,
        None,
        "",
        [],
        "https://api.example.com/",
        "https://api.example.co",
        "https://API.example.com",
        ["https://other.example.com"],
        ["https://api.example.com", 1],
        [["https://api.example.com"]],
        {"https://api.example.com": True},
        True,
    ],
)
def test_another_audience_is_refused(verifier: TokenVerifier, mint: Mint, aud: object) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(aud=aud))


def test_one_of_several_audiences_is_enough(build: Make, mint: Mint) -> None:
    several = ["https://other.example.com", "https://api.example.com"]
    assert build().verify(mint(aud=several)).subject == "usr_ann"
    assert build(audience=["a", "b"]).verify(mint(aud="b")).subject == "usr_ann"


@pytest.mark.parametrize(
    "name", ["sub", "client_id", "jti", "iat", "exp", "tenant_id", "tenant", "tenant_type"]
)
@pytest.mark.parametrize("value", [..., None, "", [], ["x"], {}, True], ids=str)
def test_a_required_claim_that_is_missing_or_of_another_kind_is_refused(
    *, verifier: TokenVerifier, mint: Mint, name: str, value: object
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scope", ["openid"]),
        ("scope", "a  b"),
        ("scope", ' a"'),
        ("scope", "a\\b"),
        ("scope", None),
        ("roles", "admin"),
        ("roles", {"admin": True}),
        ("roles", [["admin"]]),
        ("roles", [""]),
        ("roles", None),
        ("amr", "pwd"),
        ("acr", 1),
        ("sid", ""),
        ("sid", None),
        ("auth_time", "now"),
        ("nbf", "0"),
        ("nbf", None),
    ],
)
def test_an_optional_claim_of_another_kind_is_refused(
    *, verifier: TokenVerifier, mint: Mint, name: str, value: object
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(**{name: value}))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", [True, 1_800_000_500.0, 1e300, math.inf, math.nan, -1, 2**70, "1800000500", [1]]
)
def test_a_time_that_is_not_whole_seconds_is_refused(
    *, verifier: TokenVerifier, mint: Mint, name: str, value: object
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(**{name: value}))


@pytest.mark.parametrize(("second", "good"), [(929.9, True), (930, False)])
def test_a_token_ends_at_exp_plus_leeway_and_not_a_moment_later(
    *, verifier: TokenVerifier, mint: Mint, now: list[float], second: float, good: bool
) -> None:
    now[0] += second
    if good:
        assert verifier.verify(mint()).expires_at == 1_800_000_900
    else:
        with pytest.raises(ExpiredToken, match="expired"):
            verifier.verify(mint())


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "good"), [(30, True), (31, False)])
def test_a_token_of_the_future_is_refused_beyond_the_leeway(
    *, verifier: TokenVerifier, mint: Mint, name: str, ahead: int, good: bool
) -> None:
    token = mint(**{name: 1_800_000_000 + ahead})
    if good:
        assert verifier.verify(token).subject == "usr_ann"
    else:
        with pytest.raises(InvalidToken):
            verifier.verify(token)


def test_an_early_nbf_does_not_excuse_an_iat_of_the_future(
    verifier: TokenVerifier, mint: Mint
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(iat=1_800_000_031, nbf=1_799_999_000))


@pytest.mark.parametrize("exp", [1_800_000_000, 1_799_999_999, 1_800_000_000 + 86_401])
def test_a_life_that_is_empty_or_longer_than_a_day_is_refused(
    verifier: TokenVerifier, mint: Mint, exp: int
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(exp=exp))


def test_a_token_bound_to_a_key_is_refused_as_a_bearer_token(
    verifier: TokenVerifier, mint: Mint
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint(cnf={"jkt": "x"}))


@pytest.mark.bcp("R-30")
def test_a_service_is_told_apart_from_a_person(verifier: TokenVerifier, mint_service: Mint) -> None:
    token = verifier.verify(mint_service())
    assert token.is_service
    assert token.roles == frozenset()
    assert token.session_id is None


@pytest.mark.bcp("R-30")
@pytest.mark.parametrize("claim", [{"sid": "ses_1"}, {"acr": "x"}, {"amr": []}, {"auth_time": 1}])
def test_a_clients_own_token_that_speaks_of_a_sign_in_is_refused(
    verifier: TokenVerifier, mint_service: Mint, claim: dict[str, object]
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(mint_service(**claim))


def test_a_key_of_one_trusted_issuer_never_vouches_for_another(build: Make, mint: Mint) -> None:
    tenant = "https://id.example.com/t/acme"
    both = build(issuer={"https://id.example.com": None, tenant: None})
    assert both.verify(mint("es256")).subject == "usr_ann"
    assert both.verify(mint("other", iss=tenant)).subject == "usr_ann"
    with pytest.raises(InvalidToken):
        both.verify(mint("other"))
    with pytest.raises(InvalidToken):
        both.verify(mint("es256", iss=tenant))
    with pytest.raises(InvalidToken):
        # The right key id with the wrong issuer's key behind it.
        both.verify(mint("other", header={"kid": "es256"}))


def test_an_allow_list_of_one_refuses_the_others(build: Make, mint: Mint) -> None:
    only = build(algorithms=("ES256",))
    assert only.verify(mint("es256")).subject == "usr_ann"
    with pytest.raises(InvalidToken):
        only.verify(mint("rs256"))


@pytest.mark.parametrize(
    "options",
    [
        {"algorithms": ()},
        {"algorithms": "ES256"},
        {"algorithms": ("ES256", "HS256")},
        {"algorithms": ("none",)},
        {"audience": ""},
        {"audience": []},
        {"issuer": {}},
        {"issuer": ""},
        {"issuer": "http://id.example.com"},
        {"issuer": "ftp://id.example.com"},
        {"issuer": "https://id.example.com?x=1"},
        {"issuer": "https://id.example.com#x"},
        {"issuer": "https://user@id.example.com"},
        {"issuer": {"https://id.example.com": "file:///etc/passwd"}},
        {"leeway": -1},
        {"leeway": 301},
        {"max_lifetime": 0},
    ],
)
def test_a_verifier_that_would_not_be_safe_is_not_made(
    build: Make, options: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        build(**options)


def test_public_and_private_words_are_kept_apart(verifier: TokenVerifier, mint: Mint) -> None:
    with pytest.raises(InvalidToken) as caught:
        verifier.verify(mint(iss="https://evil.example.com/\r\nset-cookie: x"))
    assert str(caught.value) == caught.value.description == "The access token is not valid."
    assert "evil.example.com" in caught.value.detail
    assert "\n" not in caught.value.detail
    for long in ("x" * 5000, ["x"] * 1000):
        with pytest.raises(InvalidToken) as caught:
            verifier.verify(mint(aud=long))
        assert len(caught.value.detail) < 120


def test_keys_that_cannot_be_read_are_not_the_callers_fault(build: Make, mint: Mint) -> None:
    def unreachable(_url: str) -> None:
        raise ConnectionError("down")

    with pytest.raises(KeysUnavailable) as caught:
        build(fetch=unreachable).verify(mint())
    assert caught.value.retry_after == 10
    assert not isinstance(caught.value, InvalidToken)

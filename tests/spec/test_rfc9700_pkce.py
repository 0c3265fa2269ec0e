"""RFC 9700 section 2.1.1 and RFC 7636: PKCE, required, S256, enforced."""

import pytest

from tests.spec.tools import Stage, encode, error_of, get, pair, stage
from tests.support.browser import CHALLENGE, VERIFIER, answered
from tests.support.world import World

INVALID_GRANT = (400, "invalid_grant")


@pytest.mark.any_database
@pytest.mark.bcp("R-07")
def test_s256_is_published_as_the_only_method(world: World) -> None:
    for document in ("openid-configuration", "oauth-authorization-server"):
        published = get(world, f"/.well-known/{document}").json
        assert published["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.rfc("RFC 7636 section 4.4.1")
@pytest.mark.any_database
@pytest.mark.bcp("R-08")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge": ""},
        {"code_challenge_method": None},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S512"},
        {"code_challenge_method": "S256 plain"},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE[:-1]},
        {"code_challenge": CHALLENGE + "A"},
        {"code_challenge": CHALLENGE + "="},
        {"code_challenge": CHALLENGE[:-1] + "+"},
        {"code_challenge": CHALLENGE[:-1] + "/"},
        {"code_challenge": CHALLENGE[:-1] + "é"},
        {"code_challenge": "A" * 128},
        {"code_challenge": "A"},
    ],
)
def test_a_missing_plain_or_malformed_challenge_is_refused(
    world: World, wrong: dict[str, str | None], kind: str
) -> None:
    on = stage(world, kind)
    answer = answered(on.browser().authorize(on.client, **wrong))
    assert answer["error"] == "invalid_request"
    assert answer["state"] == "the state"


@pytest.mark.any_database
@pytest.mark.bcp("R-08")
def test_a_public_client_cannot_be_registered_without_pkce(world: World) -> None:
    for kind in ("spa", "native"):
        with pytest.raises(Exception, match="PKCE"):
            world.client(world.tenant(), kind, pkce_required=False)


@pytest.mark.rfc("RFC 7636 section 4.6")
@pytest.mark.any_database
@pytest.mark.bcp("R-09")
@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "",
        "w" * 64,
        VERIFIER[:-1],
        VERIFIER + "v",
        VERIFIER.upper(),
        VERIFIER + "=",
        " " + VERIFIER,
        CHALLENGE,
        "v" * 42,
        "v" * 129,
        "v" * 63 + "é",
    ],
)
def test_a_wrong_or_missing_verifier_is_refused(on: Stage, verifier: str | None) -> None:
    code = on.code()
    assert error_of(on.party.redeem(code, code_verifier=verifier)) == INVALID_GRANT
    assert on.party.redeem(code).status_code == 200, "a refusal must not use the code up"


@pytest.mark.every_database
@pytest.mark.bcp("R-09")
def test_the_verifier_of_another_code_is_refused(on: Stage) -> None:
    verifiers, challenges = zip(pair(), pair(), strict=True)
    codes = [on.code(code_challenge=challenge) for challenge in challenges]
    for code, verifier in zip(codes, reversed(verifiers), strict=True):
        assert error_of(on.party.redeem(code, code_verifier=verifier)) == INVALID_GRANT
    for code, verifier in zip(codes, verifiers, strict=True):
        assert on.party.redeem(code, code_verifier=verifier).status_code == 200


@pytest.mark.bcp("R-09")
def test_a_verifier_list_is_refused(on: Stage) -> None:
    code = on.code()
    answer = on.party.redeem(code, code_verifier=["w" * 64, VERIFIER])
    assert error_of(answer) == (400, "invalid_request")
    answer = on.party.redeem(code, code_verifier=None, **{"code_verifier[]": VERIFIER})
    assert error_of(answer) == INVALID_GRANT


@pytest.mark.bcp("R-09")
def test_a_short_verifier_is_refused_even_if_its_hash_matches(on: Stage) -> None:
    import hashlib  # noqa: PLC0415  one use

    short = "a" * 42
    code = on.code(code_challenge=encode(hashlib.sha256(short.encode()).digest()))
    assert error_of(on.party.redeem(code, code_verifier=short)) == INVALID_GRANT


@pytest.mark.rfc("RFC 7636 appendix B")
def test_the_example_of_the_specification_works(on: Stage) -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert on.party.redeem(on.code(code_challenge=challenge), code_verifier=verifier).json


@pytest.mark.bcp("R-10")
def test_a_verifier_without_a_challenge_is_refused(world: World) -> None:
    on = stage(world, pkce_required=False)
    code = on.code(code_challenge=None, code_challenge_method=None)
    assert error_of(on.party.redeem(code)) == INVALID_GRANT
    assert on.party.redeem(code, code_verifier=None).status_code == 200


@pytest.mark.bcp("R-10")
def test_where_pkce_is_optional_a_challenge_that_was_sent_still_binds(world: World) -> None:
    on = stage(world, pkce_required=False)
    code = on.code()
    assert error_of(on.party.redeem(code, code_verifier=None)) == INVALID_GRANT
    assert error_of(on.party.redeem(code, code_verifier="w" * 64)) == INVALID_GRANT
    assert on.party.redeem(code).status_code == 200


@pytest.mark.any_database
@pytest.mark.bcp("R-10")
@pytest.mark.parametrize("method", ["S256", "plain"])
def test_a_method_without_a_challenge_is_refused_even_where_pkce_is_optional(
    world: World, method: str
) -> None:
    on = stage(world, pkce_required=False)
    wrong = {"code_challenge": None, "code_challenge_method": method}
    assert answered(on.browser().authorize(on.client, **wrong))["error"] == "invalid_request"
    plain = answered(on.browser().authorize(on.client, code_challenge_method="plain"))
    assert plain["error"] == "invalid_request"

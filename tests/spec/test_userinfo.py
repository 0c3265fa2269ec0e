"""UserInfo: OpenID Connect Core section 5.3, RFC 6750."""

import pytest

from tests.spec.tools import Stage, encode, machine, part, post
from tests.support.browser import ISSUER
from tests.support.world import World

PATH = "/oauth/userinfo"


@pytest.mark.rfc("OpenID Connect Core section 5.3.1")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_get_and_post_say_the_same(on: Stage, method: str) -> None:
    answer = on.party.userinfo(on.tokens()["access_token"], method)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["sub"] == on.person.id


@pytest.mark.every_database
@pytest.mark.rfc("RFC 6750 section 2.2")
def test_a_form_may_carry_the_token(on: Stage) -> None:
    token = on.tokens()["access_token"]
    assert post(on.world, PATH, {"access_token": token}).json["sub"] == on.person.id


@pytest.mark.rfc("RFC 6750 section 2")
def test_a_token_comes_one_way_only(on: Stage) -> None:
    token = on.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = post(on.world, PATH, {"access_token": token}, headers=headers)
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


ALWAYS = {"sub", "tenant", "tenant_id", "tenant_type", "roles"}


@pytest.mark.any_database
@pytest.mark.rfc("OpenID Connect Core section 5.4")
@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("openid", set()),
        ("openid email", {"email", "email_verified"}),
        ("openid profile", {"name", "updated_at"}),
        ("openid profile email", {"name", "updated_at", "email", "email_verified"}),
        ("openid orders:read", set()),
    ],
)
def test_each_scope_opens_its_claims_and_no_more(on: Stage, scope: str, opened: set[str]) -> None:
    said = on.party.userinfo(on.tokens(scope=scope)["access_token"]).json
    assert set(said) == ALWAYS | opened
    assert said["tenant_type"] == "customer"
    if "email" in opened:
        assert (said["email"], said["email_verified"]) == (on.person.email, True)
    if "name" in opened:
        assert said["name"] == "Ada Lovelace"
        assert isinstance(said["updated_at"], int)


@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
def test_the_sub_is_that_of_the_id_token(on: Stage) -> None:
    tokens = on.tokens()
    assert (
        on.party.userinfo(tokens["access_token"]).json["sub"] == part(tokens["id_token"], 1)["sub"]
    )


@pytest.mark.rfc("OpenID Connect Core section 5.3.3")
@pytest.mark.rfc("RFC 6750 section 3.1")
def test_a_token_without_openid_is_not_enough(on: Stage) -> None:
    answer = on.party.userinfo(on.tokens(scope="orders:read")["access_token"])
    assert answer.status_code == 403
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="openid"' in challenge


@pytest.mark.any_database
@pytest.mark.rfc("RFC 6750 section 3")
@pytest.mark.parametrize(
    "header", [None, "", "Basic YTpi", "bearer", "Bearer", "Bearer  ", "Token x"]
)
def test_without_a_token_no_error_is_named(on: Stage, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {}
    answer = on.world.app.test_client().get(PATH, base_url=ISSUER, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="authserver"'


@pytest.mark.rfc("RFC 6750 section 3.1")
def test_an_expired_token_is_invalid(on: Stage) -> None:
    token = on.tokens()["access_token"]
    on.world.clock.move(minutes=15, seconds=-1)
    assert on.party.userinfo(token).status_code == 200
    on.world.clock.move(seconds=1)
    answer = on.party.userinfo(token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def forgeries(on: Stage) -> dict[str, str]:
    tokens = on.tokens()
    good, other = tokens["access_token"], on.tokens()["access_token"]
    header, claims, signature = good.split(".")
    unsigned = encode({"alg": "none", "typ": "at+jwt"})
    richer = encode({**part(good, 1), "scope": "openid profile email admin"})
    flipped = ("A" if signature[10] != "A" else "B").join((signature[:10], signature[11:]))
    return {
        "id token": tokens["id_token"],
        "refresh token": tokens["refresh_token"],
        "unsigned": f"{unsigned}.{claims}.",
        "unsigned with the signature": f"{unsigned}.{claims}.{signature}",
        "other claims": f"{header}.{richer}.{signature}",
        "another token's signature": f"{header}.{claims}.{other.split('.')[2]}",
        "flipped": f"{header}.{claims}.{flipped}",
        "no signature": f"{header}.{claims}.",
        "padded": f"{good}=",
        "four parts": f"{good}.x",
        "kid of nobody": f"{encode({**part(good, 0), 'kid': 'x'})}.{claims}.{signature}",
        "header reordered": f"{encode(dict(reversed(part(good, 0).items())))}.{claims}.{signature}",
        "typ JWT": f"{encode({**part(good, 0), 'typ': 'JWT'})}.{claims}.{signature}",
        "zero signature": f"{header}.{claims}.{encode(bytes(64))}",
        "short signature": f"{header}.{claims}.{encode(b'x')}",
        "DER signature": f"{header}.{claims}.{encode(bytes.fromhex('3006020101020101'))}",
        "not base64": f"{header}.{claims}.!!!!",
        "garbage": "x",
        "dots": "..",
        "long": "a" * 20000,
        "not ASCII": "é.é.é",
        "claims are a list": f"{header}.{encode([])}.{signature}",
    }


@pytest.mark.any_database
@pytest.mark.rfc("RFC 6750 section 3.1")
def test_no_forgery_of_a_token_is_believed(on: Stage) -> None:
    for name, token in forgeries(on).items():
        answer = post(on.world, PATH, {"access_token": token})
        assert answer.status_code == 401, name
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], name
        assert on.party.introspect(token).json == {"active": False} or name == "refresh token", name


@pytest.mark.rfc("RFC 6750 section 3.1")
def test_a_machines_token_is_about_nobody(world: World) -> None:
    party = machine(world)
    answer = party.userinfo(party.machine().json["access_token"])
    assert answer.status_code in {401, 403}
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.rfc("RFC 6750 section 2.1")
def test_the_scheme_is_case_insensitive(on: Stage) -> None:
    token = on.tokens()["access_token"]
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {token}"}
        answer = on.world.app.test_client().get(PATH, base_url=ISSUER, headers=headers)
        assert answer.status_code == 200

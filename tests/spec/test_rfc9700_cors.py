"""RFC 9700 section 2.6: which origins may read which answers."""

import os

import pytest

from tests.spec.tools import Stage, get, post, stage
from tests.support.browser import ISSUER, VERIFIER
from tests.support.world import World

pytestmark = pytest.mark.any_database

ORIGINS = ("https://evil.test", "null", "https://spa.example.evil.test", ISSUER, "https://x y")


@pytest.mark.bcp("R-34")
@pytest.mark.parametrize("origin", ORIGINS)
def test_only_public_documents_are_readable_by_other_origins(on: Stage, origin: str) -> None:
    headers = {"Origin": origin}
    public = ("openid-configuration", "oauth-authorization-server")
    for path in (*(f"/.well-known/{name}" for name in public), "/oauth/jwks"):
        answer = get(on.world, path, headers=headers)
        assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    browser = on.browser()
    for answer in (
        browser.get(f"/oauth/authorize?client_id={on.client.id}", headers=headers),
        browser.http.options("/oauth/authorize", base_url=ISSUER, headers=headers),
        browser.get("/", headers=headers),
        browser.get("/login/password", headers=headers),
        post(on.world, "/oauth/introspect", headers=headers),
        post(on.world, "/oauth/revoke", headers=headers),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def origin_app(world: World) -> tuple[Stage, str]:
    origin = f"https://app-{os.urandom(4).hex()}.example"
    return stage(world, "spa", redirect_uris=[f"{origin}/cb"]), origin


@pytest.mark.every_database
@pytest.mark.bcp("R-34")
def test_a_registered_browser_app_may_call_token_and_userinfo_but_not_authorize(
    world: World,
) -> None:
    on, origin = origin_app(world)
    headers = {"Origin": origin}
    code = on.code()
    form = {"grant_type": "authorization_code", "client_id": on.client.id, "code": code}
    form |= {"redirect_uri": on.client.redirect_uri, "code_verifier": VERIFIER}
    answer = post(world, "/oauth/token", form, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    bearer = {**headers, "Authorization": f"Bearer {answer.json['access_token']}"}
    said = get(world, "/oauth/userinfo", headers=bearer)
    assert said.headers["Access-Control-Allow-Origin"] == origin
    for one in (answer, said):
        assert "Access-Control-Allow-Credentials" not in one.headers
        assert "Origin" in one.headers["Vary"]
    http = world.app.test_client()
    for path in ("/oauth/authorize", "/login/password", "/"):
        for method in ("GET", "OPTIONS"):
            page = http.open(path, method=method, base_url=ISSUER, headers=headers)
            assert not [name for name, _ in page.headers if name.startswith("Access-Control")]


@pytest.mark.bcp("R-34")
@pytest.mark.parametrize(
    "spoil",
    [
        *("{}.evil.test", "{}.", "{}:443", "{}/", " {}", "{},https://evil.test", "{}@evil.test"),
        *("null", "", "*", "file://", "{} https://evil.test"),
    ],
)
def test_answers_with_secrets_are_not_shared_with_other_origins(world: World, spoil: str) -> None:
    on, origin = origin_app(world)
    other = {"Origin": spoil.format(origin)}
    tokens = on.tokens(scope="openid offline_access")
    bearer = {**other, "Authorization": f"Bearer {tokens['access_token']}"}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answers = (
        get(world, "/oauth/userinfo", headers=bearer),
        post(world, "/oauth/token", {**form, "client_id": on.client.id}, headers=other),
        world.app.test_client().options("/oauth/token", base_url=ISSUER, headers=other),
    )
    for answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.bcp("R-34")
@pytest.mark.parametrize("kind", ["web", "native"])
def test_only_browser_applications_open_their_origin(world: World, kind: str) -> None:
    origin = f"https://app-{os.urandom(4).hex()}.example"
    world.client(world.tenant(), kind, redirect_uris=[f"{origin}/cb"])
    answer = post(world, "/oauth/token", {"grant_type": "x"}, headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers

"""Public documents are given at the edge; whatever else is asked of them goes the ordinary way."""

import pytest

from authserver.oauth.jwks import JwksEndpoint
from tests.support.world import World

pytestmark = pytest.mark.any_database

PATHS = (
    "/oauth/jwks",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/audit-keys",
)


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_both_ways_say_the_same(world: World, path: str) -> None:
    client = world.app.test_client()
    document = client.get(path)
    ordinary = client.get(path, headers={"If-None-Match": '"another"'})
    assert (document.status_code, document.data) == (200, ordinary.data)
    changing = {"X-Correlation-Id"}
    assert {*document.headers.items()} ^ {*ordinary.headers.items()} == {
        (name, answer.headers[name]) for name in changing for answer in (document, ordinary)
    }


def test_only_a_plain_get_is_given_one(world: World, path: str) -> None:
    client = world.app.test_client()
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", etag)
    assert client.post(path).status_code == 405
    assert client.get(f"{path}/").status_code == 404


def test_a_jar_of_cookies_that_a_page_refuses_matters_to_no_document(
    world: World, path: str
) -> None:
    client = world.app.test_client(use_cookies=False)
    twice = {"Cookie": "a=1; a=2"}
    assert client.get("/login", headers=twice).status_code == 400
    assert client.get(path, headers=twice).status_code == 200


def test_a_defect_is_answered_as_everywhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JwksEndpoint, "of", lambda *_: 1 / 0)
    answer = world.app.test_client().get("/oauth/jwks")
    assert answer.status_code == 500
    assert answer.get_json()["error"] == "server_error"
    assert answer.headers["X-Correlation-Id"].startswith("cor_")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")

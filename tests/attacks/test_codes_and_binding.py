"""Codes, PKCE, client binding: nothing is good for another use, client, flow or person."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.attacks.people import Scene
from tests.support.browser import ISSUER, Browser, answered, hidden
from tests.support.world import ClientFixture, World

Consumer = Callable[[Scene, str], bool]


def _ok(answer: TestResponse) -> bool:
    return answer.status_code == 200


CONSUMERS: dict[str, Consumer] = {
    "token endpoint, as a code": lambda s, secret: _ok(s.party().redeem(secret)),
    "token endpoint, as a refresh token": lambda s, secret: _ok(s.party().refresh(secret)),
    "token endpoint, as a client secret": lambda s, secret: _ok(
        s.party(ClientFixture(s.client.id, secret, s.tenant)).redeem(s.code())
    ),
    "UserInfo": lambda s, secret: _ok(s.party().userinfo(secret)),
    "introspection": lambda s, secret: bool(s.party().introspect(secret).json["active"]),
    "a flow's handle": lambda s, secret: _ok(
        s.browser.get("/login/password", query_string={"flow": secret})
    ),
    "the session cookie": lambda s, secret: s.person.email in _with_cookie(s, "session", secret),
    "the device cookie": lambda s, secret: s.person.email in _with_cookie(s, "device", secret),
}


def _with_cookie(scene: Scene, name: str, value: str) -> str:
    browser = Browser(scene.world)
    browser.http.set_cookie(f"__Host-as-{name}", value, domain="auth.example", secure=True)
    return browser.get("/").text


def _cookie(scene: Scene, name: str) -> str:
    scene.code()
    found = scene.browser.http.get_cookie(f"__Host-as-{name}", domain="auth.example")
    assert found is not None
    return found.value


def _handle(scene: Scene) -> str:
    scene.code()
    scene.world.clock.move(seconds=1)
    return hidden(scene.browser.follow(scene.browser.authorize(scene.client, prompt="login")))[
        "flow"
    ]


# What each one-time object is, and the consumers that it is made for.
SECRETS: dict[str, tuple[Callable[[Scene], str], set[str]]] = {
    "code": (Scene.code, {"token endpoint, as a code"}),
    "refresh token": (
        lambda s: s.tokens()["refresh_token"],
        {"token endpoint, as a refresh token", "introspection"},
    ),
    "access token": (lambda s: s.tokens()["access_token"], {"UserInfo", "introspection"}),
    "ID token": (lambda s: s.tokens()["id_token"], set()),
    "client secret": (
        lambda s: str(s.client.secret),
        {"token endpoint, as a client secret"},
    ),
    "flow handle": (_handle, {"a flow's handle"}),
    "session cookie": (lambda s: _cookie(s, "session"), {"the session cookie"}),
    "device cookie": (lambda s: _cookie(s, "device"), set()),
}


@pytest.mark.any_database
@pytest.mark.attack("ATK-042")
@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("secret", SECRETS)
def test_what_is_made_for_one_use_is_worth_nothing_for_another(
    world: World, secret: str, consumer: str
) -> None:
    scene = Scene(world)
    make, good_for = SECRETS[secret]
    value = make(scene)
    assert CONSUMERS[consumer](scene, value) == (consumer in good_for)


@pytest.mark.every_database
@pytest.mark.attack("ATK-042")
def test_a_secret_without_its_prefix_or_with_another_is_no_secret(world: World) -> None:
    scene = Scene(world)
    code = scene.code()
    for forged in (code[3:], "rt_" + code[3:], code.upper(), code + "=", f" {code}"):
        assert scene.party().redeem(forged).status_code == 400
    assert scene.party().redeem(code).status_code == 200


@pytest.mark.attack("ATK-043")
@pytest.mark.attack("ATK-057")
@pytest.mark.parametrize("thief", ["web", "spa", "native"])
@pytest.mark.parametrize("owner", ["web", "spa"])
def test_a_stolen_code_or_refresh_token_is_worth_nothing_to_another_client(
    world: World, owner: str, thief: str
) -> None:
    scene = Scene(world, owner)
    other = scene.party(world.client(scene.tenant, thief))
    scope = "openid profile offline_access"
    code = scene.browser.code(scene.client, scene.person, scope=scope)
    assert other.redeem(code).json["error"] == "invalid_grant"
    tokens = scene.party().redeem(code).json
    assert other.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert other.revoke(tokens["refresh_token"]).status_code == 200
    assert other.revoke(tokens["access_token"]).status_code == 200
    assert scene.party().userinfo(tokens["access_token"]).status_code == 200
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.attack("ATK-057")
@pytest.mark.parametrize("method", ["nothing", "the client_id alone", "a wrong secret"])
def test_a_confidential_client_proves_itself_for_every_grant(world: World, method: str) -> None:
    scene = Scene(world)
    tokens = scene.tokens()
    proof = {
        "nothing": {},
        "the client_id alone": {"client_id": scene.client.id},
        "a wrong secret": {"client_id": scene.client.id, "client_secret": "cs_wrong"},
    }[method]
    for form in (
        {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        {"grant_type": "authorization_code", "code": scene.code()},
        {"grant_type": "client_credentials"},
    ):
        answer = world.app.test_client().post(
            "/oauth/token", base_url=ISSUER, data={**form, **proof}
        )
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.attack("ATK-045")
def test_a_resumed_flow_uses_the_stored_request_and_nothing_of_the_url(world: World) -> None:
    scene = Scene(world)
    page = scene.browser.follow(scene.browser.authorize(scene.client, scope="openid"))
    handle = hidden(page)["flow"]
    back = scene.browser.sign_in(page, scene.person)
    forged = {
        "flow": handle,
        "response_type": "token",
        "response_mode": "form_post",
        "redirect_uri": "https://evil.test/cb",
        "scope": "openid email orders:write",
        "state": "forged",
        "prompt": "none",
        "max_age": "0",
        "code_challenge": "x" * 43,
    }
    consent = scene.browser.get("/oauth/authorize", query_string=forged)
    assert "/login/consent" in consent.headers["Location"]
    page = scene.browser.follow(consent)
    assert "orders:write" not in page.text
    done = scene.browser.follow(scene.browser.submit(page, decision="allow", scope="orders:write"))
    assert done.headers["Location"].startswith(scene.client.redirect_uri)
    assert answered(done)["state"] == "the state"
    assert scene.party().redeem(answered(done)["code"]).json["scope"] == "openid"
    assert back.status_code == 303


@pytest.mark.attack("ATK-045")
@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "none", "code code"])
def test_no_response_type_brings_the_implicit_flow_back(world: World, response_type: str) -> None:
    scene = Scene(world)
    scene.code()
    refused = scene.browser.authorize(scene.client, response_type=response_type)
    assert answered(refused)["error"] == "unsupported_response_type"
    assert "#" not in refused.headers["Location"]


@pytest.mark.attack("ATK-051")
def test_a_target_service_is_bound_at_the_beginning_and_never_widened(world: World) -> None:
    first, second = "https://one.example", "https://two.example"
    scene = Scene(world, audiences=[first, second])
    code = scene.browser.code(scene.client, scene.person, resource=first)
    assert scene.party().redeem(code, resource=second).json["error"] == "invalid_target"
    tokens = scene.party().redeem(code, resource=first).json
    for wanted in (second, "https://evil.test"):
        refused = scene.party().refresh(tokens["refresh_token"], resource=wanted)
        assert refused.json["error"] == "invalid_target"
    renewed = scene.party().refresh(tokens["refresh_token"]).json
    assert scene.party().introspect(renewed["access_token"]).json["aud"] == first


@pytest.mark.any_database
@pytest.mark.attack("ATK-034")
@pytest.mark.attack("ATK-040")
@pytest.mark.attack("ATK-031")
@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "nothing:known"},
        {"prompt": "none"},
        {"prompt": "none login"},
        {"request": "x.y.z"},
        {"request_uri": "https://evil.test/request"},
        {"code_challenge_method": "plain"},
        {"max_age": "x"},
        {"response_mode": "fragment"},
        {"state": "s" * 3000},
        {"resource": "https://evil.test"},
        {"client_id": "cli_unknown"},
        {"client_id": None},
    ],
)
def test_no_mistake_sends_anybody_to_an_unregistered_address(
    world: World, spoilt: dict[str, str | None]
) -> None:
    scene = Scene(world)
    for browser in (Browser(world), scene.browser):
        for evil in ("https://evil.test/cb", f"{scene.client.redirect_uri}/../evil", "//evil.test"):
            answer = browser.authorize(scene.client, **{"redirect_uri": evil, **spoilt})
            assert answer.status_code == 400
            assert "Location" not in answer.headers
            assert "evil.test" not in answer.text
        scene.code()


@pytest.mark.any_database
@pytest.mark.attack("ATK-035")
@pytest.mark.attack("ATK-037")
@pytest.mark.attack("ATK-040")
@pytest.mark.parametrize(
    "target", ["/\\evil.test", "//evil.test", "/%09/evil.test", "\t//evil.test", "https:evil.test"]
)
@pytest.mark.parametrize(
    "name", ["next", "return_to", "redirect", "post_logout_redirect_uri", "url", "flow"]
)
def test_no_page_goes_where_a_parameter_says(world: World, name: str, target: str) -> None:
    scene = Scene(world)
    scene.code()
    for path in ("/", "/login/password", "/login/consent", "/login/logout", "/login/signed-out"):
        answer = scene.browser.get(path, query_string={name: target})
        assert "evil.test" not in answer.headers.get("Location", "")
        assert "evil.test" not in answer.text
    page = scene.browser.get("/login/logout")
    left = scene.browser.submit(page, **{name: target})
    # A form with a control character in it is refused as a whole.
    wanted = (303, "/login/signed-out") if target.isprintable() else (400, None)
    assert (left.status_code, left.headers.get("Location")) == wanted

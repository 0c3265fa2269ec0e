"""RFC 9700 sections 4.2, 4.3, 4.9, 4.12, 4.16, 2.6: what must not leak, frame, redirect or share."""

import os
import re

import pytest

from tests.spec.tools import Stage, error_of, get, machine, part, post, stage
from tests.support.browser import ISSUER, VERIFIER, Browser, answered, hidden
from tests.support.world import World

LINK = re.compile(r'(?:href|src|action|srcset|data|poster|content)="([^"]*)"')
PAGES = ("/", "/login/logout", "/login/signed-out", "/login/password", "/oauth/authorize", "/none")


def pages(on: Stage) -> dict[str, object]:
    """Every page of a sign-in, and those around it."""
    browser = on.browser()
    found = {path: browser.get(path) for path in PAGES}
    found["password"] = browser.follow(browser.authorize(on.client, prompt="consent"))
    wrong = browser.submit(found["password"], email=on.person.email, password="wrong")
    found["wrong password"] = wrong
    back = browser.sign_in(wrong, on.person)
    found["consent"] = browser.follow(browser.follow(back))
    assert "consent" in found["consent"].request.path
    found["signed in"] = browser.get("/")
    browser.submit(found["consent"], decision="allow")
    found["form_post"] = browser.authorize(on.client, response_mode="form_post")
    return found


@pytest.mark.bcp("R-16")
def test_pages_name_no_other_origin_and_send_no_referrer(on: Stage) -> None:
    for name, page in pages(on).items():
        assert page.headers["Referrer-Policy"] == "no-referrer", name
        foreign = [url for url in LINK.findall(page.text) if "//" in url]
        ours = (ISSUER, on.client.redirect_uri)
        assert [url for url in foreign if not url.startswith(ours)] == [], name
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), name
        assert "unsafe" not in policy, name
        assert "*" not in policy, name
        for directive in ("script-src", "style-src", "img-src", "connect-src"):
            assert "http" not in policy.partition(directive)[2].partition(";")[0], name


@pytest.mark.bcp("R-17")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_form_endpoints_refuse_any_query(on: Stage, endpoint: str) -> None:
    form = {"grant_type": "authorization_code", "code": on.code(), "token": "x"}
    auth = (on.client.id, on.client.secret)
    for query in ("code=x", "grant_type=authorization_code", "client_secret=x", "x", "_=1"):
        answer = post(on.world, f"/oauth/{endpoint}?{query}", form, auth=auth)
        assert error_of(answer) == (400, "invalid_request"), query


@pytest.mark.bcp("R-17")
@pytest.mark.bcp("R-44")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_access_token_in_the_query_is_refused(on: Stage, method: str) -> None:
    token = on.tokens()["access_token"]
    http = on.world.app.test_client()
    path = f"/oauth/userinfo?access_token={token}"
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        answer = http.open(path, method=method, base_url=ISSUER, headers=headers)
        assert answer.status_code in {400, 401}
        assert "sub" not in answer.json
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.bcp("R-17")
def test_get_requests_never_reach_the_form_endpoints(on: Stage) -> None:
    for endpoint in ("token", "introspect", "revoke"):
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            http = on.world.app.test_client()
            answer = http.open(f"/oauth/{endpoint}?code=x", method=method, base_url=ISSUER)
            assert answer.status_code == 405
            assert answer.headers["Allow"] == "POST"


@pytest.mark.bcp("R-44")
def test_no_url_of_a_sign_in_ever_holds_a_token(on: Stage) -> None:
    browser = on.browser()
    answer = browser.complete(on.client, on.person)
    carried = answered(answer)
    assert sorted(carried) == ["code", "iss", "state"]
    for name, page in pages(on).items():
        assert not re.search(r"\b(rt_|eyJ)[A-Za-z0-9_-]{20}", page.text), name


@pytest.mark.bcp("R-44")
@pytest.mark.parametrize(
    ("kind", "minutes"),
    [("web", 15), ("spa", 15), ("native", 15), ("service", 5), ("partner", 60)],
)
def test_every_access_token_has_an_audience_and_a_short_life(
    world: World, kind: str, minutes: int
) -> None:
    if kind in {"service", "partner"}:
        answer = machine(world, kind).machine().json
    else:
        answer = stage(world, kind).tokens()
    claims = part(answer["access_token"], 1)
    assert claims["aud"] == ISSUER
    assert claims["exp"] - claims["iat"] == minutes * 60 == answer["expires_in"]


@pytest.mark.bcp("R-31")
def test_redirects_after_a_form_are_303(on: Stage) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    answers = [browser.sign_in(page, on.person)]
    consent = browser.follow(browser.follow(answers[0]))
    answers.append(browser.submit(consent, decision="allow"))
    answers.append(browser.follow(answers[-1]))
    answers.append(browser.authorize(on.client, scope="unknown"))
    data = {"client_id": on.client.id, "redirect_uri": on.client.redirect_uri}
    answers.append(browser.post("/oauth/authorize", data=data))
    answers.append(browser.submit(browser.get("/login/logout")))
    assert [answer.status_code for answer in answers] == [303] * len(answers)


@pytest.mark.bcp("R-31")
@pytest.mark.parametrize("path", ["/login//password", "//login/password", "/login/password/"])
def test_no_spelling_of_a_page_passes_credentials_on(world: World, path: str) -> None:
    answer = world.app.test_client().post(
        "/",
        base_url=ISSUER,
        data={"email": "a@example.com", "password": "secret"},
        environ_overrides={"PATH_INFO": path},
    )
    assert answer.status_code not in {301, 302, 307, 308}


@pytest.mark.bcp("R-32")
def test_no_page_can_be_framed(on: Stage) -> None:
    for name, page in pages(on).items():
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], name
        assert page.headers["X-Frame-Options"] == "DENY", name
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


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
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def origin_app(world: World) -> tuple[Stage, str]:
    origin = f"https://app-{os.urandom(4).hex()}.example"
    return stage(world, "spa", redirect_uris=[f"{origin}/cb"]), origin


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
            assert not [name for name in page.headers if name.startswith("Access-Control")]


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


def cookie(browser: Browser, header: str) -> object:
    return browser.world.app.test_client(use_cookies=False).get(
        "/", base_url=ISSUER, headers={"Cookie": header}
    )


@pytest.mark.bcp("R-46")
@pytest.mark.parametrize(
    "header",
    [
        "__Host-as-session=a; __Host-as-session=b",
        "__Host-as-flow=a; x=y; __Host-as-flow=b",
        "__Host-as-session=a;__Host-as-session=a",
        "=__Host-as-session=a",
        "a=1; =b",
        "a=" + "x" * 9000,
        "; ".join(f"c{n}=1" for n in range(2000)),
    ],
)
def test_tossed_nameless_and_oversized_cookies_get_a_clean_400(on: Stage, header: str) -> None:
    answer = cookie(on.browser(), header)
    assert answer.status_code == 400
    assert answer.headers["Clear-Site-Data"] == '"cookies"'


@pytest.mark.bcp("R-46")
def test_cookies_belong_to_this_host_alone(on: Stage) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    cookies = page.headers.getlist("Set-Cookie")
    cookies += browser.authorize(on.client).headers.getlist("Set-Cookie")
    cookies += browser.sign_in(page, on.person).headers.getlist("Set-Cookie")
    assert {c.partition("=")[0] for c in cookies} == {
        "__Host-as-flow",
        "__Host-as-session",
        "__Host-as-device",
    }
    for one in cookies:
        attributes = {a.strip().lower() for a in one.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not [a for a in attributes if a.startswith("domain")]


@pytest.mark.bcp("R-46")
def test_a_login_form_works_only_in_the_browser_it_was_made_for(on: Stage) -> None:
    attacker, victim = on.browser(), on.browser()
    form = hidden(attacker.follow(attacker.authorize(on.client)))
    typed = {**form, "email": on.person.email, "password": on.person.password}
    assert victim.post("/login/password", data=typed).status_code == 400
    victim.follow(victim.authorize(on.client))
    refused = victim.post("/login/password", data=typed)
    assert refused.status_code == 400
    assert "__Host-as-session" not in str(refused.headers)


@pytest.mark.bcp("R-46")
@pytest.mark.parametrize("token", [None, "", "x", "ImI4Ig.aaaa.bbbb"])
def test_every_form_needs_its_csrf_token(on: Stage, token: str | None) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    form = {**hidden(page), "email": on.person.email, "password": on.person.password}
    form = {k: v for k, v in {**form, "csrf_token": token}.items() if v is not None}
    for path in ("/login/password", "/login/consent", "/login/logout"):
        assert browser.post(path, data=form).status_code == 400


@pytest.mark.bcp("R-46")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "http://auth.example"},
        {"Origin": "https://auth.example.evil.test"},
        {"Origin": "https://auth.example:8443"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_posted_from_another_site_is_refused(on: Stage, headers: dict[str, str]) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    form = {**hidden(page), "email": on.person.email, "password": on.person.password}
    assert browser.post("/login/password", data=form, headers=headers).status_code == 403
    assert browser.post("/login/password", data=form).status_code == 303


@pytest.mark.bcp("R-46")
def test_the_handle_of_a_sign_in_leads_nowhere_in_another_browser(on: Stage) -> None:
    attacker, victim = on.browser(), on.browser()
    location = attacker.authorize(on.client).headers["Location"]
    victim.complete(on.client, on.person)
    for path in (location, location.replace("/login/password", "/oauth/authorize")):
        answer = victim.get(path)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.bcp("R-46")
def test_signing_in_gives_the_browser_a_new_name(on: Stage) -> None:
    browser = on.browser()
    planted = "planted-by-somebody-else"
    browser.http.set_cookie("__Host-as-session", planted, domain="auth.example", secure=True)
    browser.complete(on.client, on.person)
    cookies = browser.http.get_cookie("__Host-as-session", domain="auth.example")
    assert cookies.value != planted
    other = on.browser()
    other.http.set_cookie("__Host-as-session", planted, domain="auth.example", secure=True)
    assert "/login/password" in other.authorize(on.client).headers["Location"]

"""RFC 9700 sections 4.2, 4.3, 4.9, 4.12 and 4.16: what must not leak, be framed or pass on."""

import re

import pytest

from tests.spec.tools import Stage, error_of, machine, part, post, stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World

pytestmark = pytest.mark.any_database

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


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-10")
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

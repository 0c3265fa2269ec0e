"""Row R-46 of RFC 9700: tossed cookies, login CSRF, forms of others."""

import pytest

from tests.spec.tools import Stage
from tests.support.browser import ISSUER, Browser, hidden

pytestmark = pytest.mark.any_database


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

"""`prompt`, `max_age` and `auth_time`: OpenID Connect Core section 3.1.2.1."""

import pytest

from tests.spec.tools import Stage, part
from tests.support.browser import Browser, answered
from tests.support.chooser import choose


@pytest.fixture(name="browser")
def _browser(on: Stage) -> Browser:
    """A browser in which the person is signed in and has consented."""
    browser = on.browser()
    browser.complete(on.client, on.person)
    on.world.clock.move(seconds=5)
    return browser


def asks(answer: object) -> str:
    """Which page comes next, or the client's parameter."""
    location = answer.headers["Location"]
    if location.startswith("/"):
        return location.partition("?")[0].rpartition("/")[2]
    said = answered(answer)
    return said.get("error", "code")


@pytest.mark.every_database
def test_none_answers_at_once_where_nothing_is_to_be_asked(on: Stage, browser: Browser) -> None:
    assert asks(browser.authorize(on.client, prompt="none")) == "code"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.6")
@pytest.mark.rfc("OpenID Connect Core section 3.1.2.3")
def test_none_never_shows_a_page(on: Stage, browser: Browser) -> None:
    assert asks(on.browser().authorize(on.client, prompt="none")) == "login_required"
    stale = browser.authorize(on.client, prompt="none", max_age="1")
    assert asks(stale) == "login_required"
    more = browser.authorize(on.client, prompt="none", scope="openid orders:write")
    assert asks(more) == "consent_required"


@pytest.mark.parametrize("prompt", ["none login", "none consent", "login none", "none none x"])
def test_none_stands_alone(on: Stage, browser: Browser, prompt: str) -> None:
    assert asks(browser.authorize(on.client, prompt=prompt)) == "invalid_request"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.3")
def test_login_asks_for_the_password_again(on: Stage, browser: Browser) -> None:
    answer = browser.authorize(on.client, prompt="login")
    assert asks(answer) == "password"
    back = browser.sign_in(answer, on.person)
    assert asks(browser.follow(back)) == "code", "and only once"


def test_login_cannot_be_skipped_by_going_straight_back(on: Stage, browser: Browser) -> None:
    page = browser.authorize(on.client, prompt="login").headers["Location"]
    back = browser.get(page.replace("/login/password", "/oauth/authorize"))
    assert asks(back) == "password"


def test_login_updates_auth_time(on: Stage, browser: Browser) -> None:
    before = part(on.party.redeem(browser.code(on.client, on.person)).json["id_token"], 1)
    on.world.clock.move(minutes=10)
    code = browser.code(on.client, on.person, prompt="login")
    after = part(on.party.redeem(code).json["id_token"], 1)
    assert after["auth_time"] - before["auth_time"] == 605
    assert after["auth_time"] == after["iat"]


def test_a_failed_password_does_not_satisfy_prompt_login(on: Stage, browser: Browser) -> None:
    page = browser.follow(browser.authorize(on.client, prompt="login"))
    wrong = browser.submit(page, email=on.person.email, password="wrong")
    assert "__Host-as-session" not in str(wrong.headers)
    flow = page.request.args["flow"]
    assert asks(browser.get(f"/oauth/authorize?flow={flow}")) == "password"


def test_consent_asks_again_though_it_was_given(on: Stage, browser: Browser) -> None:
    answer = browser.authorize(on.client, prompt="consent")
    assert asks(answer) == "consent"
    allowed = browser.submit(browser.follow(answer), decision="allow")
    assert asks(browser.follow(allowed)) == "code"
    assert asks(browser.authorize(on.client, prompt="consent")) == "consent", "each time"


def test_login_and_consent_together_ask_both(on: Stage, browser: Browser) -> None:
    answer = browser.authorize(on.client, prompt="login consent")
    assert asks(answer) == "password"
    assert asks(browser.follow(browser.sign_in(answer, on.person))) == "consent"


def test_select_account_lets_the_person_choose(on: Stage, browser: Browser) -> None:
    answer = browser.authorize(on.client, prompt="select_account")
    assert asks(answer) == "account"
    assert asks(choose(browser, answer, on.person)) == "code"
    assert asks(on.browser().authorize(on.client, prompt="select_account")) == "password"


@pytest.mark.parametrize(("max_age", "page"), [("4", "password"), ("5", "code"), ("3600", "code")])
def test_max_age_counts_from_the_sign_in(
    on: Stage, browser: Browser, max_age: str, page: str
) -> None:
    assert asks(browser.authorize(on.client, max_age=max_age)) == page


def test_max_age_zero_asks_and_then_answers(on: Stage, browser: Browser) -> None:
    answer = browser.authorize(on.client, max_age="0")
    assert asks(answer) == "password"
    back = browser.sign_in(answer, on.person)
    on.world.clock.move(seconds=2)
    assert asks(browser.follow(back)) == "code"


def test_max_age_and_code_give_an_auth_time_that_fits(on: Stage, browser: Browser) -> None:
    code = browser.code(on.client, on.person, max_age="60")
    claims = part(on.party.redeem(code).json["id_token"], 1)
    assert 0 <= claims["iat"] - claims["auth_time"] <= 60


def test_a_session_ends_idle_after_one_hour_and_absolutely_after_a_day(
    on: Stage, browser: Browser
) -> None:
    for _ in range(23):
        on.world.clock.move(minutes=59)
        assert asks(browser.authorize(on.client)) == "code"
    on.world.clock.move(minutes=59)
    assert asks(browser.authorize(on.client)) == "code"
    on.world.clock.move(minutes=30)
    assert asks(browser.authorize(on.client)) == "password"


def test_an_idle_session_asks_again(on: Stage, browser: Browser) -> None:
    on.world.clock.move(hours=1)
    assert asks(browser.authorize(on.client)) == "password"


@pytest.mark.bcp("R-27")
def test_prompt_login_asks_even_in_the_very_instant_of_the_sign_in(on: Stage) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    assert asks(browser.authorize(on.client, prompt="login")) == "password"

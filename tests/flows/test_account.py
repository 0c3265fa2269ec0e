"""The account pages: who gets in, for which account they act, and what needs a fresh sign-in."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from authserver.account.views import BELOW
from authserver.accounts import profiles
from tests.support.account import ACCOUNT_PAGES, arrive, enter, url
from tests.support.browser import Browser, hidden
from tests.support.world import UserFixture, World

PAGES = (
    "overview",
    "profile",
    "email",
    "picture",
    "sessions",
    "api_keys",
    "applications",
    "tenants",
    "privacy",
    "security",
)
SUBMIT = PAGES[1:]


def every_rule(world: World) -> Iterator[tuple[str, str]]:
    for rule in world.app.url_map.iter_rules():
        # The URL of a picture is all that shows it: applications' pages do, too.
        if rule.rule.startswith("/account") and not rule.arguments:
            yield from ((rule.rule, method) for method in rule.methods & {"GET", "POST"})


def test_every_account_page_leads_to_the_sign_in_and_back(world: World) -> None:
    assert {path for path, _ in every_rule(world)} == {url(page) for page in ACCOUNT_PAGES}
    assert set(PAGES) | set(BELOW) == set(ACCOUNT_PAGES)
    person = world.user(world.tenant())
    for page in ACCOUNT_PAGES:
        browser = Browser(world)
        answer = browser.get(url(page))
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login/password?to=")
        back = browser.sign_in(answer, person)
        assert back.headers["Location"] == url(page)
        shown = arrive(browser, back)
        assert shown.status_code == 200
        assert person.email in shown.text


def test_a_form_without_a_session_leads_to_the_sign_in(world: World) -> None:
    for path, method in every_rule(world):
        browser = Browser(world)
        token = hidden(browser.get("/login/logout"))["csrf_token"]
        answer = (
            browser.get(path)
            if method == "GET"
            else browser.post(path, data={"csrf_token": token, "account": "ses_x"})
        )
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/login/password?to=")


def test_a_form_without_a_token_changes_nothing(world: World) -> None:
    browser = Browser(world)
    enter(browser, world.user(world.tenant()))
    for page in SUBMIT:
        assert browser.post(url(page), data={}).status_code == 400


def test_a_session_that_ended_opens_no_page(world: World) -> None:
    browser, person = Browser(world), world.user(world.tenant())
    enter(browser, person)
    browser.submit(browser.get("/login/logout"))
    for page in PAGES:
        assert browser.get(url(page)).status_code == 303


@pytest.mark.parametrize(
    "place",
    [
        {"to": "https://evil.example"},
        {"to": "//evil.example"},
        {"to": "account.overview"},
        {"to": "nowhere"},
        {},
    ],
    ids=str,
)
def test_the_sign_in_leads_to_pages_of_the_list_only(world: World, place: dict[str, str]) -> None:
    answer = Browser(world).get("/login/password", query_string=place)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("about", ["//evil.example", "a b", "x" * 41, "../x", "%0d%0aX:1"])
def test_the_way_back_carries_nothing_that_is_no_id(world: World, about: str) -> None:
    browser, person = Browser(world), world.user(world.tenant())
    page = browser.get("/login/password", query_string={"to": "sessions", "about": about})
    assert browser.sign_in(page, person).headers["Location"] == "/account/sessions"


def test_a_wrong_password_at_our_own_door_counts_like_any_other(world: World) -> None:
    person = world.user(world.tenant())
    browser = Browser(world)
    page = browser.follow(browser.get("/account"))
    for _ in range(5):
        assert browser.sign_in(page, person, password="Wrong-Horse-7").status_code == 401
    assert browser.sign_in(page, person).status_code == 401
    client = world.client(person.tenant)
    other = Browser(world)
    assert other.sign_in(other.authorize(client), person).status_code == 401


def test_at_a_tenants_issuer_only_its_own_people_get_in(world: World) -> None:
    ours, theirs = world.tenant(own_issuer=True), world.tenant()
    prefix = f"/t/{ours.slug}"
    browser = Browser(world, prefix)
    page = browser.follow(browser.get(f"{prefix}/account"))
    assert browser.sign_in(page, world.user(theirs)).status_code == 401
    back = browser.sign_in(page, world.user(ours))
    assert back.headers["Location"] == f"{prefix}/account"
    assert browser.follow(back).status_code == 200


def test_the_front_page_links_to_the_account(world: World) -> None:
    browser = Browser(world)
    assert 'href="/account"' in browser.get("/").text
    enter(browser, world.user(world.tenant()))
    assert 'href="/account"' in browser.get("/").text


class TestTwoAccounts:
    """One browser, two accounts: A signed in first, B last."""

    @pytest.fixture(autouse=True)
    def two(self, world: World) -> None:
        self.world = world
        self.a, self.b = world.user(world.tenant()), world.user(world.tenant())
        self.browser = Browser(world)
        enter(self.browser, self.a)
        world.clock.move(seconds=10)
        page = self.browser.get("/login/password", query_string={"to": "overview"})
        self.browser.follow(self.browser.sign_in(page, self.b))

    def acting_for(self) -> str:
        found = re.search(r'class="lead"><bdi>[^<]*</bdi> · <bdi>([^<]+)', self.account().text)
        assert found
        return found[1]

    def account(self) -> TestResponse:
        return self.browser.get("/account")

    def switch(self) -> None:
        page = self.browser.get("/account/tenants")
        value = re.search(r'name="switch" value="([^"]+)"', page.text)
        assert value
        assert self.browser.submit(page, switch=value[1]).status_code == 303

    def test_the_pages_act_for_the_account_that_signed_in_last(self) -> None:
        assert self.acting_for() == self.b.email

    def test_the_person_switches_and_it_stays_so(self) -> None:
        self.world.clock.move(seconds=1)
        self.switch()
        assert self.acting_for() == self.a.email
        self.world.clock.move(seconds=100)
        assert self.acting_for() == self.a.email
        self.switch()
        assert self.acting_for() == self.b.email

    def test_a_later_sign_in_wins_over_the_choice(self) -> None:
        self.switch()
        self.world.clock.move(seconds=5)
        page = self.browser.get("/login/password", query_string={"to": "overview"})
        self.browser.sign_in(page, self.b)
        assert self.acting_for() == self.b.email

    @pytest.mark.attack("ATK-071")
    def test_no_form_of_one_account_changes_the_other(self) -> None:
        forms = {page: self.browser.get(url(page)) for page in SUBMIT}
        self.world.clock.move(seconds=1)
        self.switch()
        before = profile_of(self.world, self.a), profile_of(self.world, self.b)
        for page, form in forms.items():
            answer = self.browser.submit(form, name="Mallory", about="others", switch="ses_x")
            assert answer.status_code == 409, page
            assert "another account" in answer.text
        assert (profile_of(self.world, self.a), profile_of(self.world, self.b)) == before

    def test_a_form_that_names_no_account_is_refused(self) -> None:
        token = hidden(self.browser.get("/account/profile"))["csrf_token"]
        for page in SUBMIT:
            answer = self.browser.post(url(page), data={"csrf_token": token, "name": "Mallory"})
            assert answer.status_code == 409, page

    def test_who_is_not_signed_in_here_cannot_be_switched_to(self, world: World) -> None:
        elsewhere = Browser(world)
        enter(elsewhere, self.a)
        session = hidden(elsewhere.get("/account/profile"))["account"]
        page = self.browser.get("/account/tenants")
        assert self.browser.submit(page, switch=session).status_code == 404


def profile_of(world: World, user: UserFixture) -> profiles.Profile:
    with world.services.database.read() as view:
        return profiles.read(view, user.tenant.id, user.id).profile

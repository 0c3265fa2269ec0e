"""The account pages behind a second factor: the way in without a client has the same gate."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from authserver.account.access import RECENT
from authserver.audit.events import Actor, EventType
from authserver.login import entry
from authserver.mfa.models import PartialSignIn
from tests.flows.test_second_factor import require
from tests.support.account import ACCOUNT_PAGES, arrive, ask, url
from tests.support.authenticator import App, Owner, codes_on, halfway, secret_on, where
from tests.support.browser import Browser, hidden
from tests.support.trail import events
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

OVERVIEW = {"to": "overview"}


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def client(world: World, tenant: TenantFixture) -> ClientFixture:
    return world.client(tenant)


@pytest.fixture
def owner(world: World, client: ClientFixture) -> Owner:
    return Owner(world, client)


def half(browser: Browser, user: UserFixture, page: str = "overview") -> TestResponse:
    """Type the right password on the way to an account page; return the page that comes next."""
    return browser.follow(browser.sign_in(browser.get(url(page)), user))


def is_outside(browser: Browser) -> bool:
    """Tell whether every account page leads to the sign-in."""
    answers = [browser.get(url(name)) for name in ACCOUNT_PAGES]
    return {where(answer) for answer in answers} == {"/login/password"}


def gets_in(browser: Browser, form: TestResponse, code: str) -> bool:
    """Send the code; tell whether the account page opens then. A refusal leads there as well."""
    answer = browser.submit(form, code=code)
    return where(answer) == "/account" and browser.follow(answer).status_code == 200


def enter(owner: Owner, browser: Browser) -> TestResponse:
    """Go in with password and code, and let the code's step pass."""
    answer = browser.submit(half(browser, owner.user), code=owner.app.code())
    owner.world.clock.move(seconds=30)
    return answer


def levels(world: World, user: UserFixture) -> set[int]:
    """Return the levels of every session that the person ever had."""
    query = text("SELECT level FROM sessions WHERE user_id = :id")
    with world.services.database.engine.connect() as connection:
        return set(connection.execute(query, {"id": user.id}).scalars())


@pytest.mark.any_database
@pytest.mark.parametrize("page", ACCOUNT_PAGES)
def test_a_password_alone_opens_no_account_page_to_who_has_a_factor(
    world: World, owner: Owner, page: str
) -> None:
    browser = Browser(world)
    form = half(browser, owner.user, page)
    assert form.request.path == "/login/mfa"
    assert hidden(form)["to"] == page
    assert is_outside(browser)
    refused = browser.submit(form, code=owner.app.wrong())
    assert refused.status_code == 401
    assert hidden(refused)["to"] == page
    assert is_outside(browser)
    entered = browser.submit(refused, code=owner.app.code())
    assert where(entered) == url(page)
    assert arrive(browser, entered).status_code == 200
    assert levels(world, owner.user) == {2}


def test_a_backup_code_opens_them_by_the_link_of_the_page(world: World, owner: Owner) -> None:
    browser = Browser(world)
    form = half(browser, owner.user, "sessions")
    assert "/login/mfa?to=sessions&amp;method=backup_code" in form.text
    other = browser.get("/login/mfa", query_string={"to": "sessions", "method": "backup_code"})
    entered = browser.submit(other, code=owner.codes[0])
    assert where(entered) == "/account/sessions"
    assert browser.follow(entered).status_code == 200


def test_a_person_of_a_demanding_tenant_sets_a_factor_up_first(
    world: World, tenant: TenantFixture
) -> None:
    require(world, tenant)
    person, browser = world.user(tenant), Browser(world)
    form = half(browser, person, "profile")
    assert form.request.path == "/login/mfa/setup"
    assert is_outside(browser)
    assert where(browser.get("/login/mfa", query_string={"to": "profile"})) == "/login/mfa/setup"
    assert where(browser.get("/login/mfa/codes", query_string={"to": "profile"})) == (
        "/login/mfa/setup"
    )
    shown = browser.follow(browser.submit(form, code=App(world, secret_on(form)).code()))
    assert shown.request.path == "/login/mfa/codes"
    assert len(codes_on(shown)) == 10
    assert is_outside(browser), "the codes are not kept yet"
    file = browser.get("/login/mfa/codes", query_string={"to": "profile", "as": "file"})
    assert file.mimetype == "text/plain"
    assert "/login/mfa/codes?to=profile&amp;as=file" in shown.text
    assert browser.submit(shown).status_code == 400
    assert is_outside(browser)
    entered = browser.submit(shown, kept="yes")
    assert where(entered) == "/account/profile"
    assert browser.follow(entered).status_code == 200
    assert levels(world, person) == {2}


def test_a_rule_that_becomes_stricter_closes_the_account_pages(
    world: World, tenant: TenantFixture
) -> None:
    person, browser = world.user(tenant), Browser(world)
    assert half(browser, person).status_code == 200
    require(world, tenant)
    assert is_outside(browser)
    assert half(browser, person).request.path == "/login/mfa/setup"


def test_to_be_asked_again_takes_the_code_too(world: World, owner: Owner) -> None:
    browser, other = Browser(world), Browser(world)
    enter(owner, other)
    enter(owner, browser)
    theirs = hidden(other.get("/account/profile"))["account"]
    world.clock.move(seconds=(RECENT + timedelta(seconds=1)).total_seconds())
    asked = ask(browser, "sessions", theirs)
    assert where(asked) == "/login/password"
    form = browser.follow(browser.sign_in(asked, owner.user))
    assert form.request.path == "/login/mfa"
    assert {"to", "about", "account"} <= set(hidden(form))
    # The password alone has made nothing fresh, and a wrong code has not either.
    assert where(ask(browser, "sessions", theirs)) == "/login/password"
    assert browser.submit(form, code=owner.app.wrong()).status_code == 401
    assert where(ask(browser, "sessions", theirs)) == "/login/password"
    back = browser.submit(form, code=owner.app.code())
    assert back.headers["Location"] == f"/account/sessions?about={theirs}"
    browser.submit(browser.follow(back))
    assert is_outside(other)
    ended = events(world, owner.user.tenant.id, EventType.SESSION_ENDED)[-1]
    assert ended.document["resource"] == f"session:{theirs}"


@pytest.mark.attack("TOP-07")
def test_half_a_sign_in_for_a_page_is_none_for_a_client(
    world: World, owner: Owner, client: ClientFixture
) -> None:
    browser = Browser(world)
    waiting = hidden(browser.follow(browser.authorize(client)))["flow"]
    half(browser, owner.user)
    for path in ("/login/mfa", "/login/mfa/setup", "/login/mfa/codes"):
        assert where(browser.get(path, query_string={"flow": waiting})) == "/oauth/authorize"
    form = browser.get("/login/mfa", query_string=OVERVIEW)
    fields = {"csrf_token": hidden(form)["csrf_token"], "code": owner.app.code()}
    for both in ({}, OVERVIEW):
        crossed = browser.post("/login/mfa", data={**fields, **both, "flow": waiting})
        assert where(crossed) == "/oauth/authorize", "a pending request is the entry if named"
        assert where(browser.follow(crossed)) == "/login/password"
    assert is_outside(browser)
    assert gets_in(browser, form, owner.app.code()), "nothing was used up"


@pytest.mark.attack("TOP-07")
def test_half_a_sign_in_for_a_client_is_none_for_a_page(
    world: World, owner: Owner, client: ClientFixture
) -> None:
    browser = Browser(world)
    form = halfway(browser, client, owner.user)
    fields = {"csrf_token": hidden(form)["csrf_token"], "code": owner.app.code()}
    for name in ACCOUNT_PAGES:
        assert where(browser.get("/login/mfa", query_string={"to": name})) == url(name)
        assert where(browser.post("/login/mfa", data={**fields, "to": name})) == url(name)
    assert is_outside(browser)
    assert where(browser.follow(browser.submit(form, code=owner.app.code()))) == "/login/consent"


@pytest.mark.attack("TOP-07")
def test_half_a_sign_in_for_one_page_is_none_for_another(world: World, owner: Owner) -> None:
    browser = Browser(world)
    form = half(browser, owner.user, "overview")
    fields = {**hidden(form), "code": owner.app.code(), "to": "security"}
    assert where(browser.post("/login/mfa", data=fields)) == "/account/security"
    assert is_outside(browser)


@pytest.mark.attack("TOP-07")
def test_half_a_sign_in_for_a_page_is_none_in_another_browser(world: World, owner: Owner) -> None:
    browser, thief = Browser(world), Browser(world)
    form = half(browser, owner.user)
    page = thief.follow(thief.get("/account"))
    token = browser.http.get_cookie("__Host-as-partial", domain="auth.example")
    assert token is not None
    thief.http.set_cookie("__Host-as-partial", token.value, domain="auth.example", secure=True)
    fields = {"csrf_token": hidden(page)["csrf_token"], "code": owner.app.code()}
    assert where(thief.get("/login/mfa", query_string=OVERVIEW)) == "/account"
    assert where(thief.post("/login/mfa", data={**OVERVIEW, **fields})) == "/account"
    assert is_outside(thief)
    # Nor one that has begun a sign-in of its own, and so has a flow token.
    half(thief, world.user(owner.user.tenant))
    thief.http.set_cookie("__Host-as-partial", token.value, domain="auth.example", secure=True)
    assert where(thief.get("/login/mfa", query_string={"to": "security"})) != "/login/mfa"
    assert gets_in(browser, form, owner.app.code())


def test_guesses_of_a_stranger_do_not_use_up_those_of_the_person(
    world: World, owner: Owner
) -> None:
    browser, stranger = Browser(world), Browser(world)
    mine, theirs = half(browser, owner.user), half(stranger, owner.user)
    for _ in range(5):
        stranger.submit(theirs, code=owner.app.wrong())
    assert stranger.submit(theirs, code=owner.app.code()).status_code == 401
    assert gets_in(browser, mine, owner.app.code())


def test_who_used_the_guesses_up_begins_anew_after_a_while(world: World, owner: Owner) -> None:
    browser = Browser(world)
    form = half(browser, owner.user)
    for _ in range(5):
        browser.submit(form, code=owner.app.wrong())
    again = half(browser, owner.user)
    assert browser.submit(again, code=owner.app.code()).status_code == 401
    world.clock.move(seconds=world.services.settings.second_factor_time.total_seconds() / 2)
    half(browser, owner.user)
    world.clock.move(seconds=world.services.settings.second_factor_time.total_seconds() / 2)
    anew = half(browser, owner.user)
    assert gets_in(browser, anew, owner.app.code())


@pytest.mark.parametrize("page", ACCOUNT_PAGES)
def test_what_a_half_sign_in_belongs_to_fits_its_column(page: str) -> None:
    browser = entry.Browser(None, "f" * 43, Actor("anonymous", "", "cor_1"))
    hop = entry._hop(page, browser)  # noqa: SLF001  the id is made nowhere else
    longest = PartialSignIn.__table__.c.pending_id.type.length
    assert len(hop.pending_id) <= longest

"""Getting at somebody's second factors by the pages on which people change their own."""

import pytest

from authserver.account.access import RECENT
from authserver.audit.events import EventType
from tests.isolation.rows import everything
from tests.support.account import url
from tests.support.authenticator import App, codes_on, halfway, secret_on, where
from tests.support.browser import Browser, hidden
from tests.support.factors import MFA, Keeper
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import ClientFixture, World

CHANGES = ("add_factor", "rename_factor", "remove_factor")
PAGES = (*CHANGES, "backup_codes", "end_trust", "password")


@pytest.fixture
def keeper(world: World) -> Keeper:
    one = Keeper(world)
    one.add("one")
    return one


def fields(keeper: Keeper) -> dict[str, dict[str, str]]:
    """Return for each page what a form that would change something sends."""
    about = {"about": keeper.ids()[0]}
    return {
        "add_factor": {"code": "000000"},
        "rename_factor": {**about, "name": "renamed"},
        "remove_factor": about,
        "backup_codes": {"renew": "yes"},
        "end_trust": {"about": "tru_nobody"},
        "password": {"present": keeper.user.password, "new": "Another-Horse-8"},
    }


def kept(keeper: Keeper) -> tuple[object, ...]:
    """Return what an attack must not change."""
    with keeper.world.services.database.read() as view:
        row = keeper.snapshot(view)
        owned = keeper.world.services.own_factors.of(view, row)
    return owned, row.security_epoch


@pytest.mark.every_database
@pytest.mark.attack("ATK-075")
def test_first_codes_of_an_app_are_limited_and_its_secret_is_void_afterwards(
    world: World, keeper: Keeper
) -> None:
    page, app = keeper.begin()
    for _ in range(5):
        refused = keeper.browser.submit(page, code=app.wrong())
        assert refused.status_code == 403
    assert secret_on(refused) != app.secret
    assert keeper.browser.submit(page, code=app.code()).status_code == 403
    assert len(keeper.ids()) == 1
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_REFUSED)) == 6


@pytest.mark.attack("ATK-076")
def test_guesses_at_a_new_app_and_at_the_password_lock_no_codes_out(
    world: World, keeper: Keeper
) -> None:
    """Each has counters of its own: who errs at one keeps the others."""
    for _ in range(12):
        page, app = keeper.begin()
        keeper.browser.submit(page, code=app.wrong())
    for _ in range(5):
        keeper.post("password", present="Wrong-Horse-7", new="Another-Horse-8")
    assert not events(world, keeper.tenant.id, EventType.FACTOR_LOCKED)
    page, app = keeper.begin()
    assert keeper.browser.submit(page, code=app.code()).status_code == 303


@pytest.mark.attack("ATK-076")
def test_a_lock_of_the_codes_is_not_lifted_by_a_new_app_or_new_backup_codes(
    world: World, keeper: Keeper
) -> None:
    for _ in range(2):
        stranger = Browser(world)
        form = stranger.follow(stranger.sign_in(stranger.get("/account"), keeper.user))
        for _ in range(5):
            stranger.submit(form, code=keeper.app.wrong())
    assert events(world, keeper.tenant.id, EventType.FACTOR_LOCKED)
    keeper.add("two")
    renewed = keeper.browser.follow(keeper.post("backup_codes", renew="yes"))
    stranger = Browser(world)
    form = stranger.follow(stranger.sign_in(stranger.get("/account"), keeper.user))
    assert stranger.submit(form, code=keeper.app.code()).status_code == 401
    code = codes_on(renewed)[0]
    assert stranger.submit(form, code=code, method="backup_code").status_code == 401


@pytest.mark.attack("ATK-075")
@pytest.mark.attack("ATK-081")
@pytest.mark.parametrize("page", CHANGES)
def test_an_old_sign_in_changes_no_factor(world: World, keeper: Keeper, page: str) -> None:
    typed, before = fields(keeper)[page], kept(keeper)
    world.clock.move(seconds=RECENT.total_seconds() + 1)
    about = {"about": typed["about"]} if "about" in typed else {}
    for answer in (keeper.get(page, **about), keeper.post(page, **typed)):
        assert where(answer) == "/login/password"
        assert "account=" in answer.headers["Location"]
    assert kept(keeper) == before


@pytest.mark.attack("ATK-081")
def test_an_old_sign_in_makes_no_backup_codes(world: World, keeper: Keeper) -> None:
    before = kept(keeper)
    world.clock.move(seconds=RECENT.total_seconds() + 1)
    assert where(keeper.post("backup_codes", renew="yes")) == "/login/password"
    assert kept(keeper) == before
    assert len(events(world, keeper.tenant.id, EventType.BACKUP_CODES_RENEWED)) == 1


@pytest.mark.attack("ATK-081")
def test_a_password_of_just_now_is_no_fresh_sign_in_of_who_has_a_factor(
    world: World, keeper: Keeper
) -> None:
    """Half of the way back: the password was typed, the code was not."""
    world.clock.move(seconds=RECENT.total_seconds() + 1)
    asked = keeper.get("add_factor")
    form = keeper.browser.follow(keeper.browser.sign_in(asked, keeper.user))
    assert form.request.path == "/login/mfa"
    for page in CHANGES:
        assert where(keeper.get(page)) == "/login/password"
        assert where(keeper.post(page, **fields(keeper)[page])) == "/login/password"


@pytest.mark.attack("ATK-077")
@pytest.mark.parametrize("page", PAGES)
def test_half_a_sign_in_opens_none_of_the_pages(world: World, keeper: Keeper, page: str) -> None:
    browser, before = Browser(world), kept(keeper)
    form = browser.follow(browser.sign_in(browser.get(url(page)), keeper.user))
    assert form.request.path == "/login/mfa"
    state = {"csrf_token": hidden(form)["csrf_token"], "account": "ses_x"}
    assert where(browser.get(url(page))) == "/login/password"
    answer = browser.post(url(page), data={**state, **fields(keeper)[page]})
    assert where(answer) == "/login/password"
    assert kept(keeper) == before


@pytest.mark.attack("ATK-077")
def test_half_a_sign_in_that_sets_an_app_up_opens_none_either(
    world: World, client: ClientFixture
) -> None:
    person, browser = world.user(client.tenant), Browser(world)
    halfway(browser, client, person, acr_values=MFA)
    for page in PAGES:
        assert where(browser.get(url(page))) == "/login/password"


@pytest.mark.attack("ATK-079")
def test_whom_a_form_names_besides_is_ignored(world: World, keeper: Keeper) -> None:
    """Account, tenant, address, secret and app are those of the session, whatever is sent."""
    victim = Keeper(world, keeper.tenant)
    before = kept(victim)
    page, app = keeper.begin()
    _, theirs = victim.begin()
    extra = {
        "user": victim.user.id,
        "user_id": victim.user.id,
        "tenant_id": victim.tenant.id,
        "email": "mallory@evil.example",
        "to": "mallory@evil.example",
        "secret": theirs.secret,
        "session_id": "ses_1",
        "factor_id": "fct_1",
        "confirmed": "yes",
    }
    assert keeper.browser.submit(page, code=theirs.code(), **extra).status_code == 403
    assert keeper.browser.submit(page, code=app.code(), **extra).status_code == 303
    keeper.world.clock.move(seconds=30)
    keeper.post("backup_codes", renew="yes", **extra)
    keeper.post("rename_factor", about=keeper.ids()[0], name="x", **extra)
    keeper.post("remove_factor", about=keeper.ids()[0], **extra)
    assert kept(victim) == before
    sent = mails(world, keeper.user.id)
    assert len(sent) >= 4
    assert {mail["To"] for mail in sent} == {keeper.user.email}
    assert not mails(world, victim.user.id)


@pytest.mark.attack("ATK-111")
@pytest.mark.parametrize("same_tenant", [True, False])
@pytest.mark.parametrize("page", ["rename_factor", "remove_factor"])
def test_an_app_of_somebody_else_is_not_there(
    world: World, keeper: Keeper, page: str, *, same_tenant: bool
) -> None:
    victim = Keeper(world, keeper.tenant if same_tenant else None)
    victim.add("theirs")
    before = kept(victim)
    for about in (victim.ids()[0], "fct_nobody", "' OR 1=1 --"):
        assert keeper.get(page, about=about).status_code == 404
        assert keeper.post(page, about=about, name="mine").status_code == 404
    assert keeper.post(page, name="mine").status_code == 404
    assert kept(victim) == before
    assert victim.is_in()


@pytest.mark.attack("ATK-084")
def test_an_app_that_another_session_began_is_not_confirmed_here(
    world: World, keeper: Keeper
) -> None:
    """Of the same person: what was scanned at one browser proves nothing at another."""
    other = keeper.elsewhere()
    theirs = App(world, secret_on(other.get(url("add_factor"))))
    page, app = keeper.begin()
    assert app.secret != theirs.secret
    assert keeper.browser.submit(page, code=theirs.code()).status_code == 403
    assert len(keeper.ids()) == 1


@pytest.mark.attack("ATK-073")
@pytest.mark.parametrize("page", PAGES)
def test_a_form_from_another_site_changes_nothing(keeper: Keeper, page: str) -> None:
    before = kept(keeper)
    state = hidden(keeper.get("profile"))
    typed = fields(keeper)[page]
    bare = {"account": state["account"], **typed}
    assert keeper.browser.post(url(page), data=bare).status_code == 400
    sent = {**state, **typed}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert keeper.browser.post(url(page), data=sent, headers=headers).status_code == 403
    other = {**state, **typed, "account": "ses_other"}
    assert keeper.browser.post(url(page), data=other).status_code == 409
    assert kept(keeper) == before


@pytest.mark.attack("ATK-072")
@pytest.mark.parametrize("page", PAGES)
def test_looking_changes_nothing(keeper: Keeper, page: str) -> None:
    before = kept(keeper)
    keeper.get(page, **fields(keeper)[page])
    assert kept(keeper) == before
    assert not codes_on(keeper.get("backup_codes", renew="yes"))


@pytest.mark.attack("ATK-086")
def test_the_first_code_of_an_app_signs_nobody_in_afterwards(world: World) -> None:
    keeper = Keeper(world)
    page, app = keeper.begin()
    code = app.code()
    keeper.browser.submit(page, code=code)
    browser = Browser(world)
    form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
    assert browser.submit(form, code=code).status_code == 401


@pytest.mark.attack("ATK-064")
def test_a_copied_cookie_is_worth_nothing_after_a_change(world: World, keeper: Keeper) -> None:
    copied = keeper.browser.http.get_cookie("__Host-as-session", "auth.example").value
    keeper.add("two", others="yes")
    thief = Browser(world)
    thief.http.set_cookie("__Host-as-session", copied, domain="auth.example", secure=True)
    assert not keeper.is_in(thief)
    assert keeper.is_in()


def test_new_codes_are_stored_under_a_key_of_the_browser(world: World, keeper: Keeper) -> None:
    """The database gives them to nobody, and the session's cookie alone does not either."""
    keeper.post("backup_codes", renew="yes")
    codes = codes_on(keeper.get("backup_codes"))
    assert len(codes) == 10
    copy = Browser(world)
    cookie = keeper.browser.http.get_cookie("__Host-as-session", "auth.example")
    copy.http.set_cookie(cookie.key, cookie.value, domain="auth.example", secure=True)
    assert not codes_on(copy.get(url("backup_codes")))
    with world.services.database.read() as view:
        dumped = str(everything(view.connection, keeper.tenant.id))
    assert not any(code in dumped for code in codes)

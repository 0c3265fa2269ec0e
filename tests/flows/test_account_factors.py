"""The pages of the second factor: apps are added, renamed and removed, and what ends with them."""

import pytest

from authserver.account.access import RECENT
from authserver.audit.events import EventType
from authserver.mfa.policy import MOST_APPS
from tests.support.account import enter, url
from tests.support.authenticator import codes_on, secret_on, where
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.factors import MFA, Keeper, set_policy
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def keeper(world: World) -> Keeper:
    return Keeper(world)


def test_the_overview_and_the_security_page_tell_who_has_no_factor(keeper: Keeper) -> None:
    assert "No second factor" in keeper.get("overview").text
    security = keeper.get("security").text
    assert "There is no second factor" in security
    assert 'href="/account/factors/add"' in security
    assert "Backup codes" not in security
    keeper.add()
    assert "No second factor" not in keeper.get("overview").text
    assert "Nothing needs your attention." in keeper.get("overview").text


def test_the_first_app_shows_backup_codes_and_asks_to_keep_them(
    world: World, keeper: Keeper
) -> None:
    page, app = keeper.begin()
    assert "data:image/svg+xml" in page.text
    assert secret_on(keeper.get("add_factor")) == app.secret, "the same as long as it is open"
    answer = keeper.browser.submit(page, code=app.code(), name="Phone in the kitchen")
    assert where(answer) == url("backup_codes")
    shown = keeper.browser.follow(answer)
    codes = codes_on(shown)
    assert len(codes) == 10
    file = keeper.get("backup_codes", **{"as": "file"})
    assert file.mimetype == "text/plain"
    assert all(code in file.text for code in codes)
    assert keeper.browser.submit(shown).status_code == 400
    assert codes_on(keeper.get("backup_codes")) == codes, "not kept yet"
    assert where(keeper.browser.submit(shown, kept="yes")) == url("security")
    assert not codes_on(keeper.get("backup_codes")), "shown once"
    security = keeper.get("security").text
    assert "Phone in the kitchen" in security
    assert "You have 10 backup codes left." in security
    (mail,) = mails(world, keeper.user.id, "factor_added")
    assert mail["To"] == keeper.user.email
    (event,) = events(world, keeper.tenant.id, EventType.FACTOR_ADDED)
    assert event.document["resource"] == f"factor:{keeper.ids()[0]}"


def test_codes_count_even_if_nobody_ticks_the_box(world: World, keeper: Keeper) -> None:
    page, app = keeper.begin()
    shown = keeper.browser.follow(keeper.browser.submit(page, code=app.code()))
    browser = Browser(world)
    form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
    answer = browser.submit(form, code=codes_on(shown)[3], method="backup_code")
    assert where(answer) == "/account"


def test_codes_are_shown_for_a_quarter_of_an_hour_in_this_browser(
    world: World, keeper: Keeper
) -> None:
    page, app = keeper.begin()
    keeper.app = app
    keeper.browser.submit(page, code=app.code())
    world.clock.move(seconds=30)
    assert not codes_on(keeper.elsewhere().get(url("backup_codes")))
    assert codes_on(keeper.get("backup_codes"))
    world.clock.move(minutes=15)
    assert not codes_on(keeper.get("backup_codes"))


def test_with_the_first_app_everything_else_ends_and_this_session_says_both_factors(
    world: World, keeper: Keeper
) -> None:
    client = world.client(keeper.tenant)
    other = keeper.elsewhere()
    party = Party(world, client)
    tokens = party.redeem(other.code(client, keeper.user)).json
    before = keeper.browser.http.get_cookie("__Host-as-session", "auth.example").value
    keeper.add()
    after = keeper.browser.http.get_cookie("__Host-as-session", "auth.example").value
    assert before != after
    assert keeper.is_in()
    assert not keeper.is_in(other)
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    code = answered(keeper.browser.authorize(client, prompt="none", acr_values=MFA))["code"]
    claims = party.introspect(party.redeem(code).json["access_token"]).json
    assert claims["acr"] == MFA
    assert claims["amr"] == ["pwd", "otp", "mfa"]


def test_the_next_sign_in_takes_a_code_of_the_app(world: World, keeper: Keeper) -> None:
    keeper.add()
    browser = Browser(world)
    form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
    assert form.request.path == "/login/mfa"
    assert browser.submit(form, code=keeper.app.wrong()).status_code == 401
    assert where(browser.submit(form, code=keeper.app.code())) == "/account"


def test_another_app_leaves_sessions_unless_the_person_wants_them_to_end(
    world: World, keeper: Keeper
) -> None:
    keeper.add("one")
    other = keeper.elsewhere()
    page, _ = keeper.begin()
    assert 'name="others"' in page.text, "ASVS 7.4.3: it is offered"
    assert where(keeper.add("two")) == url("security")
    assert keeper.is_in(other)
    keeper.add("three", others="yes")
    assert not keeper.is_in(other)
    assert keeper.is_in()
    assert len(mails(world, keeper.user.id, "factor_added")) == 1
    assert len(mails(world, keeper.user.id, "another_factor_added")) == 2
    assert len(keeper.ids()) == 3


def test_there_are_only_so_many_apps(keeper: Keeper) -> None:
    for _ in range(MOST_APPS):
        keeper.add()
    full = keeper.get("add_factor")
    assert full.status_code == 409
    assert "as many authenticator apps as there can be" in full.text
    assert "/account/factors/add" not in keeper.get("security").text


@pytest.mark.parametrize("name", ["x" * 61, "a\u202eb", "a\x1bb", "a\u200bb", "\u3164"])
def test_a_name_that_misleads_is_refused(keeper: Keeper, name: str) -> None:
    page, app = keeper.begin()
    assert keeper.browser.submit(page, code=app.code(), name=name).status_code in {400, 403}
    assert keeper.ids() == []
    assert keeper.browser.submit(page, code=app.code(), name="x" * 60).status_code == 303


def test_an_app_is_renamed_with_a_mail_and_an_event(world: World, keeper: Keeper) -> None:
    keeper.add()
    (app,) = keeper.ids()
    page = keeper.get("rename_factor", about=app)
    assert 'value="Authenticator app"' in page.text
    assert keeper.browser.submit(page, name="x" * 61).status_code == 403
    for _ in range(2):
        assert where(keeper.browser.submit(page, name="Old phone")) == url("security")
    assert "Old phone" in keeper.get("security").text
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_RENAMED)) == 1
    assert len(mails(world, keeper.user.id, "factor_renamed")) == 1
    assert keeper.is_in()


def test_a_removed_app_opens_nothing_and_everything_else_ends(world: World, keeper: Keeper) -> None:
    keeper.add("lost")
    lost = keeper.app
    keeper.add("new")
    other = keeper.elsewhere()
    question = keeper.get("remove_factor", about=keeper.ids()[0])
    assert "lost" in question.text
    assert where(keeper.browser.submit(question)) == url("security")
    assert keeper.is_in()
    assert not keeper.is_in(other)
    browser = Browser(world)
    form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
    assert browser.submit(form, code=lost.code()).status_code == 401
    assert where(browser.submit(form, code=keeper.app.code())) == "/account"
    assert len(mails(world, keeper.user.id, "factor_removed")) == 1
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_REMOVED)) == 1


def test_with_the_last_app_the_backup_codes_go(world: World, keeper: Keeper) -> None:
    keeper.add()
    question = keeper.get("remove_factor", about=keeper.ids()[0])
    assert "last second factor" in question.text
    keeper.browser.submit(question)
    assert "There is no second factor" in keeper.get("security").text
    assert where(keeper.get("backup_codes")) == url("security")
    browser = Browser(world)
    assert enter(browser, keeper.user).status_code == 200, "the password alone is enough again"


def test_the_last_app_stays_where_the_tenant_demands_one(world: World, keeper: Keeper) -> None:
    keeper.add()
    set_policy(world, keeper.tenant, mfa_required=True)
    keeper.browser = keeper.elsewhere()
    about = keeper.ids()[0]
    for refused, status in (
        (keeper.get("remove_factor", about=about), 200),
        (keeper.post("remove_factor", about=about), 409),
    ):
        assert refused.status_code == status
        assert "This authenticator app has to stay" in refused.text
        assert 'href="/account/factors/add"' in refused.text
    keeper.add("another")
    keeper.browser.submit(keeper.get("remove_factor", about=about))
    assert len(keeper.ids()) == 1


def test_new_backup_codes_void_the_old_ones_at_once(world: World, keeper: Keeper) -> None:
    keeper.add()
    old = keeper.codes
    page = keeper.get("backup_codes")
    assert "You have 10 backup codes left." in page.text
    shown = keeper.browser.follow(keeper.browser.submit(page))
    new = codes_on(shown)
    assert len(new) == 10
    assert not set(new) & set(old)
    browser = Browser(world)
    form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
    assert browser.submit(form, code=old[0], method="backup_code").status_code == 401
    assert where(browser.submit(form, code=new[0], method="backup_code")) == "/account"
    (mail,) = mails(world, keeper.user.id, "backup_codes_renewed")
    assert mail["To"] == keeper.user.email
    assert len(events(world, keeper.tenant.id, EventType.BACKUP_CODES_RENEWED)) == 2


@pytest.mark.parametrize(("used", "words"), [(6, None), (7, "Only 3 backup codes left")])
def test_the_overview_tells_who_has_few_codes(
    world: World, keeper: Keeper, used: int, words: str | None
) -> None:
    keeper.add()
    for code in keeper.codes[:used]:
        browser = Browser(world)
        form = browser.follow(browser.sign_in(browser.get("/account"), keeper.user))
        browser.submit(form, code=code, method="backup_code")
    overview = keeper.get("overview").text
    assert ("backup codes left" in overview) == bool(words)
    assert words is None or words in overview
    assert 'href="/account/factors/codes"' in overview or words is None


def test_who_signs_in_again_comes_back_to_the_page(world: World, keeper: Keeper) -> None:
    keeper.add()
    app = keeper.ids()[0]
    world.clock.move(seconds=RECENT.total_seconds() + 1)
    for page, about in (("add_factor", {}), ("rename_factor", {"about": app})):
        answer = keeper.get(page, **about)
        assert answer.status_code == 303
        form = keeper.browser.follow(keeper.browser.sign_in(answer, keeper.user))
        assert form.request.path == "/login/mfa"
        back = keeper.browser.submit(form, code=keeper.app.code())
        assert where(back) == url(page)
        assert keeper.browser.follow(back).status_code == 200
        world.clock.move(seconds=RECENT.total_seconds() + 1)


def test_a_set_up_that_was_left_is_over_after_an_hour(world: World, keeper: Keeper) -> None:
    page, app = keeper.begin()
    world.clock.move(minutes=59)
    keeper.browser.get("/account")
    world.clock.move(minutes=2)
    answer = keeper.browser.sign_in(keeper.get("add_factor"), keeper.user)
    assert secret_on(keeper.browser.follow(answer)) != app.secret
    form = {**hidden(keeper.get("profile")), "code": app.code()}
    assert keeper.browser.post(page.request.path, data=form).status_code == 403

"""A tenant tightens the numbers of signing in: what its people meet, and read, is its own."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from authserver.audit.whence import written
from authserver.links.policy import Purpose
from tests.attacks.factors import mails as count_of_mails
from tests.attacks.mailed import TEMPLATES, link_for, opened
from tests.attacks.people import Scene
from tests.flows.test_second_factor_account import gets_in, half
from tests.support.authenticator import Owner, secret_on
from tests.support.browser import Browser
from tests.support.factors import Keeper, set_policy
from tests.support.joining import Guestbook, arrived, ask
from tests.support.mails import link_in, mails, mails_to, text_of
from tests.support.sql import executed
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World

WRONG = "Wrong-Horse-7"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world, world.client(world.tenant()))


def tighten(world: World, tenant: TenantFixture, **numbers: int) -> None:
    set_policy(world, tenant, tightened=numbers)


def guess(scene: Scene, times: int, person: UserFixture | None = None) -> None:
    browser = Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    for _ in range(times):
        browser.sign_in(page, person or scene.person, password=WRONG)


def signs_in(scene: Scene, person: UserFixture | None = None) -> bool:
    browser = Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    return browser.sign_in(page, person or scene.person).status_code == 303


def later(scene: Scene, **time: float) -> str:
    """Return a moment after now as mails write it."""
    now: datetime = scene.world.clock.now()
    return written(now + timedelta(**time))


def test_three_wrong_passwords_lock_where_the_tenant_says_three(scene: Scene) -> None:
    elsewhere = Scene(scene.world)
    tighten(scene.world, scene.tenant, lockout_attempts=3)
    for at in (scene, elsewhere):
        guess(at, 2)
        assert signs_in(at)
        guess(at, 3)
    assert (signs_in(scene), signs_in(elsewhere)) == (False, True)
    [mail] = mails(scene.world, scene.person.id, "account_locked")
    assert f"until {later(scene, minutes=30)}" in text_of(mail)


def test_a_lock_lasts_as_long_as_the_tenant_says_and_the_mail_says_so(scene: Scene) -> None:
    tighten(scene.world, scene.tenant, lockout_time=90)
    guess(scene, 5)
    [mail] = mails(scene.world, scene.person.id, "account_locked")
    assert f"until {later(scene, minutes=90)}" in text_of(mail)
    scene.world.clock.move(minutes=89)
    assert not signs_in(scene)
    scene.world.clock.move(minutes=1)
    assert signs_in(scene)


def test_wrong_present_passwords_at_the_account_pages_count_alike(world: World) -> None:
    keeper = Keeper(world)
    tighten(world, keeper.tenant, lockout_attempts=3)
    for _ in range(3):
        keeper.post("password", present=WRONG, new="Another-Horse-8")
    assert len(events(world, keeper.tenant.id, "account.locked")) == 1


def test_a_guest_is_locked_by_the_numbers_of_the_account_at_home(scene: Scene) -> None:
    """The password is that of the home account: the tenant of the guest has no say in it."""
    home = Scene(scene.world)
    guest = scene.world.guest(home.person, scene.tenant)
    tighten(scene.world, scene.tenant, lockout_attempts=3)
    guess(scene, 3, guest)
    assert signs_in(scene, guest)
    tighten(scene.world, home.tenant, lockout_attempts=4)
    guess(scene, 4, guest)
    assert not signs_in(scene, guest)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_is_dead_after_the_tenants_time_and_its_mail_says_so(
    scene: Scene, purpose: Purpose
) -> None:
    tighten(scene.world, scene.tenant, link_life=10)
    link = link_for(scene, purpose)
    mail = mails(scene.world, scene.person.id, TEMPLATES[purpose])[-1]
    if purpose is not Purpose.UNLOCK:  # its mail says when the lock ends
        assert f"until {later(scene, minutes=10)}" in text_of(mail)
    scene.world.clock.move(minutes=10, seconds=-1)
    assert opened(scene, link).status_code == 200
    scene.world.clock.move(seconds=1)
    assert opened(scene, link).status_code == 400


def test_links_of_before_keep_the_time_that_their_mail_says(scene: Scene) -> None:
    link = link_for(scene, Purpose.RESET_PASSWORD)
    tighten(scene.world, scene.tenant, link_life=10)
    scene.world.clock.move(minutes=29)
    assert opened(scene, link).status_code == 200


def test_a_link_to_register_is_dead_after_the_tenants_time(world: World) -> None:
    book = Guestbook(world)
    book.open_to_all()
    tighten(world, book.tenant, link_life=10)
    ask(world, world.client(book.tenant), book.email)
    [mail] = mails_to(world, book.email, book.tenant.id)
    assert f"until {written(world.clock.now() + timedelta(minutes=10))}" in text_of(mail)
    world.clock.move(minutes=10, seconds=-1)
    assert arrived(world, link_in(mail)).status_code == 200
    world.clock.move(seconds=1)
    assert arrived(world, link_in(mail)).status_code == 400


def test_an_invitation_lives_as_long_as_the_tenant_says_also_when_it_is_mailed_again(
    world: World,
) -> None:
    book = Guestbook(world)
    tighten(world, book.tenant, invitation_life=24)
    made = book.invite()
    for _ in range(2):
        mail = mails_to(world, book.email, book.tenant.id)[-1]
        assert f"until {written(world.clock.now() + timedelta(days=1))}" in text_of(mail)
        world.clock.move(days=1, seconds=-1)
        assert arrived(world, link_in(mail)).status_code == 200
        world.clock.move(seconds=1)
        assert arrived(world, link_in(mail)).status_code == 400
        book.change("resend", made.id)


def test_three_wrong_codes_end_a_sign_in_where_the_tenant_says_three(
    world: World, owner: Owner
) -> None:
    tighten(world, owner.user.tenant, second_factor_flow_attempts=3)
    for wrong, status in ((2, 303), (3, 401)):
        browser = Browser(world)
        page = owner.at_the_code(browser)
        for _ in range(wrong):
            browser.submit(page, code=owner.app.wrong())
        assert browser.submit(page, code=owner.app.code()).status_code == status
        world.clock.move(seconds=30)


def test_five_wrong_codes_in_an_hour_lock_where_the_tenant_says_five(
    world: World, owner: Owner
) -> None:
    tighten(world, owner.user.tenant, second_factor_hour_attempts=5)
    for _ in range(5):
        browser = Browser(world)
        browser.submit(owner.at_the_code(browser), code=owner.app.wrong())
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code()).status_code == 401
    assert count_of_mails(world, owner.user, "factor_locked") == 1
    world.clock.move(hours=1)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code()).status_code == 303


def test_wrong_first_codes_of_another_app_make_a_new_key_after_the_tenants_number(
    world: World,
) -> None:
    keeper = Keeper(world)
    tighten(world, keeper.tenant, second_factor_flow_attempts=3)
    page, app = keeper.begin()
    shown = [secret_on(keeper.browser.submit(page, code=app.wrong())) for _ in range(3)]
    assert [secret == app.secret for secret in shown] == [True, True, False]


def test_the_second_factor_has_the_tenants_time(world: World, owner: Owner) -> None:
    tighten(world, owner.user.tenant, second_factor_time=5)
    browser = Browser(world)
    for seconds, inside in ((299, True), (300, False)):
        form = half(browser, owner.user)
        world.clock.move(seconds=seconds)
        assert gets_in(browser, form, owner.app.code()) is inside
        browser = Browser(world)


def test_an_installation_that_is_tightened_later_holds_for_every_tenant(
    scene: Scene, another: Callable[..., World]
) -> None:
    tighten(scene.world, scene.tenant, lockout_attempts=4, link_life=20)
    scene.world = another(lockout_attempts=2, link_life=timedelta(minutes=8))
    guess(scene, 2)
    assert not signs_in(scene)
    link = link_for(scene, Purpose.RESET_PASSWORD)
    scene.world.clock.move(minutes=8)
    assert opened(scene, link).status_code == 400


def test_a_sign_in_costs_no_more_statements_where_numbers_are_the_tenants(scene: Scene) -> None:
    def costs(password: str) -> int:
        browser = Browser(scene.world)
        page = browser.follow(browser.authorize(scene.client))
        with executed(scene.world.services.database.engine) as found:
            browser.sign_in(page, scene.person, password=password)
        return len(found)

    assert signs_in(scene)
    before = [costs(WRONG), costs(scene.person.password)]
    tighten(scene.world, scene.tenant, lockout_attempts=3, second_factor_time=5)
    assert signs_in(scene), "and the caches have read the tenant again"
    assert [costs(WRONG), costs(scene.person.password)] == before

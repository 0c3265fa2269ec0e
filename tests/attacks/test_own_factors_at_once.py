"""Changing one's second factors twice, many times and all at once: it counts once."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.browser import Browser, hidden
from tests.support.factors import Keeper, set_policy
from tests.support.mails import mails
from tests.support.parallel import at_once
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.every_database


@pytest.fixture
def keeper(world: World) -> Keeper:
    one = Keeper(world)
    one.add("one")
    return one


def answers(keeper: Keeper, send: Callable[[Browser, str], TestResponse], times: int) -> list[int]:
    """Send something from copies of one browser, all at the same moment."""

    def job(number: int) -> Callable[[], int]:
        copy = Browser(keeper.world)
        for cookie in keeper.browser.http._cookies.values():  # noqa: SLF001  as a thief would
            copy.http.set_cookie(cookie.key, cookie.value, domain="auth.example", secure=True)
        return lambda: send(copy, str(number)).status_code

    return at_once(*(job(number) for number in range(times)))


def test_two_last_apps_cannot_both_go_where_one_is_demanded(world: World, keeper: Keeper) -> None:
    keeper.add("two")
    set_policy(world, keeper.tenant, mfa_required=True)
    keeper.browser = keeper.elsewhere()
    apps, state = keeper.ids(), hidden(keeper.get("profile"))
    assert len(apps) == 2

    def remove(browser: Browser, number: str) -> TestResponse:
        form = {**state, "about": apps[int(number) % 2]}
        return browser.post(url("remove_factor"), data=form)

    done = answers(keeper, remove, 8)
    assert done.count(303) >= 1
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_REMOVED)) == 1
    with world.services.database.read() as view:
        user = keeper.snapshot(view)
        assert len(world.services.own_factors.of(view, user).apps) == 1


@pytest.mark.attack("ATK-087")
def test_an_app_is_added_once_however_often_the_form_is_sent(world: World, keeper: Keeper) -> None:
    page, app = keeper.begin()
    form = {**hidden(page), "code": app.code()}
    answers(keeper, lambda browser, _: browser.post(url("add_factor"), data=form), 8)
    again = keeper.browser.post(url("add_factor"), data=form)
    assert where(again) == url("security"), "nothing is being set up any more"
    assert len(keeper.ids()) == 2
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_ADDED)) == 2
    assert len(mails(world, keeper.user.id, "another_factor_added")) == 1


def test_the_first_app_sent_twice_makes_one_app_and_ten_codes(world: World) -> None:
    keeper = Keeper(world)
    page, app = keeper.begin()
    form = {**hidden(page), "code": app.code()}
    done = answers(keeper, lambda browser, _: browser.post(url("add_factor"), data=form), 6)
    assert done.count(303) >= 1
    assert len(events(world, keeper.tenant.id, EventType.FACTOR_ADDED)) == 1
    assert len(events(world, keeper.tenant.id, EventType.BACKUP_CODES_RENEWED)) == 1
    with world.services.database.read() as view:
        user = keeper.snapshot(view)
        owned = world.services.own_factors.of(view, user)
    assert (len(owned.apps), owned.codes_left) == (1, 10)

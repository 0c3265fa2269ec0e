"""Guessing codes: ten an hour, whatever is tried around the count."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from authserver.mfa.models import GuessCounter
from authserver.mfa.service import MAX_CODE
from tests.attacks.factors import MFA, has_session, mails
from tests.support.authenticator import App, Owner, halfway, secret_on
from tests.support.browser import Browser, hidden
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import ClientFixture, World


@pytest.mark.every_database
@pytest.mark.timeout(300)  # sixteen hundred requests
@pytest.mark.attack("ATK-074")
def test_two_hundred_sign_ins_at_once_get_ten_guesses_together(
    world: World, owner: Owner, compared: list[str]
) -> None:
    # Threads meet each other at PostgreSQL no less with fewer of them.
    many = 200 if world.services.database.engine.dialect.name == "sqlite" else 40
    browsers = [Browser(world) for _ in range(many)]
    pages = [owner.at_the_code(browser) for browser in browsers]
    wrong = owner.app.wrong()

    def guess(number: int) -> set[int]:
        mine = range(number, len(pages), 20)
        return {
            browsers[one].submit(pages[one], code=wrong).status_code for one in mine for _ in "123"
        }

    assert set().union(*together(20, guess)) == {401}
    assert len(compared) == 10
    assert mails(world, owner.user, "factor_locked") == 1
    assert len(events(world, owner.user.tenant.id, "factor.locked")) == 1


@pytest.mark.attack("ATK-074")
@pytest.mark.attack("ATK-076")
def test_the_count_outlives_the_sign_in_the_session_and_the_process(
    world: World, owner: Owner, another: Callable[[], World], compared: list[str]
) -> None:
    for number in range(6):
        place = world if number % 2 else another()
        browser = Browser(place)
        page = halfway(browser, owner.client, owner.user)
        for _ in range(3):
            assert browser.submit(page, code=owner.app.wrong()).status_code == 401
    assert len(compared) == 10
    last = Browser(world)
    page = owner.at_the_code(last)
    assert last.submit(page, code=owner.app.code()).status_code == 401, "the right one, locked"
    assert not has_session(last)
    world.clock.move(minutes=59)
    page = owner.at_the_code(last)
    assert last.submit(page, code=owner.app.code()).status_code == 401
    world.clock.move(minutes=1)
    page = owner.at_the_code(last)
    assert last.submit(page, code=owner.app.code()).status_code == 303
    assert has_session(last)


@pytest.mark.attack("ATK-074")
def test_a_sign_in_of_the_owner_gives_a_stranger_no_new_guesses(
    world: World, owner: Owner, compared: list[str]
) -> None:
    for _ in range(3):
        browser = Browser(world)
        page = owner.at_the_code(browser)
        for _ in range(3):
            browser.submit(page, code=owner.app.wrong())
        owner.sign_in(Browser(world))
    page = owner.at_the_code(browser)
    for _ in range(3):
        browser.submit(page, code=owner.app.wrong())
    assert len(compared) == 10 + 3, "ten wrong ones, three right ones"


def test_any_sixty_minutes_hold_ten_guesses_at_most(
    world: World, owner: Owner, compared: list[str]
) -> None:
    times = []
    for _ in range(30):
        browser = Browser(world)
        page = owner.at_the_code(browser)
        for _ in range(2):
            before = len(compared)
            browser.submit(page, code=owner.app.wrong())
            times += [world.clock.now()] * (len(compared) - before)
        world.clock.move(minutes=7)
    assert len(times) > 20, "it goes on after the hour"
    hour = timedelta(hours=1)
    assert max(sum(1 for t in times if begin <= t < begin + hour) for begin in times) <= 10


@pytest.mark.attack("ATK-075")
@pytest.mark.parametrize("method", ["totp", "backup_code"])
def test_five_wrong_codes_end_a_flow_whatever_they_are_codes_of(
    world: World, owner: Owner, compared: list[str], method: str
) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    answers = [
        browser.submit(page, code=owner.app.wrong(), method=method, n=str(n)) for n in range(6)
    ]
    right = owner.app.code() if method == "totp" else owner.codes[0]
    answers.append(browser.submit(page, code=right, method=method))
    assert len(compared) == 5
    assert {answer.status_code for answer in answers} == {401}
    assert len({same_words(answer) for answer in answers}) == 1
    # The same flow with the password typed again: no new guesses.
    flow = page.request.args["flow"]
    typed = browser.get("/login/password", query_string={"flow": flow})
    again = browser.follow(browser.follow(browser.sign_in(typed, owner.user)))
    assert browser.submit(again, code=right, method=method).status_code == 401
    assert len(compared) == 5
    assert not has_session(browser)


def same_words(answer: TestResponse) -> str:
    """Return an answer without what is new in each: the nonce, and the time in the CSRF token."""
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    return answer.text.replace(nonce, "").replace(hidden(answer)["csrf_token"], "")


@pytest.mark.attack("ATK-075")
def test_wrong_codes_at_the_set_up_count_too(
    world: World, client: ClientFixture, compared: list[str]
) -> None:
    person = world.user(client.tenant)
    for _ in range(4):
        browser = Browser(world)
        page = halfway(browser, client, person, acr_values=MFA)
        app = App(world, secret_on(page))
        for _ in range(3):
            assert browser.submit(page, code=app.wrong()).status_code == 401
    assert len(compared) == 10
    assert browser.submit(page, code=app.code()).status_code == 401


@pytest.mark.attack("ATK-076")
def test_a_hundred_wrong_codes_in_a_row_close_the_factor_until_it_is_reset(
    world: World, owner: Owner
) -> None:
    def set_counter(tx: object) -> None:
        tx.tenant(owner.user.tenant.id).add(
            GuessCounter(
                user_id=owner.user.id, recent=[], in_a_row=99, updated_at=world.clock.now()
            )
        )

    with world.services.database.read() as view:
        before = view.platform().get(GuessCounter, owner.user.id)
    if before is None:
        world.services.database.write(set_counter)
    else:
        world.services.database.write(
            lambda tx: setattr(
                tx.tenant(owner.user.tenant.id).get(GuessCounter, owner.user.id), "in_a_row", 99
            )
        )
    browser = Browser(world)
    page = owner.at_the_code(browser)
    browser.submit(page, code=owner.app.wrong())
    assert mails(world, owner.user, "factor_locked") == 1
    world.clock.move(days=30)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code()).status_code == 401
    # The count of passwords is another one: the person still gets as far as here.
    assert page.request.path == "/login/mfa"


@pytest.mark.attack("ATK-076")
def test_wrong_passwords_do_not_lock_the_codes(world: World, owner: Owner) -> None:
    """The owner has typed the password already; then a stranger locks it."""
    browser, stranger = Browser(world), Browser(world)
    code_page = owner.at_the_code(browser)
    page = stranger.follow(stranger.authorize(owner.client))
    for _ in range(5):
        stranger.sign_in(page, owner.user, password="Wrong-Horse-7")
    assert stranger.sign_in(page, owner.user).status_code == 401, "the right one, locked"
    assert mails(world, owner.user, "account_locked") == 1
    assert events(world, owner.user.tenant.id, "factor.refused") == []
    assert browser.submit(code_page, code=owner.app.code()).status_code == 303
    assert has_session(browser)


@pytest.mark.attack("ATK-076")
def test_wrong_codes_do_not_lock_the_password(
    world: World, owner: Owner, compared: list[str]
) -> None:
    """The codes are locked; of the five wrong passwords each is still there."""
    for _ in range(4):
        browser = Browser(world)
        page = owner.at_the_code(browser)
        for _ in range(3):
            browser.submit(page, code=owner.app.wrong())
    assert len(compared) == 10
    assert mails(world, owner.user, "factor_locked") == 1
    stranger = Browser(world)
    page = stranger.follow(stranger.authorize(owner.client))
    for _ in range(4):
        assert stranger.sign_in(page, owner.user, password="Wrong-Horse-7").status_code == 401
    assert mails(world, owner.user, "account_locked") == 0
    assert owner.at_the_code(Browser(world)).request.path == "/login/mfa"


@pytest.mark.attack("ATK-074")
def test_a_code_longer_than_any_is_only_a_wrong_one(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    for code in ("9" * 60_000, "0" * (MAX_CODE + 1), "", " ", "\N{ARABIC-INDIC DIGIT ONE}" * 6):
        assert browser.submit(page, code=code).status_code == 401
    other = Browser(world)
    page = owner.at_the_code(other)
    too_large = other.submit(page, code="9" * 70_000)
    assert too_large.status_code in {400, 413}
    assert not has_session(other)
    assert not has_session(browser)

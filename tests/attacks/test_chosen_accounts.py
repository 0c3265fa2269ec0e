"""The account chooser: nobody gets a code for an account that is not theirs, or not chosen."""

import pytest

from authserver.audit.events import EventType
from tests.support.authenticator import where
from tests.support.browser import Browser, answered, hidden
from tests.support.chooser import CHOOSER, House, choose, endable, offered, press, signed_in
from tests.support.trail import events
from tests.support.world import UserFixture, World

FLOW = "__Host-as-flow"


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


@pytest.fixture
def ada(house: House) -> UserFixture:
    return house.world.user(house.inner)


@pytest.fixture
def bob(house: House) -> UserFixture:
    return house.world.user(house.outer)


@pytest.fixture
def browser(house: House, ada: UserFixture, bob: UserFixture) -> Browser:
    return signed_in(house.world, ada, bob)


def is_in(browser: Browser, person: UserFixture) -> bool:
    """Tell whether somebody is still signed in in a browser."""
    return person.email in browser.get("/").text


@pytest.mark.every_database
@pytest.mark.attack("ATK-064")
def test_an_account_of_another_browser_cannot_be_chosen(house: House, browser: Browser) -> None:
    victim = house.world.user(house.other)
    signed_in(house.world, victim)
    page = browser.follow(browser.authorize(house.client))
    answer = press(browser, page, account=victim.id)
    assert answer.status_code == 409
    assert victim.email not in answer.text
    nonsense = press(browser, page, account="usr_nobody")
    assert nonsense.status_code == 409
    assert where(browser.get(f"/oauth/authorize?flow={hidden(page)['flow']}")) == CHOOSER


@pytest.mark.attack("ATK-064")
def test_a_session_of_another_browser_cannot_be_ended(house: House, browser: Browser) -> None:
    victim = house.world.user(house.other)
    theirs = signed_in(house.world, victim)
    (session,) = endable(theirs.follow(theirs.authorize(house.client, prompt="select_account")))
    page = browser.follow(browser.authorize(house.client))
    assert press(browser, page, sign_out=session).status_code == 409
    assert is_in(theirs, victim)


@pytest.mark.attack("ATK-064")
def test_an_account_that_the_client_does_not_serve_cannot_be_chosen(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    narrow = house.world.client(house.outer, first_party=True)
    page = browser.follow(browser.authorize(narrow, prompt="select_account"))
    assert press(browser, page, account=ada.id).status_code == 409
    assert offered(page) == [bob.id]
    other = browser.authorize(house.client, organization=house.outer.slug, prompt="select_account")
    assert press(browser, browser.follow(other), account=ada.id).status_code == 409


def test_what_was_chosen_and_then_signed_out_is_replaced_by_nobody(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.client = house.world.client(house.inner, serves=["*"])
    page = browser.follow(choose(browser, browser.authorize(house.client), ada))
    assert page.request.path == "/login/consent"
    again = browser.follow(browser.authorize(house.client, prompt="select_account"))
    press(browser, again, sign_out=endable(again)[offered(again).index(ada.id)])
    answer = browser.follow(browser.submit(page, decision="allow"))
    assert where(answer) == CHOOSER, "Bob is the only one left, and was not chosen"
    assert offered(browser.follow(answer)) == [bob.id]


@pytest.mark.attack("ATK-059")
def test_what_was_chosen_and_then_disabled_gives_no_code(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    going = press(browser, page, account=ada.id)
    house.world.disable(ada)
    answer = browser.follow(going)
    assert where(answer) == CHOOSER
    assert offered(browser.follow(answer)) == [bob.id]


@pytest.mark.attack("ATK-059")
def test_what_is_disabled_while_the_chooser_is_open_cannot_be_chosen(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    house.world.disable(ada)
    assert press(browser, page, account=ada.id).status_code == 409


@pytest.mark.attack("ATK-064")
def test_a_choice_that_another_browser_remembers_means_nothing_here(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    other = signed_in(house.world, ada, bob)
    other.authorize(house.client)
    kept = {}
    for one in (browser, other):
        with one.http.session_transaction(base_url="https://auth.example") as flow:
            kept[one] = dict(flow)
    with other.http.session_transaction(base_url="https://auth.example") as flow:
        flow["used"] = kept[browser]["used"]
    assert kept[browser]["browser"] != kept[other]["browser"]
    assert where(other.authorize(house.client)) == CHOOSER


@pytest.mark.attack("ATK-064")
def test_the_cookie_that_remembers_names_nobody(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    with browser.http.session_transaction(base_url="https://auth.example") as flow:
        said = str(dict(flow))
    for secret in (ada.email, ada.id, house.client.id, house.inner.slug):
        assert secret not in said
    cookie = browser.http.get_cookie(FLOW, "auth.example")
    browser.http.set_cookie(FLOW, f"{cookie.value}x", domain="auth.example", secure=True)
    assert where(browser.authorize(house.client)) == CHOOSER, "a changed cookie is none"


def test_a_remembered_account_that_is_gone_is_replaced_by_nobody(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    eve = house.world.user(house.other)
    browser.sign_in(browser.get("/login/password?to=overview"), eve)
    choose(browser, browser.authorize(house.client), ada)
    house.world.disable(ada)
    assert where(browser.authorize(house.client)) == CHOOSER
    silent = browser.authorize(house.client, prompt="none")
    assert answered(silent)["error"] == "account_selection_required"


@pytest.mark.attack("ATK-064")
def test_the_choosers_form_needs_its_token_and_its_browser(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    flow = hidden(page)["flow"]
    bare = browser.post(CHOOSER, data={"flow": flow, "account": ada.id})
    assert bare.status_code == 400
    other = signed_in(house.world, ada)
    assert other.get(f"{CHOOSER}?flow={flow}").status_code == 400
    cross = browser.post(
        CHOOSER,
        data={**hidden(page), "account": ada.id},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert cross.status_code == 403
    assert where(browser.get(f"/oauth/authorize?flow={flow}")) == CHOOSER


def test_a_sign_in_for_a_chosen_account_is_nobody_elses(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login select_account")
    page = browser.follow(choose(browser, answer, ada))
    fields = {"email": bob.email, "organization": house.outer.slug, "password": "Wrong-Horse-7"}
    assert browser.submit(page, **fields).status_code == 401
    back = browser.submit(page, **{**fields, "password": ada.password})
    assert house.sub(browser.follow(back)) == ada.id


def test_a_password_that_was_typed_for_one_account_is_not_tried_on_another(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login select_account")
    page = browser.follow(choose(browser, answer, ada))
    chooser = browser.get(f"{CHOOSER}?flow={hidden(page)['flow']}")
    press(browser, chooser, account=bob.id)
    shown = browser.submit(page, password=ada.password)
    assert shown.status_code == 200
    assert bob.email in shown.text
    assert ada.email not in shown.text
    assert not events(house.world, bob.tenant.id, EventType.SIGN_IN_FAILED.value)


def test_a_form_for_an_account_that_has_gone_signs_nobody_in(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    """Another tenant may have an account with the same address and password."""
    twin = house.world.user(house.other, email=ada.email)
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login select_account")
    page = browser.follow(choose(browser, answer, ada))
    chooser = browser.get(f"{CHOOSER}?flow={hidden(page)['flow']}")
    press(browser, chooser, sign_out=endable(chooser)[offered(chooser).index(ada.id)])
    shown = browser.submit(page, password=ada.password)
    assert shown.status_code == 200
    assert 'id="email"' in shown.text
    assert not events(house.world, twin.tenant.id, EventType.SIGN_IN_SUCCEEDED.value)

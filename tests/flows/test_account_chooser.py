"""Several accounts in one browser: which of them a client gets, and when the person is asked."""

import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from tests.spec.tools import statements
from tests.support.authenticator import Owner, where
from tests.support.browser import Browser, answered, hidden
from tests.support.chooser import CHOOSER, House, choose, endable, offered, press, signed_in
from tests.support.trail import events
from tests.support.world import UserFixture, World

PASSWORD_PAGE = "/login/password"


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
    """A browser with two accounts; Bob signed in last."""
    return signed_in(house.world, ada, bob)


def error(answer: TestResponse) -> str:
    return answered(answer)["error"]


def test_who_has_two_accounts_is_asked_which_one(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.world.clock.move(minutes=5)
    page = browser.follow(browser.authorize(house.client))
    assert page.request.path == CHOOSER
    assert offered(page) == [bob.id, ada.id], "the latest sign-in first"
    assert ada.email in page.text
    assert house.outer.slug in page.text
    assert "signed in 5 minutes ago" in page.text
    assert house.sub(choose(browser, page, ada)) == ada.id


def test_the_choice_is_remembered_for_this_client(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    assert house.sub(browser.authorize(house.client)) == ada.id
    assert house.sub(browser.authorize(house.client, prompt="none")) == ada.id
    another = house.world.client(house.inner, serves=["*"], first_party=True)
    assert where(browser.authorize(another)) == CHOOSER, "of another client nothing is known"
    assert house.sub(browser.authorize(house.client)) == ada.id


def test_a_new_sign_in_elsewhere_does_not_take_a_clients_account_away(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    browser.sign_in(browser.get("/login/password?to=overview"), house.world.user(house.outer))
    assert house.sub(browser.authorize(house.client)) == ada.id


def test_whom_somebody_signed_in_as_for_a_client_is_remembered_too(
    house: House, ada: UserFixture, bob: UserFixture
) -> None:
    browser = Browser(house.world)
    assert house.sub(browser.complete(house.client, ada)) == ada.id
    browser.sign_in(browser.get("/login/password?to=overview"), bob)
    assert house.sub(browser.authorize(house.client)) == ada.id


def test_select_account_always_asks(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    again = browser.authorize(house.client, prompt="select_account")
    assert house.sub(choose(browser, again, bob)) == bob.id
    alone = signed_in(house.world, ada)
    page = browser.follow(alone.authorize(house.client, prompt="select_account"))
    assert page.request.path == CHOOSER, "with one account, too"


def test_without_an_account_there_is_nothing_to_select(house: House, ada: UserFixture) -> None:
    browser = Browser(house.world)
    answer = browser.authorize(house.client, prompt="select_account")
    assert where(answer) == PASSWORD_PAGE
    assert house.sub(browser.follow(browser.sign_in(answer, ada))) == ada.id


def test_none_says_that_an_account_has_to_be_selected(house: House, browser: Browser) -> None:
    """OpenID Connect Core section 3.1.2.6."""
    assert error(browser.authorize(house.client, prompt="none")) == "account_selection_required"


def test_the_organization_decides_without_asking(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    for person in (ada, bob):
        answer = browser.authorize(house.client, organization=person.tenant.slug, prompt="none")
        assert house.sub(answer) == person.id
    nobody = browser.authorize(house.client, organization=house.other.slug, prompt="none")
    assert error(nobody) == "login_required"


def test_two_accounts_of_one_organization_are_still_two(
    house: House, browser: Browser, bob: UserFixture
) -> None:
    browser.sign_in(browser.get("/login/password?to=overview"), house.world.user(house.outer))
    answer = browser.authorize(house.client, organization=bob.tenant.slug)
    assert len(offered(browser.follow(answer))) == 2


def test_a_hint_that_names_one_account_decides_even_against_what_is_remembered(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    answer = browser.authorize(house.client, login_hint=bob.email.upper(), prompt="none")
    assert house.sub(answer) == bob.id


@pytest.mark.parametrize("hint", ["nobody@example.com", "", "no address", "@" * 300])
def test_a_hint_that_names_none_of_them_decides_nothing(
    house: House, browser: Browser, hint: str
) -> None:
    answer = browser.authorize(house.client, login_hint=hint, prompt="none")
    assert error(answer) == "account_selection_required"


def test_an_account_that_the_client_does_not_serve_is_no_question(
    house: House, browser: Browser, bob: UserFixture
) -> None:
    narrow = house.world.client(house.outer, first_party=True)
    house.client = narrow
    assert house.sub(browser.authorize(narrow)) == bob.id
    page = browser.follow(browser.authorize(narrow, prompt="select_account"))
    assert offered(page) == [bob.id]


def test_another_account_is_signed_in_to_and_is_then_the_one(
    house: House, browser: Browser
) -> None:
    eve = house.world.user(house.other)
    page = browser.follow(browser.authorize(house.client))
    answer = browser.follow(press(browser, page, another="yes"))
    assert where(answer) == PASSWORD_PAGE
    assert house.sub(browser.follow(browser.sign_in(answer, eve))) == eve.id


def test_signing_out_of_one_leaves_the_others_to_choose_from(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    answer = press(browser, page, sign_out=endable(page)[0])
    assert where(answer) == CHOOSER, "the one that is left is not taken unasked"
    page = browser.follow(answer)
    assert offered(page) == [ada.id]
    ended = events(house.world, bob.tenant.id, EventType.SESSION_ENDED.value)
    assert len(ended) == 1
    last = browser.follow(press(browser, page, sign_out=endable(page)[0]))
    assert where(last) == "/oauth/authorize"
    assert where(browser.follow(last)) == PASSWORD_PAGE


def test_login_with_select_account_asks_which_and_then_for_the_password(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login select_account")
    answer = choose(browser, answer, ada)
    assert where(answer) == PASSWORD_PAGE
    page = browser.follow(answer)
    assert ada.email in page.text
    assert 'id="email"' not in page.text
    assert "Use another account" in page.text
    refused = browser.submit(page, email=bob.email, password="wrong")
    assert refused.status_code == 401
    back = browser.submit(page, email=bob.email, password=ada.password)
    assert house.sub(browser.follow(back)) == ada.id


def test_login_alone_lets_the_person_choose_by_signing_in(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login")
    assert where(answer) == PASSWORD_PAGE
    assert house.sub(browser.follow(browser.sign_in(answer, ada))) == ada.id


def test_max_age_is_that_of_the_chosen_account(
    house: House, ada: UserFixture, bob: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    house.world.clock.move(minutes=10)
    browser.sign_in(browser.get("/login/password?to=overview"), bob)
    fresh = choose(browser, browser.authorize(house.client, max_age="60"), bob)
    assert house.sub(fresh) == bob.id
    asked = browser.authorize(house.client, max_age="60", prompt="select_account")
    stale = choose(browser, asked, ada)
    assert where(stale) == PASSWORD_PAGE
    assert house.sub(browser.follow(browser.sign_in(stale, ada))) == ada.id
    silent = browser.authorize(house.client, max_age="60", login_hint=bob.email, prompt="none")
    assert house.sub(silent) == bob.id


def test_each_account_has_its_own_level(house: House, ada: UserFixture) -> None:
    """The second factor of one account is none of another's."""
    owner = Owner(house.world, house.client, house.outer)
    browser = signed_in(house.world, ada)
    owner.sign_in(browser, prompt="login")
    asked = {"acr_values": "urn:authserver:acr:mfa", "prompt": "select_account"}
    assert house.claims(choose(browser, browser.authorize(house.client, **asked), owner.user))[
        "acr"
    ].endswith("mfa")
    weak = choose(browser, browser.authorize(house.client, **asked), ada)
    assert where(weak) == PASSWORD_PAGE
    page = browser.follow(browser.follow(browser.sign_in(weak, ada)))
    assert page.request.path == "/login/mfa/setup"


def test_choosing_another_account_leaves_a_half_sign_in_behind(
    house: House, ada: UserFixture
) -> None:
    owner = Owner(house.world, house.client, house.outer)
    browser = signed_in(house.world, ada)
    house.world.clock.move(seconds=5)
    page = owner.at_the_code(browser, prompt="login")
    assert page.request.path == "/login/mfa"
    chooser = browser.get(f"{CHOOSER}?flow={hidden(page)['flow']}")
    answer = browser.follow(press(browser, chooser, account=ada.id))
    assert where(answer) == PASSWORD_PAGE, "prompt=login holds for whoever was chosen"
    assert ada.email in browser.follow(answer).text


def test_a_choice_is_recorded_in_the_trail_of_the_chosen_account(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    (chosen,) = events(house.world, ada.tenant.id, EventType.ACCOUNT_CHOSEN.value)
    assert chosen.document["resource"] == f"client:{house.client.id}"


def test_consent_is_that_of_the_account_it_was_shown_for(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.client = house.world.client(house.inner, serves=["*"])
    page = browser.follow(choose(browser, browser.authorize(house.client), ada))
    assert page.request.path == "/login/consent"
    chooser = browser.get(f"{CHOOSER}?flow={hidden(page)['flow']}")
    press(browser, chooser, account=bob.id)
    answer = browser.follow(browser.submit(page, decision="allow"))
    assert where(answer) == "/login/consent", "Bob was never asked"
    page = browser.follow(answer)
    assert bob.email in page.text
    assert house.sub(browser.follow(browser.submit(page, decision="allow"))) == bob.id


def test_one_account_costs_no_page_and_no_statement_more(house: House, ada: UserFixture) -> None:
    browser = signed_in(house.world, ada)
    assert house.sub(browser.authorize(house.client)) == ada.id
    with statements(house.world) as ran:
        answer = browser.authorize(house.client)
    assert house.sub(answer) == ada.id
    reads = [text for text in ran if text.lstrip().upper().startswith("SELECT")]
    assert sum("FROM sessions" in text for text in reads) == 1
    assert not [text for text in reads if text.startswith("SELECT users.")], "no guests to look for"


def test_who_has_several_and_was_asked_before_needs_no_page(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    with statements(house.world) as ran:
        assert house.sub(browser.authorize(house.client)) == ada.id
    assert not [text for text in ran if "pending_authorizations" in text]

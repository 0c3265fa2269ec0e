"""The page of sessions: what it shows, what ends, and that it ends at once."""

import re

import pytest
from sqlalchemy import text

from authserver.audit.events import EventType
from tests.support.account import FIREFOX, IPHONE, agree, ask, enter, signed_in_from
from tests.support.browser import Browser, Party, hidden
from tests.support.trail import events
from tests.support.world import UserFixture, World


def id_of(browser: Browser) -> str:
    return hidden(browser.get("/account/profile"))["account"]


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


@pytest.fixture
def here(world: World, person: UserFixture) -> Browser:
    return signed_in_from(world, person, FIREFOX)


@pytest.fixture
def there(world: World, person: UserFixture, here: Browser) -> Browser:  # noqa: ARG001  signed in after it
    return signed_in_from(world, person, IPHONE)


def test_every_live_session_is_shown_with_its_device(here: Browser, there: Browser) -> None:
    page = here.get("/account/sessions")
    assert page.text.count('class="row"') == 2
    assert "Firefox on Linux" in page.text
    assert "Safari on iOS" in page.text
    assert page.text.count("This browser") == 1
    assert "127.0.0.1" in page.text
    assert id_of(there) in page.text


def test_the_device_is_kept_encrypted(world: World, here: Browser) -> None:
    with world.services.database.engine.connect() as connection:
        query = "SELECT device, user_agent FROM sessions WHERE id = :id"
        row = connection.execute(text(query), {"id": id_of(here)}).one()
    assert b"Firefox" not in bytes(row.device)
    assert b"Firefox" not in bytes(row.user_agent)


def test_one_session_ends_for_its_very_next_request(
    world: World, person: UserFixture, here: Browser, there: Browser
) -> None:
    ended = id_of(there)
    assert agree(here, "sessions", ended).headers["Location"] == "/account/sessions"
    assert there.get("/account").status_code == 303
    page = here.get("/account/sessions")
    assert "One session was ended." in page.text
    assert page.text.count('class="row"') == 1
    event = events(world, person.tenant.id, EventType.SESSION_ENDED)[-1]
    assert event.document["resource"] == f"session:{ended}"


def test_sending_the_form_twice_ends_nothing_twice(
    world: World, person: UserFixture, here: Browser, there: Browser
) -> None:
    question = ask(here, "sessions", id_of(there))
    assert [here.submit(question).status_code for _ in range(2)] == [303, 303]
    assert len(events(world, person.tenant.id, EventType.SESSION_ENDED)) == 1


def test_a_link_alone_ends_nothing(here: Browser, there: Browser) -> None:
    for about in (id_of(there), "others"):
        assert "End" in ask(here, "sessions", about).text
    assert there.get("/account").status_code == 200


def test_all_others_end_and_this_one_stays(here: Browser, there: Browser) -> None:
    agree(here, "sessions", "others")
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_native_refresh_tokens_of_an_ended_session_end_and_offline_ones_stay(
    world: World, person: UserFixture, here: Browser, there: Browser
) -> None:
    """Product section 2: the first kind belongs to the sign-in session, the second survives it."""
    client = world.client(person.tenant)
    party = Party(world, client)
    native = party.redeem(there.code(client, person)).json["refresh_token"]
    lasting = world.client(person.tenant)
    scope = "openid offline_access"
    offline = Party(world, lasting).redeem(there.code(lasting, person, scope=scope)).json
    agree(here, "sessions", "others")
    assert party.refresh(native).status_code == 400
    assert Party(world, lasting).refresh(offline["refresh_token"]).status_code == 200


@pytest.mark.parametrize("about", ["others", "one"])
def test_ending_takes_a_recent_sign_in_and_comes_back_to_the_question(
    world: World, person: UserFixture, here: Browser, there: Browser, about: str
) -> None:
    about = id_of(there) if about == "one" else about
    question = ask(here, "sessions", about)
    world.clock.move(seconds=301)
    for answer in (ask(here, "sessions", about), here.submit(question)):
        assert answer.status_code == 303
        assert "/login/password?to=sessions" in answer.headers["Location"]
    assert there.get("/account").status_code == 200
    page = here.follow(answer)
    assert "once more" in page.text
    assert f'value="{person.email}"' in page.text
    back = here.sign_in(page, person)
    assert back.headers["Location"] == f"/account/sessions?about={about}"
    assert here.submit(here.follow(back)).headers["Location"] == "/account/sessions"
    assert there.get("/account").status_code == 303


def test_asking_again_counts_wrong_passwords(
    world: World, person: UserFixture, here: Browser
) -> None:
    world.clock.move(seconds=301)
    page = here.follow(ask(here, "sessions", "others"))
    for _ in range(5):
        assert here.sign_in(page, person, password="Wrong-Horse-7").status_code == 401
    assert here.sign_in(page, person).status_code == 401
    assert events(world, person.tenant.id, EventType.ACCOUNT_LOCKED)


def test_asking_again_takes_only_people_of_that_tenant(
    world: World, person: UserFixture, here: Browser
) -> None:
    world.clock.move(seconds=301)
    page = here.follow(ask(here, "sessions", "others"))
    assert here.sign_in(page, world.user(world.tenant())).status_code == 401
    assert person.email in page.text


def test_asking_again_names_nobody_who_is_not_signed_in_here(world: World, here: Browser) -> None:
    where = {"to": "sessions", "account": id_of(here)}
    page = Browser(world).get("/login/password", query_string=where)
    assert page.status_code == 200
    assert not re.search(r'name="email"[^>]*value="[^"]+', page.text)


def test_another_persons_session_is_not_there(
    world: World, person: UserFixture, here: Browser
) -> None:
    colleague, stranger = world.user(person.tenant), world.user(world.tenant())
    page = here.get("/account/profile")
    for user in (colleague, stranger):
        theirs = Browser(world)
        enter(theirs, user)
        for about in (id_of(theirs), "ses_nobody"):
            assert ask(here, "sessions", about).status_code == 404
            form = {**hidden(page), "about": about}
            assert here.post("/account/sessions", data=form).status_code == 404
        assert theirs.get("/account").status_code == 200
    assert here.post("/account/sessions", data=hidden(page)).status_code == 404


def test_a_session_of_another_issuer_is_not_listed(world: World) -> None:
    tenant = world.tenant(own_issuer=True)
    person = world.user(tenant)
    own, platform = Browser(world, f"/t/{tenant.slug}"), Browser(world)
    enter(own, person)
    enter(platform, person)
    assert platform.get("/account/sessions").text.count('class="row"') == 1


def test_an_idle_session_is_not_listed_but_ends_with_all_others(
    world: World, person: UserFixture, here: Browser, there: Browser
) -> None:
    for _ in range(3):
        world.clock.move(seconds=1500)
        here.get("/account")
    assert here.get("/account/sessions").text.count('class="row"') == 1
    here.sign_in(here.follow(ask(here, "sessions", "others")), person)
    agree(here, "sessions", "others")
    assert len(events(world, person.tenant.id, EventType.SESSION_ENDED)) == 1
    assert there.get("/account").status_code == 303


def test_ending_this_session_is_signing_out(here: Browser) -> None:
    for answer in (
        ask(here, "sessions", id_of(here)),
        here.post(
            "/account/sessions",
            data={**hidden(here.get("/account/profile")), "about": id_of(here)},
        ),
    ):
        assert answer.headers["Location"] == "/login/logout"

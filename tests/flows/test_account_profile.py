"""Profile, security, organisations and the overview."""

import pytest
from sqlalchemy import select, update

from authserver.accounts.models import KnownDevice, User
from authserver.audit.events import EventType
from tests.support.account import FIREFOX, IPHONE, agree, ask, enter, signed_in_from, url
from tests.support.browser import Browser, Party, hidden
from tests.support.trail import events, personal
from tests.support.world import UserFixture, World


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


def change(world: World, person: UserFixture, **values: object) -> None:
    def job(transaction) -> None:  # noqa: ANN001
        statement = update(User).where(User.id == person.id).values(**values)
        transaction.tenant(person.tenant.id).execute(statement)

    world.services.database.write(job)


def save(browser: Browser, **fields: str):  # noqa: ANN201
    typed = {"name": "Ada", "locale": "", "zoneinfo": "", **fields}
    return browser.submit(browser.get("/account/profile"), **typed)


def test_what_is_saved_is_shown_and_reaches_applications(
    world: World, person: UserFixture, browser: Browser
) -> None:
    assert save(browser, name="Ada King", locale="fr", zoneinfo="europe/paris").status_code == 303
    page = browser.get("/account/profile")
    assert 'value="Ada King"' in page.text
    assert 'value="Europe/Paris"' in page.text
    assert '<html lang="fr"' in page.text
    client = world.client(person.tenant)
    token = Party(world, client).redeem(browser.code(client, person)).json["access_token"]
    claims = Party(world, client).userinfo(token).json
    assert (claims["name"], claims["locale"], claims["zoneinfo"]) == (
        "Ada King",
        "fr",
        "Europe/Paris",
    )


def test_times_are_shown_in_the_persons_zone(browser: Browser) -> None:
    save(browser, zoneinfo="Asia/Kathmandu")
    page = browser.get("/account/security").text
    exact = page.partition('<time datetime="')[2][:25]
    assert exact.endswith("+00:00")
    hour, minute = int(exact[11:13]), int(exact[14:16])
    local = (hour * 60 + minute + 345) % (24 * 60)
    assert f"{(local // 60 - 1) % 12 + 1}:{local % 60:02}" in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "   "}, "Enter a name"),
        ({"name": "n" * 121}, "Enter a name"),
        ({"name": "a\u202eb"}, "Enter a name"),
        ({"name": "a\u2028b"}, "Enter a name"),
        ({"locale": "tlh"}, "Choose one of the languages"),
        ({"zoneinfo": "Mars/Base"}, "Choose one of the time zones"),
        ({"zoneinfo": "../../etc/passwd"}, "Choose one of the time zones"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    world: World, person: UserFixture, browser: Browser, fields: dict[str, str], message: str
) -> None:
    page = save(browser, **{"name": "Typed Name", **fields})
    assert page.status_code == 400
    assert message in page.text
    assert 'aria-invalid="true"' in page.text
    if "name" not in fields:
        assert 'value="Typed Name"' in page.text
    assert not events(world, person.tenant.id, EventType.USER_PROFILE_CHANGED)


def test_a_control_character_is_refused_before_anything_reads_it(browser: Browser) -> None:
    assert save(browser, name="a\x07b").status_code == 400


def test_the_change_is_recorded_once_and_its_values_encrypted(
    world: World, person: UserFixture, browser: Browser
) -> None:
    page = browser.get("/account/profile")
    for _ in range(2):
        assert browser.submit(page, name="Grace Hopper", zoneinfo="UTC").status_code == 303
    (event,) = events(world, person.tenant.id, EventType.USER_PROFILE_CHANGED)
    assert event.document["facts"] == {"changed": ["name", "zoneinfo"]}
    assert b"Grace" not in event.body
    values = personal(world, event)
    assert (values["name_before"], values["name_after"]) == ("Ada Lovelace", "Grace Hopper")
    assert values["zoneinfo_after"] == "UTC"


def test_the_overview_tells_of_an_unconfirmed_address(
    world: World, person: UserFixture, browser: Browser
) -> None:
    change(world, person, email_verified=False)
    assert "Unconfirmed email address" in browser.get("/account").text


@pytest.mark.parametrize(("times", "words"), [(1, "One wrong password"), (5, "locked out")])
def test_the_overview_tells_of_wrong_passwords_since_the_sign_in(
    world: World, person: UserFixture, browser: Browser, times: int, words: str
) -> None:
    stranger = Browser(world)
    page = stranger.follow(stranger.get("/account"))
    for _ in range(times):
        stranger.sign_in(page, person, password="Wrong-Horse-7")
    assert words in browser.get("/account").text


def test_a_lock_is_told_even_after_a_sign_in_with_a_known_device(
    world: World, person: UserFixture, browser: Browser
) -> None:
    stranger = Browser(world)
    page = stranger.follow(stranger.get("/account"))
    for _ in range(5):
        stranger.sign_in(page, person, password="Wrong-Horse-7")
    browser.sign_in(browser.get("/login/password", query_string={"to": "overview"}), person)
    assert "New devices were locked out" in browser.get("/account").text
    world.clock.move(seconds=26 * 3600)
    assert "New devices were locked out" not in enter(browser, person).text


def test_known_devices_are_shown_and_this_one_is_marked(
    world: World, person: UserFixture, browser: Browser
) -> None:
    enter(Browser(world), person)
    page = browser.get("/account/security").text
    assert page.count('class="row"') == 2
    assert page.count("This browser") == 1


def test_known_devices_are_listed_by_the_names_their_owners_know(
    world: World, person: UserFixture, browser: Browser
) -> None:
    signed_in_from(world, person, FIREFOX)
    signed_in_from(world, person, IPHONE)
    page = browser.get("/account/security").text
    for name in ("Firefox on Linux", "Safari on iOS"):
        assert f"<bdi>{name}</bdi>" in page
    with world.services.database.read() as view:
        kept = view.tenant(person.tenant.id).scalars(select(KnownDevice.device)).all()
    assert not any(b"Firefox" in device for device in kept if device)


def device_ids(browser: Browser) -> list[str]:
    page = browser.get("/account/security").text
    return [part.partition('"')[0] for part in page.split("/account/security?about=")[1:]]


@pytest.mark.parametrize("about", ["one", "all"])
def test_a_forgotten_device_is_a_strangers(
    world: World, person: UserFixture, browser: Browser, about: str
) -> None:
    enter(Browser(world), person)
    known = [one for one in device_ids(browser) if one != "all"]
    page = agree(browser, "security", known[0] if about == "one" else "all")
    assert page.status_code == 303
    left = browser.get("/account/security").text.count('class="row"')
    assert left == (1 if about == "one" else 0)
    (event,) = events(world, person.tenant.id, EventType.DEVICE_FORGOTTEN)
    gone = event.document["facts"]["devices"]
    assert sorted(gone) == sorted(known[:1] if about == "one" else known)


def test_forgetting_takes_a_recent_sign_in(
    world: World, person: UserFixture, browser: Browser
) -> None:
    (known,) = device_ids(browser)
    question = ask(browser, "security", known)
    world.clock.move(seconds=301)
    for answer in (ask(browser, "security", known), browser.submit(question)):
        assert "/login/password?to=security" in answer.headers["Location"]
    assert device_ids(browser) == [known]
    back = browser.sign_in(browser.follow(answer), person)
    assert back.headers["Location"] == f"/account/security?about={known}"


@pytest.mark.attack("ATK-111")
def test_another_persons_device_is_not_there(
    world: World, person: UserFixture, browser: Browser
) -> None:
    form = hidden(browser.get("/account/profile"))
    for user in (world.user(person.tenant), world.user(world.tenant())):
        theirs = Browser(world)
        enter(theirs, user)
        (known,) = device_ids(theirs)
        assert ask(browser, "security", known).status_code == 404
        answer = browser.post("/account/security", data={**form, "about": known})
        assert answer.status_code == 404
        assert device_ids(theirs) == [known]


def test_guest_accounts_are_listed_and_those_of_others_are_not(
    world: World, person: UserFixture, browser: Browser
) -> None:
    guest, other = world.user(world.tenant()), world.user(world.tenant())
    change(world, guest, home_user_id=person.id)
    change(world, other, home_user_id=world.user(world.tenant()).id)
    page = browser.get(url("tenants")).text
    assert guest.email in page
    assert f"Tenant {guest.tenant.slug}" in page
    assert other.email not in page
    world.services.database.write(
        lambda tx: world.services.tenants.suspend(tx, guest.tenant.slug, world.operator)
    )
    assert guest.email not in browser.get(url("tenants")).text

"""A picture of the account: given, shown, told to applications, taken away."""

import pytest
from PIL import Image
from sqlalchemy import func, select

from authserver.accounts.models import Picture
from authserver.audit.events import EventType
from tests.support.account import enter
from tests.support.browser import Browser, Party, hidden
from tests.support.pictures import picture, shown, upload, url_on
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


def kept(world: World, person: UserFixture) -> int:
    count = select(func.count(Picture.id)).where(Picture.user_id == person.id)
    with world.services.database.read() as view:
        return view.tenant(person.tenant.id).scalar(count) or 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_square_of_our_own_making(browser: Browser, kind: str) -> None:
    answer = upload(browser, picture(kind, (400, 300)), f"me.{kind.lower()}")
    assert answer.headers["Location"] == "/account/profile"
    url = url_on(browser.get("/account"))
    assert url
    image = shown(browser.get(url))
    assert (image.format, image.size) == ("WEBP", (256, 256))
    left, right = (image.convert("RGB").getpixel((x, 128)) for x in (10, 245))
    assert left[0] > 180 > left[2]
    assert right[2] > 180 > right[0]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_taken(browser: Browser, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    data = picture(kind, mode=mode)
    assert upload(browser, data).status_code == 303
    assert shown(browser.get(url_on(browser.get("/account")) or "")).size == (256, 256)


def test_a_photograph_stands_upright(browser: Browser) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn it clockwise
    upload(browser, picture("JPEG", (300, 300), exif=exif, quality=95))
    image = shown(browser.get(url_on(browser.get("/account")) or "")).convert("RGB")
    top, bottom = image.getpixel((128, 20)), image.getpixel((128, 235))
    assert top[0] > 180 > top[2]
    assert bottom[2] > 180 > bottom[0]


def test_applications_learn_of_it_with_the_profile(
    world: World, person: UserFixture, browser: Browser
) -> None:
    client = world.client(person.tenant)
    party = Party(world, client)
    token = party.redeem(browser.code(client, person)).json["access_token"]
    assert "picture" not in party.userinfo(token).json
    upload(browser, picture())
    claim = party.userinfo(token).json["picture"]
    assert claim.startswith("https://auth.example/account/picture/")
    stranger = Browser(world).get(claim.removeprefix("https://auth.example"))
    assert stranger.status_code == 200
    only = party.redeem(browser.code(client, person, scope="openid email")).json["access_token"]
    assert "picture" not in party.userinfo(only).json


def test_the_answer_says_all_that_browsers_should_know(browser: Browser) -> None:
    upload(browser, picture())
    answer = browser.get(url_on(browser.get("/account")) or "")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "Set-Cookie" not in answer.headers


def test_a_new_one_takes_the_place_of_the_old(
    world: World, person: UserFixture, browser: Browser
) -> None:
    upload(browser, picture())
    first = url_on(browser.get("/account"))
    upload(browser, picture("JPEG"))
    second = url_on(browser.get("/account"))
    assert first != second
    assert browser.get(first or "").status_code == 404
    assert browser.get(second or "").status_code == 200
    assert kept(world, person) == 1


def test_it_is_taken_away_again(world: World, person: UserFixture, browser: Browser) -> None:
    upload(browser, picture())
    url = url_on(browser.get("/account")) or ""
    for said in (True, False):
        form = {**hidden(browser.get("/account/picture")), "do": "remove"}
        answer = browser.post("/account/picture", data=form)
        assert answer.headers["Location"] == "/account/profile"
        page = browser.get("/account/profile").text
        assert ("Your picture was removed." in page) is said
    assert browser.get(url).status_code == 404
    assert url_on(browser.get("/account")) is None
    assert kept(world, person) == 0
    recorded = [event.type for event in events(world, person.tenant.id)]
    assert recorded.count(EventType.PICTURE_CHANGED.value) == 1
    assert recorded.count(EventType.PICTURE_REMOVED.value) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Choose a picture first."),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b"x" * (6 * 1024 * 1024), "larger than 2 MB"),
        (b"no picture", "no picture in the format"),
    ],
    ids=["nothing", "a byte too many", "much too many", "a text"],
)
def test_what_is_wrong_with_a_file_is_said(
    world: World, person: UserFixture, browser: Browser, data: bytes, said: str
) -> None:
    answer = upload(browser, data)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert kept(world, person) == 0


def test_the_sign_in_pages_show_it_once_it_is_known_who_it_is(
    world: World, person: UserFixture, browser: Browser
) -> None:
    upload(browser, picture())
    client = world.client(person.tenant)
    consent = browser.follow(browser.authorize(client))
    assert url_on(consent)
    assert url_on(Browser(world).get("/login/password?to=overview")) is None

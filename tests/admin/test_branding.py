"""A tenant's logo and colour: made anew, readable on every page, and in every mail."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from authserver.core.resources import folder
from authserver.tenants.branding.policy import DARK, LIGHT, PART, TEXT, contrast, palette
from tests.admin.callers import Caller, person
from tests.support.account import enter
from tests.support.browser import Browser
from tests.support.joining import Guestbook
from tests.support.mails import html_of, mails_to
from tests.support.pictures import claiming, picture
from tests.support.world import World


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def give(admin: Caller, data: bytes) -> object:
    body = {"image": b64encode(data).decode()}
    return admin.call("PUT", f"/tenants/{admin.tenant.id}/logo", body)


def settings(admin: Caller, **patch: object) -> dict[str, object]:
    answer = admin.call("PATCH", f"/tenants/{admin.tenant.id}/settings", patch)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_logo_keeps_its_proportions_and_nothing_else_of_its_file(
    world: World, admin: Caller
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary in the metadata"
    data = picture("JPEG", (900, 300), exif=exif) + b"<script>alert(1)</script>"
    shown = give(admin, data).json
    for form, kind in (("webp", "WEBP"), ("png", "PNG")):
        answer = Browser(world).get(f"/login/brand/logo/{shown['logo_id']}.{form}")
        image = Image.open(BytesIO(answer.data))
        assert (image.format, image.size) == (kind, (384, 128))
        assert b"canary" not in answer.data
        assert b"script" not in answer.data
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.mimetype == f"image/{form}"


@pytest.mark.attack("ATK-130")
@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        claiming(30_000, 30_000),
        b"",
    ],
)
def test_what_is_no_picture_is_no_logo(admin: Caller, data: bytes) -> None:
    answer = give(admin, data)
    assert answer.status_code in {400, 422}, answer.text
    shown = admin.call("GET", f"/tenants/{admin.tenant.id}/settings")
    assert shown.json["logo_id"] is None


def test_a_file_that_is_too_large_is_not_even_decoded(admin: Caller) -> None:
    assert give(admin, b"\0" * 600_000).status_code == 413


def test_a_logo_is_found_by_its_whole_id_and_is_gone_when_it_is_taken_away(
    world: World, admin: Caller
) -> None:
    first = give(admin, picture("PNG", (64, 64))).json["logo_id"]
    second = give(admin, picture("PNG", (64, 64))).json["logo_id"]
    browser = Browser(world)
    url = f"/login/brand/logo/{second}"
    assert browser.get(f"/login/brand/logo/{first}.webp").status_code == 404
    assert browser.get(f"{url}.svg").status_code == 404
    assert browser.get(f"{url[:-1]}.webp").status_code == 404
    own = world.tenant(own_issuer=True)
    assert browser.get(f"/t/{own.slug}{url}.webp").status_code == 404, "of another tenant"
    assert browser.get(f"{url}.webp").status_code == 200
    admin.call("DELETE", f"/tenants/{admin.tenant.id}/logo")
    assert browser.get(f"{url}.webp").status_code == 404


def test_every_page_has_the_colour_and_the_logo_of_whose_it_is(world: World, admin: Caller) -> None:
    logo = give(admin, picture("PNG", (64, 64))).json["logo_id"]
    settings(admin, accent="#0a7d55", website="https://globex.example/")
    look = ("/login/brand/page/0a7d55.css", f"/login/brand/logo/{logo}.webp", "globex.example")
    browser, client = Browser(world), world.client(admin.tenant)
    assert admin.stage is not None
    sign_in = browser.follow(browser.authorize(client))
    enter(browser, admin.stage.person)
    for page in (sign_in, browser.get("/account")):
        for part in look[:2]:
            assert part in page.text
    assert look[2] in sign_in.text
    other = Browser(world)
    assert "/login/brand/" not in other.follow(other.authorize(world.client(world.tenant()))).text


def test_every_mail_has_the_colour_and_carries_the_logo(world: World) -> None:
    book = Guestbook(world)
    admin = person(world, "PLATFORM_ADMIN")
    opened = {"reason": "A look at the brand, ticket 1", "minutes": 5}
    admin.call("POST", f"/tenants/{book.tenant.id}/access", opened)
    one = f"/tenants/{book.tenant.id}"
    image = b64encode(picture("PNG", (96, 48))).decode()
    assert admin.call("PUT", f"{one}/logo", {"image": image}).status_code == 200
    admin.call("PATCH", f"{one}/settings", {"accent": "#0a7d55"})
    book.mailed()
    (mail,) = mails_to(world, book.email, book.tenant.id)
    assert "#0a7d55" in html_of(mail)
    assert 'width="64" height="32"' in html_of(mail)
    (attached,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert attached["Content-ID"].strip("<>") in html_of(mail)
    assert Image.open(BytesIO(attached.get_content())).size == (96, 48)
    assert "http" not in html_of(mail).partition("<img")[2].partition(">")[0]


@pytest.mark.parametrize("step", range(0, 256, 51))
def test_every_colour_stays_readable_in_both_themes(step: int) -> None:
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            colour = f"#{red:02x}{green:02x}{step:02x}"
            for theme in (LIGHT, DARK):
                made = palette(colour, theme)
                for button in ("accent", "accent-hover"):
                    assert contrast(made["on-accent"], made[button]) >= TEXT, (colour, made)
                assert contrast(made["accent"], theme.backgrounds[0]) >= PART, (colour, made)
                for background in (*theme.backgrounds, made["info-soft"]):
                    assert contrast(made["link"], background) >= TEXT, (colour, made)
                assert contrast(made["on-tile"], made["tile"]) >= TEXT, (colour, made)


def test_the_backgrounds_are_those_of_the_stylesheet() -> None:
    text = Path(folder("static"), "css", "app.css").read_text()
    for theme in (LIGHT, DARK):
        for background in theme.backgrounds:
            assert background in text


@pytest.mark.attack("ATK-131")
@pytest.mark.parametrize(
    "colour", ["red", "#fff", "#0a7d5g", "#0a7d55;}", "url(x)", "#0A7D55", "#0a7d55\n"]
)
def test_a_colour_is_six_digits_and_no_css(world: World, admin: Caller, colour: str) -> None:
    answer = admin.call("PATCH", f"/tenants/{admin.tenant.id}/settings", {"accent": colour})
    assert answer.status_code in {400, 422}, answer.text
    assert Browser(world).get(f"/login/brand/page/{colour.strip()}.css").status_code == 404
    good = Browser(world).get("/login/brand/page/0a7d55.css")
    assert (good.status_code, good.mimetype) == (200, "text/css")
    assert "immutable" in good.headers["Cache-Control"]


def test_formats_are_known_ones_and_null_takes_them_away(admin: Caller) -> None:
    good = {"locale": "de", "time_zone": "Europe/Berlin", "currency": "EUR", "date_format": "iso"}
    assert good.items() <= settings(admin, **good).items()
    one = f"/tenants/{admin.tenant.id}/settings"
    for wrong in (
        {"locale": "tlh"},
        {"time_zone": "Mars/Base"},
        {"time_zone": "posixrules"},
        {"time_zone": "/etc/passwd"},
        {"currency": "eur"},
        {"date_format": "%c"},
        {"website": "javascript:alert(1)"},
        {"website": "http://globex.example"},
        {"logo_id": "x"},
    ):
        assert admin.call("PATCH", one, wrong).status_code in {400, 422}, wrong
    gone = settings(admin, **dict.fromkeys(good))
    assert {gone[name] for name in good} == {None}


def test_dates_and_times_are_as_the_tenant_has_them(world: World, admin: Caller) -> None:
    assert admin.stage is not None
    browser = Browser(world)
    enter(browser, admin.stage.person)
    settings(admin, time_zone="Asia/Tokyo", date_format="iso")
    tokyo = browser.get("/account/sessions").text
    settings(admin, time_zone="America/New_York", date_format="mdy")
    assert tokyo != browser.get("/account/sessions").text
    now = world.clock.now()
    assert f"{now:%Y-%m-}" in tokyo

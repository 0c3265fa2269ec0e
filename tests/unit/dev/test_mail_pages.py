"""/dev/mail: what it shows, and that it is nowhere but in the demo."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from authserver.core.database.engine import make_engine
from authserver.core.ids import new_id
from authserver.delivery.folder import FolderTransport
from authserver.delivery.mail import Brand, Renderer
from authserver.delivery.outbox import Content
from tests.conftest import install
from tests.support.clock import ManualClock
from tests.support.pictures import picture
from tests.support.rules import every_rule
from tests.support.world import World, make_world, settings_for

ISSUER = "http://localhost:8000"
VALUES = {"name": "<b>Ada</b>", "application": "Portal", "time": "2026-11-24 12:00 UTC"}
SHOWN = {"issuer": ISSUER, "dev_mail": "on"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("dev")
    url = f"sqlite:///{folder}/authserver.db"
    world = install(url, folder, ["ES256"])
    world.services.database.close()
    yield url, folder
    make_engine(url).dispose()


@pytest.fixture
def world(place: tuple[str, Path], tmp_path: Path) -> Iterator[World]:
    made = make_world(settings_for(place[0], tmp_path, **SHOWN))
    yield made
    made.services.database.close()


@pytest.fixture
def browser(world: World) -> Client:
    return world.app.test_client()


def put(
    folder: Path, to: str = "ada@example.com", locale: str = "en", logo: bytes | None = None
) -> str:
    message_id = new_id("msg")
    brand = Brand(logo=logo, logo_width=32)
    render = Renderer(ISSUER, clock=ManualClock(), brand_of=lambda _: brand)
    content = Content(to, VALUES, locale)
    mail = render(message_id, "application_signed_out", content, tenant_id="ten_1")
    FolderTransport(folder / "mail").send(message_id, mail)
    return message_id


def get(browser: Client, path: str, host: str = "localhost:8000") -> Any:
    return browser.get(path, headers={"Host": host}, environ_base={"REMOTE_ADDR": "127.0.0.1"})


def test_without_mails_the_page_says_how_to_get_one(browser: Client) -> None:
    page = get(browser, "/dev/mail")
    assert page.status_code == 200
    assert "Nothing was sent yet" in page.text


def test_the_newest_mail_comes_first(browser: Client, tmp_path: Path) -> None:
    ids = [put(tmp_path, f"p{number}@example.com") for number in range(3)]
    page = get(browser, "/dev/mail")
    assert re.findall(r'href="/dev/mail/(\w+)"', page.text) == sorted(ids, reverse=True)
    assert re.findall(r"p\d@example.com", page.text) == [
        f"p{number}@example.com" for number in (2, 1, 0)
    ]


def test_a_mail_is_shown_as_text_with_its_links_and_in_a_frame_without_rights(
    browser: Client, tmp_path: Path
) -> None:
    message_id = put(tmp_path)
    page = get(browser, f"/dev/mail/{message_id}")
    assert page.status_code == 200
    assert "An application was signed out of your account" in page.text
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in page.text
    assert f'<a href="{ISSUER}">{ISSUER}</a>' in page.text
    (frame,) = re.findall(r"<iframe[^>]*>", page.text)
    assert f'src="/dev/mail/{message_id}/html"' in frame
    assert frame.endswith(" sandbox>")
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("; frame-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_html_of_a_mail_can_do_nothing(browser: Client, tmp_path: Path) -> None:
    document = get(browser, f"/dev/mail/{put(tmp_path)}/html")
    assert document.status_code == 200
    assert document.content_type == "text/html; charset=utf-8"
    assert "&lt;b&gt;Ada&lt;/b&gt;" in document.text
    rules = document.headers["Content-Security-Policy"].split("; ")
    assert "sandbox" in rules
    assert "default-src 'none'" in rules
    assert "frame-ancestors 'self'" in rules
    assert not any(rule.startswith("script-src") for rule in rules)


def test_a_mail_shows_the_pictures_that_it_brings_and_no_others(
    browser: Client, tmp_path: Path
) -> None:
    logo = picture("PNG", (30, 30))
    message_id = put(tmp_path, logo=logo)
    document = get(browser, f"/dev/mail/{message_id}/html")
    place = f"{ISSUER}/dev/mail/{message_id}/image/"
    assert ("cid:" in document.text, f'src="{place}0"' in document.text) == (False, True)
    rules = document.headers["Content-Security-Policy"].split("; ")
    assert f"img-src {place}" in rules
    shown = get(browser, f"/dev/mail/{message_id}/image/0")
    assert (shown.data, shown.content_type) == (logo, "image/png")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    for other in (f"{message_id}/image/1", f"{message_id}/image/-1", f"{put(tmp_path)}/image/0"):
        assert get(browser, f"/dev/mail/{other}").status_code == 404


def test_a_picture_that_holds_a_script_is_not_given(browser: Client, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("Hello")
    mail.add_alternative('<img src="cid:a">', subtype="html")
    mail.get_payload()[1].add_related(b"<svg/>", "image", "svg+xml", cid="<a>")  # type: ignore[union-attr, index]  # a part of it
    message_id = new_id("msg")
    FolderTransport(tmp_path / "mail").send(message_id, mail)
    assert get(browser, f"/dev/mail/{message_id}/image/0").status_code == 404


@pytest.mark.parametrize("path", ["nothing", "../../authserver.db", "%2e%2e%2fmaster.key", ""])
@pytest.mark.parametrize("more", ["", "/html"])
def test_what_is_no_mail_is_not_there(browser: Client, path: str, more: str) -> None:
    assert get(browser, f"/dev/mail/{path}{more}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/dev/mail", "/dev/mail/{}", "/dev/mail/{}/html", "/dev/mail/{}/image/0"]
)
def test_a_site_that_rebinds_its_name_to_this_machine_sees_nothing(
    browser: Client, tmp_path: Path, path: str
) -> None:
    path = path.format(put(tmp_path, logo=picture("PNG", (30, 30))))
    assert get(browser, path).status_code == 200
    assert get(browser, path, host="evil.example:8000").status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        SHOWN | {"dev_mail": "off"},
        SHOWN | {"issuer": "https://id.example.com"},
        SHOWN | {"smtp_url": "smtp://mail.example"},
    ],
    ids=["not the demo", "not this machine", "a mail server"],
)
def test_elsewhere_it_does_not_exist(
    place: tuple[str, Path], tmp_path: Path, settings: dict[str, str]
) -> None:
    world = make_world(settings_for(place[0], tmp_path, **settings))
    message_id = put(tmp_path)
    browser = world.app.test_client()
    for path in ("/dev/mail", f"/dev/mail/{message_id}", f"/dev/mail/{message_id}/html"):
        assert get(browser, path).status_code == 404
    assert not [rule for rule in every_rule(world.app) if rule.rule.startswith("/dev/")]
    world.services.database.close()

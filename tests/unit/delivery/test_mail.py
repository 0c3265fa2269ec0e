import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from authserver.delivery.folder import FolderTransport
from authserver.delivery.mail import Renderer
from authserver.delivery.outbox import Content

ISSUER = "https://id.example.com"
VALUES = {
    "name": "Ada",
    "address": "203.0.113.9",
    "browser": "Firefox, Linux",
    "time": "2026-11-24 12:00 UTC",
    "until": "2026-11-24 12:30 UTC",
}


@pytest.fixture
def render(clock: SimpleNamespace) -> Callable[..., EmailMessage]:
    def rendered(to: str = "ada@example.com", **values: str) -> EmailMessage:
        content = Content(to, VALUES | values, None)
        return Renderer(ISSUER, clock=clock)("msg_1", "account_locked", content)

    return rendered


@pytest.fixture
def german(tmp_path: Path, clock: SimpleNamespace) -> Callable[..., EmailMessage]:
    """Render in a language, where a catalogue of one German text is all there is."""
    catalogue = Catalog(locale="de")
    catalogue.add("Sign-in to your account is locked for a while", "Gesperrt")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)

    def rendered(locale: str | None, default: str) -> EmailMessage:
        render = Renderer(ISSUER, clock=clock, language=default, translations=tmp_path)
        return render("msg_1", "account_locked", Content("ada@example.com", VALUES, locale))

    return rendered


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content()


def test_the_mail_says_when_from_where_until_when_and_what_to_do(
    render: Callable[..., EmailMessage],
) -> None:
    message = render()
    assert message["Subject"] == "Sign-in to your account is locked for a while"
    assert message["To"] == "ada@example.com"
    assert message["From"] == "authserver <no-reply@id.example.com>"
    assert message["Message-ID"] == "<msg_1@id.example.com>"
    for kind in ("plain", "html"):
        for expected in (*VALUES.values(), "If this was you", "If this was not you"):
            assert expected in body(message, kind)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("en", "Your password was changed"),
        ("de", "Ihr Passwort wurde geändert"),
        ("fr", "Votre mot de passe a été modifié"),
        ("es", "Se ha cambiado su contraseña"),
    ],
)
def test_a_changed_password_is_told_in_every_language(
    clock: SimpleNamespace, locale: str, subject: str
) -> None:
    values = {name: VALUES[name] for name in ("name", "address", "browser", "time")}
    content = Content("ada@example.com", values, locale)
    message = Renderer(ISSUER, clock=clock)("msg_1", "password_changed", content)
    assert message["Subject"] == subject
    for kind in ("plain", "html"):
        for expected in values.values():
            assert expected in body(message, kind)


def test_the_only_link_leads_to_the_configured_issuer(
    render: Callable[..., EmailMessage],
) -> None:
    message = render()
    for kind in ("plain", "html"):
        assert set(re.findall(r"https?://[^\s\"<]+", body(message, kind))) == {ISSUER}


def test_what_people_typed_is_escaped_in_html_and_untouched_in_text(
    render: Callable[..., EmailMessage],
) -> None:
    message = render(name="<b>O'Neil & 100%</b>")
    assert "<b>" not in body(message, "html")
    assert "&lt;b&gt;O&#39;Neil &amp; 100%&lt;/b&gt;" in body(message, "html")
    assert "Hello <b>O'Neil & 100%</b>," in body(message, "plain")


def test_an_unknown_address_and_browser_are_called_so(
    render: Callable[..., EmailMessage],
) -> None:
    text = body(render(address="", browser=""), "plain")
    assert "Address: unknown" in text
    assert "Browser: unknown" in text


@pytest.mark.parametrize("to", ["andré@example.com", "ada@example.com"])
def test_a_mail_is_a_message_that_programs_read(
    render: Callable[..., EmailMessage], to: str
) -> None:
    read = message_from_bytes(render(to).as_bytes(), policy=SMTP)
    assert read["To"] == to
    assert not read.defects
    assert read.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    ("locale", "default", "chosen"),
    [("de", "en", "de"), (None, "de", "de"), ("xx", "de", "de"), ("fr", "de", "fr")],
)
def test_the_mail_is_in_the_persons_language_else_in_the_installations(
    german: Callable[..., EmailMessage], locale: str | None, *, default: str, chosen: str
) -> None:
    message = german(locale, default)
    english = "Sign-in to your account is locked for a while"
    assert message["Subject"] == ("Gesperrt" if chosen == "de" else english)
    assert f'lang="{chosen}"' in body(message, "html")


def test_a_mail_lies_in_the_folder_whole_and_for_its_owner_alone(
    tmp_path: Path, render: Callable[..., EmailMessage]
) -> None:
    FolderTransport(tmp_path / "mail").send("msg_1", render())
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "msg_1.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert message_from_bytes(file.read_bytes(), policy=SMTP)["To"] == "ada@example.com"


def test_a_mail_that_is_there_is_not_written_again(
    tmp_path: Path, render: Callable[..., EmailMessage]
) -> None:
    transport = FolderTransport(tmp_path)
    transport.send("msg_1", render("first@example.com"))
    transport.send("msg_1", render("second@example.com"))
    (file,) = tmp_path.iterdir()
    assert b"first@example.com" in file.read_bytes()
    assert b"second@example.com" not in file.read_bytes()

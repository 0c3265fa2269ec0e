"""The mails about a second factor: whole, in every language, and without a secret."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.delivery.mail import Renderer
from authserver.delivery.outbox import Content, Message
from authserver.mfa import notices
from tests.support.clock import ManualClock

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
BY = Actor("user", "usr_1", "cor_1", "203.0.113.9", "Mozilla/5.0 (X11; Linux) Firefox/140.0")


def person(locale: str = "en") -> UserSnapshot:
    return UserSnapshot("usr_1", "ten_1", "ada@example.com", "Ada <b>", locale, 1)


def rendered(message: Message) -> EmailMessage:
    render = Renderer("https://id.example.com", clock=ManualClock())
    content = Content(message.to, message.values, message.locale)
    return render("msg_1", message.template, content)


def all_of(locale: str) -> list[Message]:
    user = person(locale)
    return [
        notices.factor_added(user, BY, NOW),
        notices.factor_locked(user, BY, until=NOW, closed=False, now=NOW),
        notices.factor_locked(user, BY, until=NOW, closed=True, now=NOW),
        notices.backup_code_used(user, BY, left=7, now=NOW),
        notices.backup_code_used(user, BY, left=1, now=NOW),
        notices.factors_reset(user, NOW),
    ]


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_every_mail_is_made_in_every_language(locale: str) -> None:
    subjects = set()
    for message in all_of(locale):
        mail = rendered(message)
        subjects.add(mail["Subject"])
        text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert "2026-11-24 10:30 UTC" in text
        assert "Ada <b>" in text
        assert "Ada &lt;b&gt;" in page
        assert "\n\n\n" not in text.strip()
    assert len(subjects) == 4


@pytest.mark.parametrize(
    ("left", "words"),
    [(9, "You have 9 backup codes left"), (4, "You have 4"), (3, "Only 3 backup codes are left"),
     (1, "Only 1 backup code is left"), (0, "Only 0 backup codes are left")],
)  # fmt: skip
def test_few_backup_codes_are_warned_of(left: int, words: str) -> None:
    mail = rendered(notices.backup_code_used(person(), BY, left=left, now=NOW))
    assert words in mail.get_body(("plain",)).get_content()


def test_a_lock_says_until_when_or_that_somebody_must_help() -> None:
    locked = rendered(notices.factor_locked(person(), BY, until=NOW, closed=False, now=NOW))
    closed = rendered(notices.factor_locked(person(), BY, until=NOW, closed=True, now=NOW))
    assert "until 2026-11-24 10:30 UTC" in locked.get_body(("plain",)).get_content()
    assert "until your administrator" in closed.get_body(("plain",)).get_content()

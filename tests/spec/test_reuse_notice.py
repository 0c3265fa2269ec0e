"""Who owns the account is told, once, that a code or refresh token came twice (R-14, R-21)."""

import json
import re
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, text

from authserver.delivery.mail import Renderer
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Content, open_content
from authserver.oauth.token.grants import base
from tests.spec.tools import Stage, change, error_of, events, stage, tenant_stage
from tests.support.browser import ISSUER
from tests.support.parallel import together
from tests.support.world import UserFixture, World

INVALID_GRANT = (400, "invalid_grant")
NAMES = {
    "en": "An application was signed out of your account",
    "de": "Eine Anwendung wurde von Ihrem Konto abgemeldet",
    "fr": "Une application a été déconnectée de votre compte",
    "es": "Se ha cerrado la sesión de una aplicación en su cuenta",
}


def told(world: World, person: UserFixture) -> list[tuple[str, Content]]:
    """Return template and content of what waits to be sent to a person, sign-ins apart."""
    query = select(OutboxMessage).where(
        OutboxMessage.user_id == person.id, OutboxMessage.template != "new_browser"
    )
    with world.services.database.read() as view:
        rows = view.tenant(person.tenant.id).scalars(query.order_by(OutboxMessage.id)).all()
    keyring = world.services.keyring
    return [(row.template, open_content(row.id, row.content, keyring)) for row in rows]


def mail(world: World, person: UserFixture) -> EmailMessage:
    """Return the one mail that a person gets, as it is sent."""
    ((template, content),) = told(world, person)
    return Renderer(world.services.settings.issuer, clock=world.clock)("msg_1", template, content)


def body(message: EmailMessage, kind: str) -> str:
    part: Any = message.get_body((kind,))
    return part.get_content()


def replay_code(on: Stage) -> None:
    code = on.code()
    assert on.party.redeem(code).status_code == 200
    assert error_of(on.party.redeem(code)) == INVALID_GRANT


def used_refresh_token(on: Stage) -> str:
    """Return a refresh token whose successor was used, too."""
    token = on.tokens()["refresh_token"]
    on.party.refresh(on.party.refresh(token).json["refresh_token"])
    return token


def reuse_refresh_token(on: Stage) -> None:
    assert error_of(on.party.refresh(used_refresh_token(on))) == INVALID_GRANT


REUSES = pytest.mark.parametrize("reuse", [replay_code, reuse_refresh_token])


@pytest.mark.every_database
@pytest.mark.bcp("R-14")
@pytest.mark.bcp("R-21")
@REUSES
def test_the_mail_names_application_and_time_and_says_what_to_do(world: World, reuse: Any) -> None:
    on = stage(world, name="Quarterly Figures")
    reuse(on)
    message = mail(world, on.person)
    assert message["To"] == on.person.email
    assert message["Subject"] == NAMES["en"]
    for kind in ("plain", "html"):
        said = body(message, kind)
        assert "Quarterly Figures" in said
        assert f"{world.clock.now():%Y-%m-%d %H:%M} UTC" in said
        assert "sign in to it again" in said
        assert "tell your administrator" in said


@pytest.mark.bcp("R-21")
def test_the_name_of_an_application_is_text(world: World) -> None:
    on = stage(world, name="Figures <b>100%</b> & more")
    reuse_refresh_token(on)
    message = mail(world, on.person)
    assert "Figures &lt;b&gt;100%&lt;/b&gt; &amp; more" in body(message, "html")
    assert "Figures <b>100%</b> & more" in body(message, "plain")


@pytest.mark.bcp("R-21")
@REUSES
def test_an_issuer_of_a_tenants_own_tells_too(world: World, reuse: Any) -> None:
    on = tenant_stage(world)
    reuse(on)
    assert len(told(world, on.person)) == 1


@pytest.mark.bcp("R-21")
@pytest.mark.parametrize("language", NAMES)
def test_the_mail_is_in_the_persons_language(on: Stage, language: str) -> None:
    change(
        on.world,
        lambda tx: tx.connection.execute(
            text("UPDATE users SET locale = :l WHERE id = :i"), {"l": language, "i": on.person.id}
        ),
    )
    reuse_refresh_token(on)
    message = mail(on.world, on.person)
    assert message["Subject"] == NAMES[language]
    assert f'<html lang="{language}">' in body(message, "html")


@pytest.mark.bcp("R-21")
def test_no_link_is_made_of_what_a_request_says(on: Stage) -> None:
    answer = on.world.app.test_client().post(
        "/oauth/token",
        base_url=ISSUER,
        data={"grant_type": "refresh_token", "refresh_token": used_refresh_token(on)},
        auth=(on.client.id, on.client.secret),
        environ_overrides={"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"},
    )
    assert error_of(answer) == INVALID_GRANT
    message = mail(on.world, on.person)
    for kind in ("plain", "html"):
        said = body(message, kind)
        assert set(re.findall(r"https?://[^\s\"<]+", said)) == {ISSUER}
        assert "evil" not in said


@pytest.mark.bcp("R-21")
def test_a_family_that_is_replayed_again_and_again_is_told_of_once(on: Stage) -> None:
    code = on.code()
    first = on.party.redeem(code).json["refresh_token"]
    second = on.party.refresh(first).json["refresh_token"]
    on.party.refresh(second)
    for _ in range(3):
        on.world.clock.move(seconds=60)
        for answer in (on.party.redeem(code), on.party.refresh(first), on.party.refresh(second)):
            assert error_of(answer) == INVALID_GRANT
    assert len(told(on.world, on.person)) == 1


@pytest.mark.bcp("R-21")
def test_each_family_is_told_of(on: Stage) -> None:
    reuse_refresh_token(on)
    replay_code(on)
    assert len(told(on.world, on.person)) == 2


@pytest.mark.every_database
@pytest.mark.bcp("R-21")
def test_replays_of_the_same_moment_are_told_of_once(on: Stage) -> None:
    token = used_refresh_token(on)
    answers = together(8, lambda _: on.party.refresh(token))
    assert {error_of(answer) for answer in answers} == {INVALID_GRANT}
    assert len(told(on.world, on.person)) == 1


@pytest.mark.bcp("R-21")
def test_nobody_is_told_of_what_is_no_reuse(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    on.party.refresh(token)
    assert on.party.refresh(token).status_code == 200, "a retry within the grace time"
    on.party.revoke(token)
    assert error_of(on.party.refresh(token)) == INVALID_GRANT, "its client ended it"
    code = on.code()
    assert error_of(on.party.redeem(code, code_verifier="w" * 64)) == INVALID_GRANT
    assert told(on.world, on.person) == []


@pytest.mark.rfc("TOP-03")
def test_revocation_event_and_mail_are_one_transaction(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the outbox is broken")

    token, code = used_refresh_token(on), on.code()
    newest = on.party.redeem(code).json
    with monkeypatch.context() as patched:
        patched.setattr(base, "enqueue", broken)
        assert on.party.refresh(token).status_code == 500
        assert on.party.redeem(code).status_code == 500
    for type_ in ("refresh.reuse_detected", "code.replayed"):
        assert events(on.world, on.tenant, type_) == []
    assert on.party.userinfo(newest["access_token"]).status_code == 200
    assert error_of(on.party.refresh(token)) == INVALID_GRANT
    assert len(told(on.world, on.person)) == 1


@pytest.mark.rfc("TOP-03")
def test_the_worker_is_woken_after_the_commit_and_only_for_a_mail(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    mails = on.world.services.mail
    monkeypatch.setattr(mails._bell, "set", lambda: seen.append(len(told(on.world, on.person))))  # noqa: SLF001  what `wake` rings
    reuse_refresh_token(on)
    assert seen == [1]


@pytest.mark.every_database
@pytest.mark.rfc("TOP-03")
def test_the_address_and_the_text_are_encrypted_in_the_database(on: Stage) -> None:
    reuse_refresh_token(on)
    query = text("SELECT content FROM outbox_messages WHERE user_id = :u")
    with on.world.services.database.read() as view:
        stored = bytes(view.connection.execute(query, {"u": on.person.id}).scalar_one())
    assert on.person.email.encode() not in stored
    with pytest.raises(json.JSONDecodeError):
        json.loads(stored.decode("latin-1"))

import json
from types import SimpleNamespace

import pytest

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.core.crypto import Place
from authserver.core.problems import Refused
from authserver.tenants.models import Tenant

ISSUER = "https://id.example.com"
SOMEBODY = Actor("user", "", "req_end")


def end(lobby: SimpleNamespace, tenant_id: str, session_id: str) -> bool:
    return lobby.database.write(
        lambda tx: lobby.service.end(tx, tenant_id, session_id=session_id, actor=SOMEBODY)
    )


def end_all(lobby: SimpleNamespace, browser: str | None) -> int:
    return lobby.database.write(
        lambda tx: lobby.service.end_all_of_browser(tx, browser, actor=SOMEBODY)
    )


def test_a_session_is_found_by_its_browser_with_the_person_as_they_are_now(
    lobby: SimpleNamespace, acme: Tenant, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada)
    lobby.change(ada.id, name="Ada King", locale="de")
    (found,) = lobby.service.present(browser, ISSUER)
    assert found.id == started.id
    assert found.tenant_id == acme.id
    assert (found.user.name, found.user.locale) == ("Ada King", "de")
    assert (found.level, found.amr) == (1, ("pwd",))
    assert found.auth_time == lobby.clock.now()


@pytest.mark.parametrize("token", [None, "", "unknown", "x" * 8000, "\ud7ff\0"])
def test_another_token_finds_nothing(
    lobby: SimpleNamespace, ada: UserSnapshot, token: str | None
) -> None:
    lobby.start(ada)
    assert lobby.present(token) == []


def test_the_token_is_random_and_stored_only_as_a_hash(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    (_, first), (_, second) = lobby.start(ada), lobby.start(ada)
    assert first != second
    assert len(first) == 43
    assert all(first.encode() not in row.browser_hash for row in lobby.rows())


@pytest.mark.attack("ATK-065")
def test_a_token_known_before_the_sign_in_is_worth_nothing_after_it(
    lobby: SimpleNamespace, acme: Tenant, ada: UserSnapshot
) -> None:
    mallory = lobby.user(acme)
    _, planted = lobby.start(mallory)
    _, browser = lobby.start(ada, planted)
    assert lobby.present(planted) == []
    assert lobby.present(browser) == [ada.id, mallory.id]


def test_a_token_that_was_never_issued_is_not_adopted(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    _, browser = lobby.start(ada, "made-up-by-somebody")
    assert browser != "made-up-by-somebody"
    assert lobby.present("made-up-by-somebody") == []


def test_several_accounts_of_several_tenants_are_signed_in_in_one_browser(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    eve = lobby.user(lobby.installation.tenant("other"))
    _, browser = lobby.start(ada)
    lobby.clock.advance(seconds=1)
    _, browser = lobby.start(eve, browser)
    assert lobby.present(browser) == [eve.id, ada.id]


def test_the_same_account_again_renews_its_session_under_a_new_name(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    """Tokens of other clients belong to the session: signing in again must not end them."""
    old, name = lobby.start(ada)
    lobby.clock.advance(seconds=1)
    new, renamed = lobby.start(ada, name)
    assert new.id == old.id
    assert new.auth_time == lobby.clock.now()
    assert lobby.present(name) == []
    assert lobby.present(renamed) == [ada.id]
    assert lobby.installation.events("session.ended") == []


def test_a_session_that_idled_out_is_not_renewed_but_ends(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    old, browser = lobby.start(ada)
    lobby.clock.advance(hours=2)
    new, browser = lobby.start(ada, browser)
    assert new.id != old.id
    assert lobby.row(old).ended_at == lobby.clock.now()
    assert len(lobby.installation.events("session.ended")) == 1


def test_the_same_account_in_another_browser_stays_signed_in(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    _, one = lobby.start(ada)
    _, other = lobby.start(ada)
    assert lobby.present(one) == lobby.present(other) == [ada.id]


def test_a_session_counts_only_at_its_own_issuer(lobby: SimpleNamespace, ada: UserSnapshot) -> None:
    tenants_own = f"{ISSUER}/t/acme"
    _, browser = lobby.start(ada)
    assert lobby.present(browser, tenants_own) == []
    _, browser = lobby.start(ada, browser, issuer=tenants_own)
    assert lobby.present(browser) == lobby.present(browser, tenants_own) == [ada.id]


def test_an_hour_without_use_ends_a_session(lobby: SimpleNamespace, ada: UserSnapshot) -> None:
    _, browser = lobby.start(ada)
    lobby.clock.advance(minutes=59, seconds=59)
    assert lobby.present(browser) == [ada.id]
    lobby.clock.advance(minutes=59, seconds=59)
    assert lobby.present(browser) == [ada.id]
    lobby.clock.advance(minutes=60)
    assert lobby.present(browser) == []
    assert lobby.present(browser) == []


def test_a_day_after_the_sign_in_a_session_ends_however_much_it_is_used(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    _, browser = lobby.start(ada)
    for _ in range(47):
        lobby.clock.advance(minutes=30)
        assert lobby.present(browser) == [ada.id]
    lobby.clock.advance(minutes=30)
    assert lobby.present(browser) == []


def test_an_expired_session_is_not_revived_by_a_late_note_of_its_use(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada)
    lobby.clock.advance(hours=1)
    lobby.database.write(lambda tx: lobby.service.seen(tx, [started]))
    assert lobby.present(browser) == []


def test_its_use_is_written_at_most_once_a_minute(
    lobby: SimpleNamespace, ada: UserSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, browser = lobby.start(ada)
    writes, write = [], lobby.database.write
    monkeypatch.setattr(lobby.database, "write", lambda job: (writes.append(job), write(job))[1])
    for _ in range(12):
        lobby.clock.advance(seconds=10)
        lobby.present(browser)
    assert len(writes) == 2


@pytest.mark.parametrize("closed", ["epoch", "disabled", "suspended"])
def test_a_closed_account_or_tenant_is_signed_out_at_once(
    lobby: SimpleNamespace, ada: UserSnapshot, closed: str
) -> None:
    _, browser = lobby.start(ada)
    if closed == "suspended":
        suspend = lobby.installation.tenants.suspend
        lobby.database.write(lambda tx: suspend(tx, "acme", lobby.installation.operator))
    elif closed == "disabled":
        lobby.change(ada.id, disabled_at=lobby.clock.now())
    else:
        lobby.change(ada.id, security_epoch=2)
    assert lobby.present(browser) == []
    with pytest.raises(Refused):
        lobby.start(ada)


def test_a_session_from_before_a_higher_epoch_stays_dead_beside_a_new_one(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    _, old = lobby.start(ada)
    lobby.change(ada.id, security_epoch=2)
    _, new = lobby.start(lobby.reread(ada.id))
    assert lobby.present(old) == []
    assert lobby.present(new) == [ada.id]


def test_a_session_ends_once_and_only_for_its_tenant(
    lobby: SimpleNamespace, acme: Tenant, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada)
    other = lobby.installation.tenant("other")
    assert not end(lobby, other.id, started.id)
    assert lobby.present(browser) == [ada.id]
    assert end(lobby, acme.id, started.id)
    assert not end(lobby, acme.id, started.id)
    assert lobby.present(browser) == []
    assert len(lobby.installation.events("session.ended")) == 1


def test_signing_out_ends_every_account_of_the_browser_at_every_issuer(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    eve = lobby.user(lobby.installation.tenant("other"))
    _, browser = lobby.start(ada)
    _, browser = lobby.start(eve, browser, issuer=f"{ISSUER}/t/other")
    _, elsewhere = lobby.start(ada)
    assert end_all(lobby, browser) == 2
    assert end_all(lobby, browser) == 0
    assert end_all(lobby, None) == 0
    assert lobby.present(browser) == []
    assert lobby.present(elsewhere) == [ada.id]
    assert len(lobby.installation.events("session.ended")) == 2


def test_a_session_that_was_ended_does_not_come_back_with_the_next_sign_in(
    lobby: SimpleNamespace, acme: Tenant, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada)
    end(lobby, acme.id, started.id)
    eve = lobby.user(acme)
    _, browser = lobby.start(eve, browser)
    assert lobby.present(browser) == [eve.id]


def test_parallel_sign_ins_in_one_browser_leave_each_token_with_one_session(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    _, browser = lobby.start(ada)
    tokens = lobby.in_parallel(10, ada, browser)
    assert len(set(tokens)) == 10
    assert lobby.present(browser) == []
    assert [lobby.present(token) for token in tokens] == [[ada.id]] * 10


def test_address_and_browser_are_stored_encrypted_for_their_row(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    started, _ = lobby.start(ada)
    row, keyring = lobby.row(started), lobby.installation.keyring
    assert keyring.decrypt(row.address, Place("sessions", "address", row.id)) == b"203.0.113.9"
    agent = keyring.decrypt(row.user_agent, Place("sessions", "user_agent", row.id))
    assert agent.startswith(b"Mozilla/5.0")


def test_a_session_without_address_and_browser_starts(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada, actor=Actor("user", ada.id, "req_start"))
    assert lobby.row(started).address is lobby.row(started).user_agent is None
    assert lobby.present(browser) == [ada.id]


def test_the_trail_tells_of_beginning_and_end_and_holds_no_token(
    lobby: SimpleNamespace, ada: UserSnapshot
) -> None:
    started, browser = lobby.start(ada)
    end_all(lobby, browser)
    bodies = lobby.installation.events("session.")
    assert [json.loads(body)["type"] for body in bodies] == ["session.started", "session.ended"]
    for body in bodies:
        assert json.loads(body)["resource"] == f"session:{started.id}"
        assert json.loads(body)["subject"] == json.loads(body)["actor"]["ref"]
        assert browser not in body
        assert ada.id not in body
        assert "203.0.113.9" not in body

import json
from functools import partial
from types import SimpleNamespace

import pytest

from authserver.accounts.passwords.policy import About, rules_of
from authserver.accounts.service import (
    NewAccount,
    UnfitAccount,
    WeakPassword,
    check_name,
    check_password,
    find_by_email,
)
from authserver.core.database.engine import Database
from authserver.core.problems import Conflict, NotFound
from authserver.tenants.models import Tenant


def set_enabled(door: SimpleNamespace, tenant: Tenant, user_id: str, *, enabled: bool) -> None:
    door.database.write(
        lambda transaction: door.accounts.set_enabled(
            transaction, tenant.id, user_id=user_id, enabled=enabled,
            actor=door.installation.operator,
        )
    )  # fmt: skip


def set_password(door: SimpleNamespace, tenant: Tenant, user_id: str, *, password: str) -> None:
    made = door.hasher.hash(password)
    door.database.write(
        lambda transaction: door.accounts.set_password(
            transaction, tenant.id, user_id=user_id, password_hash=made,
            actor=door.installation.operator,
        )
    )  # fmt: skip


def test_an_account_keeps_the_address_as_typed_and_is_found_by_any_spelling(
    door: SimpleNamespace, acme: Tenant
) -> None:
    user_id = door.account(acme, "Ada.L@Example.COM")
    assert door.user(user_id).email == "Ada.L@Example.COM"
    with door.database.read() as view:
        found = find_by_email(view, acme.id, "ada.l@example.com")
        nobody = find_by_email(view, acme.id, "not an address")
    assert found is not None
    assert found.id == user_id
    assert nobody is None


def test_an_address_is_taken_once_in_a_tenant_and_free_in_another(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    with pytest.raises(Conflict, match="already"):
        door.account(acme, "ADA@example.com")
    assert door.account(door.installation.tenant("other")) != ada


def test_one_of_twenty_parallel_creations_wins_and_the_others_are_told(
    door: SimpleNamespace, acme: Tenant
) -> None:
    servers = [Database(door.database.engine) for _ in range(4)]
    calls = [partial(door.account, acme, database=server) for server in servers * 5]
    outcomes = door.in_parallel(calls)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 19
    assert len(door.installation.events("user.created")) == 1


def test_another_defect_is_not_reported_as_a_taken_address(door: SimpleNamespace) -> None:
    new = NewAccount("ten_nowhere", "ada@example.com", "Ada")
    actor = door.installation.operator
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        door.database.write(lambda tx: door.accounts.create(tx, new, actor=actor))


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 121, "A\nB", "A\0B", "A\u202eB", "A\u2028B", "A\ud800B"]
)
def test_a_name_is_short_and_has_no_control_characters(name: str) -> None:
    with pytest.raises(UnfitAccount):
        check_name(name)


def test_a_name_is_stored_in_one_spelling() -> None:
    assert check_name(" Andre\u0301 O'Neil-Müller 王 ") == "Andr\u00e9 O'Neil-Müller 王"


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"locale": "xx"}, {"name": ""}])
def test_an_unfit_account_is_refused_with_words(
    door: SimpleNamespace, acme: Tenant, wrong: dict[str, str]
) -> None:
    with pytest.raises(UnfitAccount) as caught:
        door.account(acme, **({"email": "new@example.com"} | wrong))
    assert caught.value.description


def test_a_weak_password_is_told_everything_at_once_and_how_weak_it_is() -> None:
    rules, about = rules_of("classic"), About(name="Ada")
    with pytest.raises(WeakPassword) as caught:
        check_password("shqxt", rules, about)
    assert caught.value.description == (
        "Use at least 8 characters. Use an upper-case letter. Use a digit. Strength: 1 of 4."
    )
    check_password("Correct-Horse-7", rules, about)


def test_disabling_ends_everything_by_the_epoch_and_enabling_does_not_revive_it(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    set_enabled(door, acme, ada, enabled=False)
    set_enabled(door, acme, ada, enabled=False)
    assert door.user(ada).disabled_at is not None
    assert door.user(ada).security_epoch == 2
    set_enabled(door, acme, ada, enabled=True)
    assert door.user(ada).disabled_at is None
    assert door.user(ada).security_epoch == 2
    assert len(door.installation.events("user.disabled")) == 1
    assert len(door.installation.events("user.enabled")) == 1


def test_a_new_password_ends_locks_known_devices_and_what_was_signed_in(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    known = door.attempt(acme).device_token
    door.fail(acme, 5)
    door.change(ada, password_reset_required=True)
    set_password(door, acme, ada, password="Another-Horse-8")
    assert door.user(ada).security_epoch == 2
    assert door.counters() == {}
    assert door.reason(acme, device_token=known) == "wrong_password"
    assert door.counters()["untrusted"][0] == 1
    assert door.attempt(acme, "Another-Horse-8").user.id == ada


def test_an_account_of_another_tenant_is_not_there(
    door: SimpleNamespace, installation: SimpleNamespace, ada: str
) -> None:
    other = installation.tenant("other")
    with pytest.raises(NotFound):
        set_enabled(door, other, ada, enabled=False)
    with pytest.raises(NotFound):
        set_password(door, other, ada, password="Another-Horse-8")
    assert door.user(ada).security_epoch == 1


def test_the_trail_holds_no_address_no_name_and_no_hash(door: SimpleNamespace, ada: str) -> None:
    (body,) = door.installation.events("user.created")
    assert ada not in body
    assert "ada@" not in body.lower()
    assert "bcrypt" not in body
    assert json.loads(body)["actor"]["kind"] == "operator"

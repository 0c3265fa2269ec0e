from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError

from authserver.core.crypto import Keyring, MasterKeyError
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.tenants import service
from authserver.tenants.models import Installation, Tenant, TenantType
from authserver.tenants.policy import TenantPolicy
from authserver.tenants.snapshot import load_by_slug, read_version


def test_a_tenant_is_created_and_recorded_in_its_own_trail(installation: SimpleNamespace) -> None:
    tenant = installation.tenant("acme", TenantType.INTERNAL)
    assert load_by_slug(installation.database, "acme").id == tenant.id
    [event] = installation.events("tenant.created")
    assert tenant.id in event
    assert '"slug":"acme"' in event


def test_a_slug_is_taken_once_and_for_all(installation: SimpleNamespace) -> None:
    installation.tenant("acme")
    with pytest.raises(Conflict):
        installation.tenant("acme")
    assert len(installation.events("tenant.created")) == 1


def test_suspension_raises_the_epoch_once_and_resuming_does_not_lower_it(
    installation: SimpleNamespace,
) -> None:
    installation.tenant("acme")
    write, tenants, actor = (
        installation.database.write,
        installation.tenants,
        installation.operator,
    )
    for _ in range(2):
        write(lambda transaction: tenants.suspend(transaction, "acme", actor))
    suspended = load_by_slug(installation.database, "acme")
    assert (suspended.suspended, suspended.security_epoch, suspended.version) == (True, 2, 2)
    for _ in range(2):
        write(lambda transaction: tenants.resume(transaction, "acme", actor))
    resumed = load_by_slug(installation.database, "acme")
    assert (resumed.suspended, resumed.security_epoch, resumed.version) == (False, 2, 3)
    assert len(installation.events("tenant.suspended")) == 1
    assert len(installation.events("tenant.resumed")) == 1


def test_a_changed_policy_is_seen_at_once_and_recorded_once_with_before_and_after(
    installation: SimpleNamespace,
) -> None:
    installation.tenant("acme")
    assert load_by_slug(installation.database, "acme").password_preset == "classic"
    before = read_version(installation.database)
    for _ in range(2):
        installation.preset("acme", "nist")
    found = load_by_slug(installation.database, "acme")
    assert (found.password_preset, found.version, found.security_epoch) == ("nist", 2, 1)
    assert read_version(installation.database) == before + 1
    [event] = installation.events("tenant.changed")
    assert '"before":{"password_preset":"classic"}' in event
    assert '"after":{"password_preset":"nist"}' in event


def test_what_a_policy_does_not_say_stays(installation: SimpleNamespace) -> None:
    installation.tenant("acme")
    installation.preset("acme", "nist")
    tenants, actor = installation.tenants, installation.operator
    installation.database.write(
        lambda tx: tenants.set_policy(tx, "acme", TenantPolicy(), actor=actor)
    )
    assert load_by_slug(installation.database, "acme").password_preset == "nist"
    assert len(installation.events("tenant.changed")) == 1


def test_a_second_factor_becomes_mandatory_once_and_ends_what_was_there(
    installation: SimpleNamespace,
) -> None:
    installation.tenant("acme")
    for _ in range(2):
        installation.policy("acme", TenantPolicy(mfa_required=True))
    found = load_by_slug(installation.database, "acme")
    assert (found.mfa_required, found.version, found.security_epoch) == (True, 2, 2)
    [event] = installation.events("tenant.changed")
    assert '"before":{"mfa_required":false}' in event
    assert '"after":{"mfa_required":true}' in event
    installation.policy("acme", TenantPolicy(mfa_required=False))
    found = load_by_slug(installation.database, "acme")
    assert (found.mfa_required, found.version, found.security_epoch) == (False, 3, 2)


def test_the_database_itself_refuses_another_preset(installation: SimpleNamespace) -> None:
    tenant = installation.tenant("acme")

    def job(transaction: Transaction) -> None:
        transaction.platform().get(Tenant, tenant.id).password_preset = "none"

    with pytest.raises(IntegrityError):
        installation.database.write(job)


def test_every_change_tells_the_caches(installation: SimpleNamespace) -> None:
    before = read_version(installation.database)
    installation.tenant("acme")
    assert read_version(installation.database) == before + 1


def test_an_unknown_tenant_is_not_found(installation: SimpleNamespace) -> None:
    with installation.database.read() as view, pytest.raises(NotFound):
        service.get_by_slug(view, "nobody")
    with installation.database.read() as view, pytest.raises(NotFound):
        service.ids_of(view, ["nobody"])


def test_setting_up_twice_changes_nothing(installation: SimpleNamespace) -> None:
    again = installation.database.write(
        lambda transaction: installation.tenants.set_up(transaction, Keyring([b"x" * 32]))
    )
    assert again is False
    with installation.database.read() as view:
        service.verify_master_key(view, installation.keyring)


def test_a_wrong_master_key_is_noticed(installation: SimpleNamespace) -> None:
    with installation.database.read() as view, pytest.raises(MasterKeyError):
        service.verify_master_key(view, Keyring([b"x" * 32]))


def test_a_rotated_master_key_still_fits(installation: SimpleNamespace) -> None:
    with installation.database.read() as view:
        service.verify_master_key(view, Keyring([b"n" * 32, b"k" * 32]))


def test_a_database_without_installation_says_so(database: Database) -> None:
    with database.read() as view, pytest.raises(service.NotSetUpError, match="authserver init"):
        service.verify_master_key(view, Keyring([b"k" * 32]))


def test_the_database_itself_refuses_a_second_installation(installation: SimpleNamespace) -> None:
    row = Installation(
        id=2,
        instance="ins_2",
        key_check=b"",
        snapshot_version=1,
        created_at=installation.clock.now(),
    )
    with pytest.raises(IntegrityError):
        installation.database.write(lambda transaction: transaction.platform().add(row))

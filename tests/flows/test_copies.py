"""A tenant moves to another installation: its people, clients and settings, and nothing else."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.models import User
from authserver.clients.models import Client, ClientSecret
from authserver.copies import contents, writing
from authserver.core.problems import Conflict, Problem
from authserver.federation.models import FederationConnection
from authserver.moving.sealing import Key, UnfitCopy, Writer, lines
from authserver.roles.custom import NewRole
from authserver.tenants.models import Tenant
from authserver.wiring.tenancy.parts import Tenancy
from tests.conftest import new_installation
from tests.isolation.rows import SCOPED
from tests.support.browser import Party
from tests.support.federation import SECRET, connect
from tests.support.trail import events
from tests.support.world import TenantFixture, World

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module", name="elsewhere")
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_installation("sqlite", tmp_path_factory.mktemp("other")) as world:
        yield world


def copied(world: World, tenant: TenantFixture) -> bytes:
    out = BytesIO()
    Tenancy.of(world.services).writer.write(tenant.slug, out, PASSPHRASE, actor=world.operator)
    return out.getvalue()


def made(world: World, data: bytes, slug: str | None = None, passphrase: str = PASSPHRASE) -> Any:
    done = Tenancy.of(world.services).reader.read(
        lambda: BytesIO(data), passphrase, slug=slug, actor=lambda _: world.operator
    )
    world.services.watch.changed()
    return done


def opened(data: bytes) -> list[bytes]:
    return [*lines(BytesIO(data), Key.of(BytesIO(data), PASSPHRASE))]


def written(plain: Iterable[bytes]) -> bytes:
    """Return a copy as whoever knows a passphrase can write it."""
    out = BytesIO()
    writer = Writer(out, Key.new(PASSPHRASE))
    for line in plain:
        writer.line(line)
    writer.close()
    return out.getvalue()


def rows(world: World, model: type[Any], tenant_id: str) -> list[Any]:
    with world.services.database.read() as view:
        found = view.platform().scalars(select(model).where(model.tenant_id == tenant_id)).all()
        view.platform().expunge_all()
    return list(found)


def test_every_table_of_tenants_is_in_a_copy_or_says_why_not() -> None:
    assert set(SCOPED) | {"federation_connections"} == contents.MOVED | set(contents.LEFT)
    assert not contents.MOVED & set(contents.LEFT)


def test_a_tenant_works_in_another_installation(world: World, elsewhere: World) -> None:
    tenant = world.tenant()
    admin = world.user(tenant, "admin", name="Grace Hopper")
    home = world.user(world.tenant())
    world.guest(home, tenant, "customer_viewer")
    machine = world.client(tenant, "service", scopes=["orders:read"])
    connection = connect(world, tenant, name="entra")
    done = made(elsewhere, copied(world, tenant))
    assert (done.slug, done.tenant_id) == (tenant.slug, tenant.id)
    (moved,) = rows(elsewhere, User, tenant.id)
    assert (moved.id, moved.email, moved.name) == (admin.id, admin.email, "Grace Hopper")
    assert moved.password_hash is None
    assert Party(elsewhere, machine).machine().status_code == 200, "secrets still fit"
    (upstream,) = rows(elsewhere, FederationConnection, tenant.id)
    assert upstream.id == connection.id
    assert "tenant.imported" in [one.type for one in events(elsewhere, tenant.id)]
    assert [one.type for one in events(world, tenant.id)][-1] == "tenant.exported"


def test_what_was_encrypted_is_encrypted_anew_and_never_plain_in_the_file(
    world: World, elsewhere: World
) -> None:
    tenant = world.tenant()
    world.user(tenant, email=f"canary.{tenant.slug}@example.com")
    connect(world, tenant, name="entra")
    data = copied(world, tenant)
    for canary in (b"canary", tenant.slug.encode(), b"users", SECRET.encode()):
        assert canary not in data
    made(elsewhere, data)
    (row,) = rows(elsewhere, FederationConnection, tenant.id)
    assert SECRET.encode() not in row.client_secret
    column = contents.sealed_columns("federation_connections")["client_secret"]
    plain = elsewhere.services.keyring.decrypt(row.client_secret, column.place(row.id))
    assert plain == SECRET.encode()


def test_a_copy_is_taken_once_and_whole_or_not_at_all(world: World, elsewhere: World) -> None:
    tenant = world.tenant()
    world.user(tenant)
    data = copied(world, tenant)
    with pytest.raises(Conflict):
        made(world, data)
    with pytest.raises(Conflict):
        made(world, data, slug=f"{tenant.slug}-two")
    made(elsewhere, data, slug=f"{tenant.slug}-two")
    with pytest.raises(Conflict):
        made(elsewhere, data, slug=f"{tenant.slug}-three")
    with elsewhere.services.database.read() as view:
        slugs = view.platform().scalars(select(Tenant.slug).where(Tenant.id == tenant.id)).all()
    assert slugs == [f"{tenant.slug}-two"]


def test_nothing_of_the_file_can_be_changed_or_cut_off(world: World, elsewhere: World) -> None:
    tenant = world.tenant()
    for _ in range(3):
        world.user(tenant)
    data = copied(world, tenant)
    wrong = [
        data[:-1],
        data[: len(data) // 2],
        data + b"\0\0\0\x20" + b"\0" * 32,
        data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
        data[:30] + bytes([data[30] ^ 1]) + data[31:],
        b"",
        b"PK" + data,
    ]
    for number, one in enumerate(wrong):
        with pytest.raises(UnfitCopy):
            made(elsewhere, one)
        with elsewhere.services.database.read() as view:
            assert view.platform().get(Tenant, tenant.id) is None, number
    with pytest.raises(UnfitCopy):
        made(elsewhere, data, passphrase="another passphrase")
    with pytest.raises(UnfitCopy):
        Tenancy.of(world.services).writer.write(
            tenant.slug, BytesIO(), "short", actor=world.operator
        )


def test_whoever_knows_the_passphrase_writes_nothing_of_another_tenant(
    world: World, elsewhere: World
) -> None:
    victim = elsewhere.tenant()
    tenant = world.tenant()
    world.user(tenant)
    original = opened(copied(world, tenant))
    for forged in (
        [line.replace(tenant.id.encode(), victim.id.encode()) for line in original[2:]],
        [b'["tenants", {"id": "x"}]'],
        [b'["installation", {}]'],
        [b"[]"],
        [b"{"],
    ):
        with pytest.raises(Problem):
            made(elsewhere, written([*original[:2], *forged]))
    with elsewhere.services.database.read() as view:
        assert view.platform().get(Tenant, tenant.id) is None
    assert rows(elsewhere, User, victim.id) == []


def test_many_rows_go_through_in_pieces(
    world: World, elsewhere: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_AT_ONCE", 7)
    tenant = world.tenant()
    for _ in range(30):
        world.client(tenant, "service", scopes=["orders:read"])
    data = copied(world, tenant)
    assert made(elsewhere, data).counts["clients"] == 30
    assert len(rows(elsewhere, ClientSecret, tenant.id)) == 30


@pytest.mark.attack("ATK-118")
def test_whoever_knows_the_passphrase_gives_nobody_what_no_one_of_the_tenant_may_have(
    world: World, elsewhere: World
) -> None:
    tenant = world.tenant()
    world.user(tenant, "admin")
    world.client(tenant)
    world.services.database.write(
        lambda tx: world.services.custom_roles.create(
            tx, tenant.id, NewRole("crew", "A crew.", ["users:read"]), actor=world.operator
        )
    )
    original = opened(copied(world, tenant))
    for honest, forged in ((b'"role":"admin"', b'"role":"PLATFORM_ADMIN"'),
                           (b'"users:read"', b'"tenants:write"')):  # fmt: skip
        assert any(honest in line for line in original)
        with pytest.raises(Problem):
            made(elsewhere, written(line.replace(honest, forged) for line in original))
    honest, forged = b'"serves":{"j":[]}', b'"serves":{"j":["*"]}'
    assert any(honest in line for line in original)
    made(elsewhere, written(line.replace(honest, forged) for line in original))
    (client,) = rows(elsewhere, Client, tenant.id)
    assert client.serves == []

"""A real SQLite database with the schema and the built-in roles, for tests of services."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select

from authserver import schema
from authserver.accounts.models import User
from authserver.audit.events import Actor
from authserver.audit.models import AuditEvent
from authserver.audit.service import Trail
from authserver.audit.subjects import Subjects
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction, make_engine
from authserver.core.ids import new_id
from authserver.roles.catalogue import BUILTIN
from authserver.roles.models import BuiltinRole
from authserver.settings import Settings
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.numbers import Numbers, TokenLives
from authserver.tenants.policy import PasswordPreset, SessionLives, TenantPolicy
from authserver.tenants.service import TenantService


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **time: float) -> None:
        self.time += timedelta(**time)


LIVES = SessionLives(timedelta(hours=1), timedelta(hours=24))
TOKENS = TokenLives(timedelta(hours=1), timedelta(days=30))
NUMBERS = Numbers.of_settings(Settings())


class Installation(SimpleNamespace):
    """A database that is set up, and shortcuts to fill it."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        keyring = Keyring([b"k" * 32])
        trail = Trail(Subjects(database, keyring, clock), clock)
        super().__init__(
            database=database,
            keyring=keyring,
            clock=clock,
            trail=trail,
            tenants=TenantService(trail, clock, lives=LIVES, tokens=TOKENS, numbers=NUMBERS),
            operator=Actor("operator", "", "req_test"),
        )
        database.write(lambda transaction: self.tenants.set_up(transaction, keyring))

    def tenant(
        self, slug: str, kind: TenantType = TenantType.CUSTOMER, *, own_issuer: bool = False
    ) -> Tenant:
        """Create a tenant and return its detached row."""

        def job(transaction: Transaction) -> Tenant:
            tenant = self.tenants.create(
                transaction,
                slug,
                name=slug.title(),
                type=kind,
                actor=self.operator,
                own_issuer=own_issuer,
            )
            transaction.platform().expunge(tenant)
            return tenant

        return self.database.write(job)

    def preset(self, slug: str, preset: str) -> None:
        """Let a tenant ask for other passwords."""
        self.policy(slug, TenantPolicy(PasswordPreset(preset)))

    def policy(self, slug: str, policy: TenantPolicy) -> None:
        """Let a tenant ask for something else of its people."""
        self.database.write(
            lambda transaction: self.tenants.set_policy(
                transaction, slug, policy, actor=self.operator
            )
        )

    def person(self, tenant: Tenant, email: str = "") -> str:
        """Insert a bare account, without the accounts service."""
        user_id, now = new_id("usr"), self.clock.now()
        address = email or f"{user_id}@example.test"
        row = User(
            id=user_id, email=address, email_canonical=address, name="Somebody",
            created_at=now, updated_at=now,
        )  # fmt: skip
        self.database.write(lambda transaction: transaction.tenant(tenant.id).add(row))
        return user_id

    def events(self, event_type: str = "") -> list[str]:
        """Return the bodies of the trail's events."""
        query = select(AuditEvent.body).where(AuditEvent.type.contains(event_type))
        with self.database.read() as view:
            found = view.platform().scalars(query.order_by(AuditEvent.id))
            return [body.decode() for body in found]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def database(tmp_path: Path, tables: bytes) -> Iterator[Database]:
    file = tmp_path / "test.db"
    file.write_bytes(tables)
    database = Database(make_engine(f"sqlite:///{file}"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Make the file of a database once: every table, and the rows of the built-in roles."""
    file = tmp_path_factory.mktemp("tables") / "model.db"
    engine = make_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        rows = [
            {
                "name": role.name,
                "domain": role.domain.value,
                "description": role.description,
                "permissions": sorted(role.permissions),
            }
            for role in BUILTIN.values()
        ]
        connection.execute(insert(BuiltinRole.__table__), rows)
    engine.dispose()
    return file.read_bytes()


@pytest.fixture
def installation(database: Database, clock: MovableClock) -> Installation:
    return Installation(database, clock)

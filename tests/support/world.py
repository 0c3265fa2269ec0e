"""An installation to test against: real database, real services, nothing replaced but the clock."""

import base64
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask

from authserver.accounts.guests import NewGuest, create_guest
from authserver.accounts.service import NewAccount
from authserver.app import Services, create_app
from authserver.audit.events import Actor
from authserver.clients.registration import Registration
from authserver.core import log
from authserver.core.ids import new_id
from authserver.oauth.scopes import OPENID_SCOPES
from authserver.settings import Settings
from authserver.tenants.models import TenantType
from authserver.tenants.service import bump_snapshots
from tests.support.clock import ManualClock

PASSWORD = "Correct-Horse-7"
REDIRECT = "https://rp.example/callback"
# Of a tenant's own issuer. A key for RS256 takes a hundred times as long to find: a test that needs
# one registers a client that signs with it.
_QUICKLY_MADE = ("ES256",)
MASTER_KEY = base64.b64encode(b"k" * 32).decode()


@dataclass
class TenantFixture:
    id: str
    slug: str


@dataclass
class UserFixture:
    id: str
    email: str
    tenant: TenantFixture
    password: str = PASSWORD


@dataclass
class ClientFixture:
    id: str
    secret: str | None
    tenant: TenantFixture
    redirect_uri: str = REDIRECT


class World:
    """One server process over one database. Every test makes tenants of its own."""

    def __init__(self, app: Flask, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self.services: Services = app.extensions["authserver"]
        self.operator = Actor("operator", "", new_id("cor"))

    @cached_property
    def _password_hash(self) -> str:
        """One for all: hashing is slow by intention."""
        return self.services.hasher.hash(PASSWORD)

    def tenant(
        self, kind: str = "customer", *, own_issuer: bool = False, slug: str | None = None
    ) -> TenantFixture:
        slug = slug or "t-" + os.urandom(6).hex()

        def job(tx: Any) -> str:
            row = self.services.tenants.create(
                tx,
                slug,
                name=f"Tenant {slug}",
                type=TenantType(kind),
                actor=self.operator,
                own_issuer=own_issuer,
            )
            if own_issuer:
                actor = replace(self.operator, principal=row.id)
                self.services.keys.ensure(tx, row.id, actor, algorithms=_QUICKLY_MADE)
            return row.id

        tenant_id = self._write(job)
        return TenantFixture(tenant_id, slug)

    def user(
        self, tenant: TenantFixture, *roles: str, email: str | None = None, **more: Any
    ) -> UserFixture:
        email = email or f"u-{os.urandom(5).hex()}@example.com"
        password_hash = self._password_hash

        def job(tx: Any) -> str:
            account = NewAccount(
                tenant.id,
                email,
                more.get("name", "Ada Lovelace"),
                password_hash,
                verified=more.get("verified", True),
            )
            actor = replace(self.operator, principal=tenant.id)
            user = self.services.accounts.create(tx, account, actor=actor)
            tx.tenant(tenant.id).flush()
            if roles:
                self.services.roles.set_roles(
                    tx, tenant.id, user.id, roles=list(roles), actor=actor
                )
            return user.id

        return UserFixture(self._write(job), email, tenant)

    def guest(
        self, home: UserFixture, tenant: TenantFixture, *roles: str, email: str | None = None
    ) -> UserFixture:
        """Make somebody a guest in another tenant."""
        actor = replace(self.operator, principal=tenant.id)

        def job(tx: Any) -> str:
            asked = NewGuest(tenant.id, home.tenant.id, home.id, email=email)
            user = create_guest(self.services.accounts, tx, asked, actor=actor)
            if roles:
                self.services.roles.set_roles(
                    tx, tenant.id, user.id, roles=list(roles), actor=actor
                )
            return user.id

        return UserFixture(self._write(job), email or home.email, tenant, home.password)

    def disable(self, user: UserFixture, *, enabled: bool = False) -> None:
        """Switch an account off, or on again."""
        actor = replace(self.operator, principal=user.tenant.id)
        self._write(
            lambda tx: self.services.accounts.set_enabled(
                tx, user.tenant.id, user_id=user.id, enabled=enabled, actor=actor
            )
        )

    def client(self, tenant: TenantFixture, kind: str = "web", **more: Any) -> ClientFixture:
        people = kind in {"web", "spa", "native", "device"}
        asked = Registration(
            tenant_id=tenant.id,
            name=more.pop("name", f"Client {kind}"),
            kind=kind,
            redirect_uris=more.pop(
                "redirect_uris", [REDIRECT] if people and kind != "device" else []
            ),
            scopes=more.pop(
                "scopes",
                [*OPENID_SCOPES, "orders:read", "orders:write"]
                if people
                else ["orders:read", "orders:write"],
            ),
            **more,
        )
        actor = replace(self.operator, principal=tenant.id)

        def job(tx: Any) -> tuple[str, str | None]:
            client, secret = self.services.clients.register(tx, asked, actor=actor)
            return client.id, secret

        client_id, secret = self._write(job)
        uris = asked.redirect_uris
        return ClientFixture(client_id, secret, tenant, uris[0] if uris else REDIRECT)

    def bump(self) -> None:
        """Let this process see changes made behind its services."""
        self._write(bump_snapshots)

    def _write(self, job: Any) -> Any:
        result = self.services.database.write(job)
        self.services.watch.changed()
        return result


def settings_for(database_url: str, data_dir: Path, **more: Any) -> Settings:
    """Settings as in production, but with the cheapest password hash."""
    values = {
        "issuer": "https://auth.example",
        "bcrypt_rounds": 4,
        "hashing_running": 8,
        "hashing_waiting": 64,  # fifty at once shall show who wins, not who is sent away
        "login_rate": 100_000,
        "log_level": "ERROR",
        "master_key": MASTER_KEY,
        "database_url": database_url,
        "data_dir": data_dir,
    }
    return Settings(**{**values, **more})


def make_world(settings: Settings) -> World:
    clock = ManualClock()
    log.configure(settings.log_level)
    return World(create_app(settings, clock), clock)

"""Connections, and people who came by one, without a provider: what is done to them is tested."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from authserver.accounts.service import get
from authserver.accounts.standing import lock_account
from authserver.audit.events import Actor, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.federation.models import (
    PLATFORM,
    FederatedIdentity,
    OfferedIdentity,
    ProviderToken,
    UpstreamRequest,
)
from authserver.federation.values import Connection, Kind
from authserver.mfa import partial as partials
from authserver.mfa.models import PartialSignIn
from authserver.mfa.partial import Begun, First, Hop
from authserver.sessions.models import UserSession
from authserver.tenants.policy import TenantPolicy
from authserver.tenants.service import instance_of
from tests.support.browser import Party
from tests.support.trail import Recorded, events
from tests.support.world import TenantFixture, UserFixture, World

SECRET = "upstream-secret-8d1f"


def by(world: World) -> Actor:
    """The operator, whose trail follows from the connection."""
    return replace(world.operator, principal="")


def write(world: World, job: Callable[[Transaction], Any]) -> Any:
    """Run a change, and let this process see it."""
    done = world.services.database.write(job)
    world.services.watch.changed()
    return done


def connect(world: World, tenant: TenantFixture | None = None, **fields: Any) -> Connection:
    """Make a connection, the platform's unless a tenant is named."""
    usual = {"name": f"c-{os.urandom(5).hex()}", "label": "Corp SSO", "client_id": "ours"}
    kind = fields.pop("kind", Kind.OIDC)
    if kind is Kind.OIDC:
        usual["server"] = "https://op.example"
    asked = Connection("", tenant.id if tenant else None, kind, **{**usual, **fields})
    return write(
        world,
        lambda tx: world.services.federation.connections.create(
            tx, asked, secret=SECRET, actor=by(world)
        ),
    )


def disable(world: World, connection: Connection) -> Any:
    """Switch a connection off; return what ended."""
    _, ended = write(
        world,
        lambda tx: world.services.federation.connections.disable(
            tx, connection.tenant_id, connection.name, actor=by(world)
        ),
    )
    return ended


def change(world: World, connection: Connection, **changes: Any) -> Any:
    """Change fields of a connection; return what ended."""
    _, ended = write(
        world,
        lambda tx: world.services.federation.connections.change(
            tx, connection.tenant_id, connection.name, changes=changes, actor=by(world)
        ),
    )
    return ended


def set_policy(world: World, tenant: TenantFixture, **policy: Any) -> None:
    """Change what a tenant asks for."""
    write(
        world,
        lambda tx: world.services.federation.admission.set_policy(
            tx, tenant.slug, TenantPolicy(**policy), actor=by(world)
        ),
    )


def linked(
    world: World, user: UserFixture, connection: Connection, *, email: str | None = None
) -> str:
    """Link an account to somebody at the provider, and keep tokens; return the identity's id."""
    identity_id, now = new_id("fid"), world.clock.now()

    def job(tx: Transaction) -> None:
        session = tx.tenant(user.tenant.id)
        session.add(
            FederatedIdentity(
                id=identity_id,
                user_id=user.id,
                connection_owner=connection.tenant_id or PLATFORM,
                connection_id=connection.id,
                issuer=connection.server,
                subject=os.urandom(8).hex(),
                label="ada",
                email=email,
                created_at=now,
            )
        )
        session.flush()
        session.add(
            ProviderToken(
                identity_id=identity_id,
                user_id=user.id,
                access_token=b"sealed",
                scope="openid",
                version=1,
                updated_at=now,
            )
        )

    world.services.database.write(job)
    return identity_id


def came_by(world: World, user: UserFixture, identity_id: str, *, level: int = 1) -> None:
    """Let the sessions that a person has be of a sign-in by an identity."""
    mine = update(UserSession).where(UserSession.user_id == user.id)
    mine = mine.values(identity_id=identity_id, level=level)
    world.services.database.write(
        lambda tx: tx.tenant(user.tenant.id).execute(
            mine, execution_options={"synchronize_session": False}
        )
    )


def begin(tx: Transaction, world: World, user: UserFixture, identity_id: str) -> tuple[str, Hop]:
    """Begin a sign-in by an identity as a callback does; return its token and what it is for."""
    account = lock_account(tx, user.tenant.id, user.id)
    assert account is not None
    hop = Hop(new_id("pen"), os.urandom(16).hex())
    begun = Begun(world.clock.now(), timedelta(minutes=15), True, First(("fed",), identity_id))
    return partials.begin(tx, account, hop, begun=begun), hop


def leave(world: World, connection: Connection) -> None:
    """Let a browser be at the provider, and another be offered what it brought from there."""
    now = world.clock.now()
    times = {"created_at": now, "expires_at": now + timedelta(minutes=10)}

    def job(tx: Transaction) -> None:
        tx.platform().add_all(
            [
                UpstreamRequest(
                    state_hash=os.urandom(32), connection_id=connection.id, sealed=b"s", **times
                ),
                OfferedIdentity(
                    id=new_id("off"),
                    hop_hash=os.urandom(32),
                    connection_id=connection.id,
                    sealed=b"s",
                    **times,
                ),
            ]
        )

    world.services.database.write(job)


def under_way(world: World, connection: Connection) -> dict[str, int]:
    """Count what is under way by a connection."""
    mine = select(FederatedIdentity.id).where(FederatedIdentity.connection_id == connection.id)
    conditions = {
        "requests": UpstreamRequest.connection_id == connection.id,
        "offers": OfferedIdentity.connection_id == connection.id,
        "partial": PartialSignIn.identity_id.in_(mine),
    }
    with world.services.database.read() as view:
        return {
            name: view.platform().scalar(select(func.count()).where(condition)) or 0
            for name, condition in conditions.items()
        }


def epoch(world: World, user: UserFixture) -> int:
    with world.services.database.read() as view:
        return get(view, user.tenant.id, user.id).security_epoch


def is_live(party: Party, token: str) -> bool:
    return bool(party.introspect(token).json["active"])


def told(world: World, connection: Connection, event: EventType) -> list[Recorded]:
    """Return the events of a connection in its owner's trail."""
    with world.services.database.read() as view:
        owner = connection.tenant_id or instance_of(view)
    return [one for one in events(world, owner, event) if connection.id in str(one.document)]

"""Something of every kind that the paths of operations name, and bodies that operations take.

Whoever adds an operation whose path has a part of a new kind adds how one is made; and a body,
where the fields that have to be there are not enough to pass the reading of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from authserver.admin.rest.operation import IDS, Operation
from authserver.core.ids import new_id
from authserver.invitations.service import Invite
from authserver.jobs.values import Begun
from authserver.people.importing.reading import Format
from authserver.people.importing.service import NewImport
from authserver.roles.custom import NewRole
from authserver.sessions.models import UserSession
from authserver.wiring.people.jobs import make_imports
from tests.support.linked import connect, link
from tests.support.trail import events
from tests.support.world import TenantFixture, World

# Of the right kind, and never made.
ABSENT_SUFFIX = "01jd0000000000000000000000"
Maker = Callable[[World, TenantFixture], str]


def _role(world: World, tenant: TenantFixture) -> str:
    name = f"crew-{tenant.slug[-6:]}"
    actor = replace(world.operator, principal=tenant.id)
    new = NewRole(name, "A crew.", ["users:read"])
    world.services.database.write(
        lambda tx: world.services.custom_roles.create(tx, tenant.id, new, actor=actor)
    )
    return name


def _session(world: World, tenant: TenantFixture) -> str:
    user, now, session_id = world.user(tenant), world.clock.now(), new_id("ses")
    row = {
        **dict.fromkeys(("auth_time", "created_at", "last_seen_at", "expires_at"), now),
        **dict.fromkeys(("level", "user_epoch", "tenant_epoch"), 1),
    }
    session = UserSession(
        id=session_id, user_id=user.id, browser_hash=b"b" * 32, issuer="x", amr=["pwd"], **row
    )
    world.services.database.write(lambda tx: tx.tenant(tenant.id).add(session))
    return session_id


def _identity(world: World, tenant: TenantFixture) -> str:
    return link(world, world.user(tenant), connect(world, tenant))


def _invitation(world: World, tenant: TenantFixture) -> str:
    actor = replace(world.operator, principal=tenant.id)
    invite = Invite(tenant.id, f"{new_id('x')}@asked.example")
    made = world.services.database.write(
        lambda tx: world.services.mailed.invitations.create(tx, invite, actor=actor)
    )
    return made.id


def _import(world: World, tenant: TenantFixture) -> str:
    begun = Begun("operator", tenant.id, tenant.id, new_id("req"))
    job = world.services.database.write(
        lambda tx: make_imports(world.services).begin(tx, tenant.id, NewImport(Format.JSONL, begun))
    )
    return job.id


def _event(world: World, tenant: TenantFixture) -> str:
    return events(world, tenant.id)[-1].document["id"]


MAKERS: Mapping[str, Maker] = {
    "tenant_id": lambda _world, tenant: tenant.id,
    "user_id": lambda world, tenant: world.user(tenant).id,
    "client_id": lambda world, tenant: world.client(tenant).id,
    "role": _role,
    "session_id": _session,
    "identity_id": _identity,
    "invitation_id": _invitation,
    "job_id": _import,
    "event_id": _event,
}

# By the operation's handler.
BODIES: Mapping[str, Any] = {
    "create_tenant": {"slug": "never-made", "name": "Never", "type": "customer"},
    "create_role": {"name": "never-made", "description": "x", "permissions": []},
    "create_user": {"email": "never@made.example", "name": "Never"},
    "create_guest": {
        "home_tenant_id": f"ten_{ABSENT_SUFFIX}",
        "home_user_id": f"usr_{ABSENT_SUFFIX}",
    },
    "set_user_roles": {"roles": []},
    "reset_factors": {"reason": "Because it is asked for"},
    "create_invitation": {"email": "never@made.example"},
    "create_import": {"format": "jsonl"},
    "add_part": {"number": 1, "text": ""},
    "open_access": {"reason": "Because it is asked for", "minutes": 5},
}


def parts(operation: Operation) -> list[str]:
    """Return the names of the parts of a path."""
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


def absent(part: str) -> str:
    """Return an id, or a name, of nothing."""
    return f"{IDS[part]}_{ABSENT_SUFFIX}" if IDS[part] else "never-made"


def body(operation: Operation) -> Any:
    """Return a body that passes the reading, None where none is taken."""
    if operation.body is None:
        return None
    return BODIES.get(operation.name, {})

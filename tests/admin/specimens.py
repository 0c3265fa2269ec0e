"""Something of every kind that the paths of operations name, and bodies that operations take.

Whoever adds an operation whose path has a part of a new kind adds how one is made; and a body,
where the fields that have to be there are not enough to pass the reading of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from authserver.admin.rest.operation import IDS, Operation
from authserver.roles.custom import NewRole
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


MAKERS: Mapping[str, Maker] = {
    "tenant_id": lambda _world, tenant: tenant.id,
    "user_id": lambda world, tenant: world.user(tenant).id,
    "client_id": lambda world, tenant: world.client(tenant).id,
    "role": _role,
}

# By the operation's handler.
BODIES: Mapping[str, Any] = {
    "create_tenant": {"slug": "never-made", "name": "Never", "type": "customer"},
    "create_role": {"name": "never-made", "description": "x", "permissions": []},
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

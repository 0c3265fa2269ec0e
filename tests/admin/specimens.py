"""Something of every kind that the paths of operations name, and bodies that operations take.

Whoever adds an operation whose path has a part of a new kind adds how one is made; and a body,
where the fields that have to be there are not enough to pass the reading of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from authserver.admin.rest.operation import IDS, Operation
from authserver.audit.models import AuditEvent
from authserver.roles.custom import NewRole
from tests.api_keys.making import of_service
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


def _event(world: World, tenant: TenantFixture) -> str:
    query = select(AuditEvent.id).where(AuditEvent.tenant_id == tenant.id).limit(1)
    with world.services.database.read() as view:
        return str(view.platform().scalar(query))


def _api_key(world: World, tenant: TenantFixture) -> str:
    client = world.client(tenant, "service", scopes=["orders:read"])
    return of_service(world, client, "orders:read").id


MAKERS: Mapping[str, Maker] = {
    "tenant_id": lambda _world, tenant: tenant.id,
    "user_id": lambda world, tenant: world.user(tenant).id,
    "client_id": lambda world, tenant: world.client(tenant).id,
    "role": _role,
    "event_id": _event,
    "api_key_id": _api_key,
}

# By the operation's handler: where what the body's description asks for is not enough.
BODIES: Mapping[str, Any] = {}


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
    if operation.name in BODIES:
        return BODIES[operation.name]
    schema = operation.body.model_json_schema()
    return _example(schema, schema.get("$defs", {}))


def _example(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the least that fits a description."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], known)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", ())), None))
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _example(properties[name], known) for name in schema.get("required", ())}
    if kind == "array":
        return [_example(schema["items"], known)] * schema.get("minItems", 0)
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "x" * max(2, schema.get("minLength", 2)))
    return {"integer": schema.get("minimum", 1), "boolean": False, "number": 1}.get(kind)


_FORMATS = {"date-time": "2099-01-01T00:00:00Z", "date": "2099-01-01"}

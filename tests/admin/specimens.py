"""Something of every kind that the paths of operations name, and bodies that operations take.

Whoever adds an operation whose path has a part of a new kind adds how one is made; and a body,
where the fields that have to be there are not enough to pass the reading of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from authserver.admin.rest.operation import IDS, Operation
from authserver.audit.models import AuditEvent
from authserver.clients.models import ClientSecret
from authserver.clients.registering.policy import NewInitialToken
from authserver.clients.resources.policy import NewResource
from authserver.core.ids import new_id
from authserver.invitations.service import Invite
from authserver.jobs.values import Begun
from authserver.people.importing.reading import Format as RowFormat
from authserver.people.importing.service import NewImport
from authserver.privacy.erasure.values import By, Whom
from authserver.roles.custom import NewRole
from authserver.sessions.models import UserSession
from authserver.tenants.limits.flags import Flags
from authserver.trail_exports.values import Ask, Format
from authserver.wiring.people.jobs import make_imports
from authserver.wiring.privacy import make_erasures
from authserver.wiring.tenancy.limits import make_limits
from authserver.wiring.trail.exporting import make_exports
from tests.api_keys.making import of_service
from tests.support.linked import connect, link
from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import deliveries, happen, hook

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
        lambda tx: make_imports(world.services).begin(
            tx, tenant.id, NewImport(RowFormat.JSONL, begun)
        )
    )
    return job.id


def _secret(world: World, tenant: TenantFixture) -> str:
    client = world.client(tenant, "service")
    query = select(ClientSecret.id).where(ClientSecret.client_id == client.id)
    with world.services.database.read() as view:
        return str(view.tenant(tenant.id).scalar(query))


def _server(world: World, tenant: TenantFixture) -> str:
    new = NewResource(f"https://{tenant.slug}.example/", "Orders", {"orders:read": "See orders"})
    made = _write(world, tenant, world.services.resources.create, new)
    return str(made.id)


def _token(world: World, tenant: TenantFixture) -> str:
    new = NewInitialToken(tenant.id, "Partners", 5, timedelta(days=1))
    actor = replace(world.operator, principal=tenant.id)
    tokens = world.services.self_service.tokens
    row, _ = world.services.database.write(lambda tx: tokens.create(tx, new, actor=actor))
    return str(row.id)


def _domain(world: World, tenant: TenantFixture) -> str:
    name = f"{tenant.slug}.example"
    _write(world, tenant, world.services.federation.domains.add, name)
    return name


def _limit(world: World, tenant: TenantFixture) -> str:
    limits = make_limits(world.services.trail, world.clock)
    _write(world, tenant, partial(limits.set_limit, most=5), "seats")
    return "seats"


def _flag(world: World, tenant: TenantFixture) -> str:
    _write(world, tenant, Flags(world.services.trail).change, {"billing": True})
    return "billing"


def _delivery(world: World, tenant: TenantFixture) -> str:
    made = hook(world, tenant)
    happen(world, tenant)
    return deliveries(world, made)[0].id


def _export(world: World, tenant: TenantFixture) -> str:
    begun = Begun("operator", tenant.id, tenant.id, new_id("req"))
    ask, actor = Ask(Format.JSONL), replace(world.operator, principal=tenant.id)
    made = world.services.database.write(
        lambda tx: make_exports(world.services).ask(tx, tenant.id, ask, begun=begun, actor=actor)
    )
    return made.id


def _erasure(world: World, tenant: TenantFixture) -> str:
    erasures, whom = make_erasures(world.services), Whom(tenant.id, world.user(tenant).id)
    by = By(replace(world.operator, principal=tenant.id), tenant.id)
    made = world.services.database.write(lambda tx: erasures.order(tx, whom, "letter", by=by))
    return made.id


def _write(world: World, tenant: TenantFixture, does: Any, what: Any) -> Any:
    """Do what an operator does in a tenant."""
    actor = replace(world.operator, principal=tenant.id)
    return world.services.database.write(lambda tx: does(tx, tenant.id, what, actor=actor))


MAKERS: Mapping[str, Maker] = {
    "tenant_id": lambda _world, tenant: tenant.id,
    "user_id": lambda world, tenant: world.user(tenant).id,
    "client_id": lambda world, tenant: world.client(tenant).id,
    "role": _role,
    "event_id": _event,
    "session_id": _session,
    "identity_id": _identity,
    "invitation_id": _invitation,
    "job_id": _import,
    "api_key_id": _api_key,
    "secret_id": _secret,
    "token_id": _token,
    "connection": lambda world, tenant: connect(world, tenant).name,
    "domain": _domain,
    "limit": _limit,
    "flag": _flag,
    "erasure_id": _erasure,
    "webhook_id": lambda world, tenant: hook(world, tenant).id,
    "delivery_id": _delivery,
    "export_id": _export,
    # The last: from then on, clients of the tenant have the scopes of its services alone.
    "server_id": _server,
}

_CONNECTION = {
    "name": "new",
    "kind": "oidc",
    "label": "New",
    "client_id": "authserver",
    "client_secret": "s" * 32,
    "server": "https://id.new.example",
}
# By the operation's name: where what the body's description asks for is not enough.
BODIES: Mapping[str, Any] = {
    "create_webhook": {"url": "https://told.example/new", "events": ["*"]},
    "create_tenant": {"slug": "t-new", "name": "New", "type": "customer"},
    "create_user": {"email": "new@people.example", "name": "New"},
    "create_invitation": {"email": "new@asked.example"},
    "create_client": {"name": "New", "kind": "service"},
    "create_resource_server": {
        "audience": "https://new.example/",
        "name": "New",
        "scopes": [{"name": "new:read", "description": "See what is new"}],
    },
    "create_connection": _CONNECTION,
    "create_platform_connection": _CONNECTION,
    "create_import": {"format": "jsonl"},
    "add_domain": {"domain": "new.example"},
}


def parts(operation: Operation) -> list[str]:
    """Return the names of the parts of a path."""
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


def absent(part: str) -> str:
    """Return an id, or a name, of nothing."""
    if part == "domain":
        return "never-made.example"
    return f"{IDS[part]}_{ABSENT_SUFFIX}" if IDS[part] else "never-made"


def body(operation: Operation) -> Any:
    """Return a body that passes the reading, None where none is taken."""
    if operation.body is None:
        return None
    if operation.name in BODIES:
        return BODIES[operation.name]
    schema = operation.body.model_json_schema()
    return least(schema, schema.get("$defs", {}))


def least(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the least that fits a description."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return least(schema["anyOf"][0], known)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", ())), None))
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: least(properties[name], known) for name in schema.get("required", ())}
    if kind == "array":
        return [least(schema["items"], known)] * schema.get("minItems", 0)
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "x" * max(2, schema.get("minLength", 2)))
    return {"integer": schema.get("minimum", 1), "boolean": False, "number": 1}.get(kind)


_FORMATS = {"date-time": "2099-01-01T00:00:00Z", "date": "2099-01-01"}

"""Every operation of the API and everybody who may call it: generated from the operations.

What is expected is what the operation itself says: its permission, and where it works. Who may not
is told so before anything else is looked at; what is another tenant's is answered as what never
was: by status, by body, and by the number of statements that it took.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from authserver.admin.rest.operation import Does, Operation, Where
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.wiring.administration import make_administration
from tests.admin import specimens
from tests.admin.callers import EVERYTHING, Caller, person, program
from tests.admin.specimens import MAKERS, absent, parts
from tests.api_keys.making import of_person
from tests.spec.tools import disable_person
from tests.support.sql import executed
from tests.support.world import TenantFixture, World

pytestmark = [pytest.mark.any_database, pytest.mark.attack("ATK-115")]
MINUTE = timedelta(minutes=1)
UNFIT = {"no such field": 1}
MAY_NOT = "urn:authserver:problem:insufficient_permission"


def operations(world: World) -> tuple[Operation, ...]:
    return make_administration(world.services).operations


def path(operation: Operation, values: Mapping[str, str]) -> str:
    return operation.path.format_map(values)


def nowhere(operation: Operation) -> dict[str, str]:
    return {part: absent(part) for part in parts(operation)}


def asked(caller: Caller, operation: Operation) -> tuple[int, str]:
    """Ask for nothing that there is; with a body that is unfit, so that nothing can change."""
    sent = None if operation.does is Does.READ and operation.body is None else UNFIT
    answer = caller.call(operation.method, path(operation, nowhere(operation)), sent)
    return answer.status_code, (answer.json or {}).get("type", "")


def needed(operation: Operation) -> set[Permission]:
    return {one for one in (operation.permission, *operation.also) if one is not None}


def expected(operation: Operation, allowed: frozenset[Permission], *, platform: bool) -> int:
    """Return the status that the operation's own words promise."""
    if operation.where is Where.PLATFORM and not platform:
        return 403
    if not needed(operation) <= allowed:
        return 403
    if operation.body is not None:
        return 422
    if operation.does is not Does.READ:
        return 400
    return 404 if parts(operation) else 200


@pytest.mark.parametrize("kind", ["internal", "customer"])
def test_every_builtin_role_may_ask_for_what_its_permissions_say_and_for_nothing_else(
    world: World, kind: str
) -> None:
    tenant = world.tenant(kind)
    for role, definition in BUILTIN.items():
        if kind != "internal" and role == "PLATFORM_ADMIN":
            continue
        caller = person(world, role, tenant=tenant)
        for operation in operations(world):
            wanted = expected(operation, definition.permissions, platform=kind == "internal")
            found, why = asked(caller, operation)
            assert found == wanted, (role, operation.method, operation.path)
            assert (why == MAY_NOT) == (wanted == 403)


@pytest.mark.parametrize("scope", EVERYTHING)
def test_a_program_may_ask_for_what_its_scope_names_and_for_nothing_else(
    world: World, scope: str
) -> None:
    caller = program(world, scope)
    for operation in operations(world):
        wanted = expected(operation, frozenset({Permission(scope)}), platform=True)
        assert asked(caller, operation)[0] == wanted, (operation.method, operation.path)


def test_a_token_with_fewer_scopes_opens_no_more_than_these(world: World) -> None:
    caller = person(world, "PLATFORM_ADMIN", scopes=["users:read"])
    for operation in operations(world):
        wanted = expected(operation, frozenset({Permission.USERS_READ}), platform=True)
        assert asked(caller, operation)[0] == wanted, (operation.method, operation.path)


def test_an_api_key_with_fewer_scopes_opens_no_more_than_these(world: World) -> None:
    admin = world.user(world.tenant("internal"), "PLATFORM_ADMIN")
    key = of_person(world, admin, "users:read")
    caller = Caller(world, admin.tenant, key.text)
    for operation in operations(world):
        wanted = expected(operation, frozenset({Permission.USERS_READ}), platform=True)
        assert asked(caller, operation)[0] == wanted, (operation.method, operation.path)


def test_who_holds_nothing_may_ask_for_nothing(world: World) -> None:
    caller = person(world)
    for operation in operations(world):
        wanted = expected(operation, frozenset(), platform=True)
        assert asked(caller, operation)[0] == wanted, (operation.method, operation.path)


def test_nobody_unknown_expired_disabled_or_suspended_is_told_anything(world: World) -> None:
    nobody = Caller(world, world.tenant(), "")
    disabled, suspended = person(world, "PLATFORM_ADMIN"), person(world, "PLATFORM_ADMIN")
    assert disabled.stage is not None
    world.user(disabled.tenant, "PLATFORM_ADMIN")
    disable_person(world, disabled.stage.person)
    world.services.database.write(
        lambda tx: world.services.tenants.suspend(tx, suspended.tenant.slug, world.operator)
    )
    world.services.watch.changed()
    expired = person(world, "PLATFORM_ADMIN")
    holder = world.user(world.tenant("internal"), "PLATFORM_ADMIN")
    ended = of_person(world, holder, "users:read", expires_at=world.clock.now() + MINUTE)
    old_key = Caller(world, holder.tenant, ended.text)
    world.clock.move(minutes=16)
    for caller in (nobody, disabled, suspended, expired, old_key):
        bodies = set()
        for operation in operations(world):
            values = nowhere(operation)
            if "tenant_id" in values:
                values["tenant_id"] = caller.tenant.id  # not even in the tenant of one's own
            answer = caller.call(operation.method, path(operation, values))
            assert answer.status_code == 401, (operation.method, operation.path)
            bodies.add(same(answer.text))
        assert len(bodies) == 1


def same(text: str) -> str:
    """Return an answer without what is new in every one."""
    return re.sub(r"cor_[0-9a-f]+", "", text)


def seen(caller: Caller, operation: Operation, values: Mapping[str, str]) -> tuple[object, ...]:
    """Return all that somebody sees of an answer: status, body, headers, and how long it took."""
    caller.call("GET", "/nothing")  # what is cached of keys and clients is at hand from here on
    with executed(caller.world.services.database.engine) as statements:
        answer = caller.call(operation.method, path(operation, values), specimens.body(operation))
    told = answer.text
    for value in values.values():  # what was asked for may be said again
        told = told.replace(value, "what was asked for")
    headers = frozenset(name for name, _ in answer.headers)
    counted = [one for one in statements if "snapshot_version" not in one]
    return answer.status_code, same(told), headers, len(counted)


@pytest.mark.attack("ATK-136")
@pytest.mark.parametrize("role", ["admin", "PLATFORM_ADMIN"])
def test_another_tenant_and_none_are_answered_alike(world: World, role: str) -> None:
    """Also to the platform, which has to open a tenant before."""
    caller = person(world, role, kind="customer" if role == "admin" else "internal")
    made = Made(world, world.tenant())
    for operation in within(world, BUILTIN[role].permissions):
        if operation.where is Where.VIEW and role == "PLATFORM_ADMIN":
            continue  # it sees every tenant, and that there is none
        theirs = {part: made[part] for part in parts(operation)}
        foreign = seen(caller, operation, theirs)
        none = seen(caller, operation, {**theirs, "tenant_id": absent("tenant_id")})
        assert foreign[0] == 404, (operation.method, operation.path, foreign)
        assert foreign == none, (operation.method, operation.path)


@pytest.mark.attack("ATK-136")
def test_what_is_another_tenants_and_what_never_was_are_answered_alike(world: World) -> None:
    caller, theirs = person(world, "admin", kind="customer"), world.tenant()
    own, foreign = Made(world, caller.tenant), Made(world, theirs)
    for operation in within(world, BUILTIN["admin"].permissions):
        for part in parts(operation)[1:]:
            values = {each: own[each] for each in parts(operation)}
            other = seen(caller, operation, {**values, part: foreign[part]})
            none = seen(caller, operation, {**values, part: absent(part)})
            assert other[0] == 404, (operation.method, operation.path, part, other)
            assert other == none, (operation.method, operation.path, part)


class Made(dict[str, str]):
    """One of everything in a tenant."""

    def __init__(self, world: World, tenant: TenantFixture) -> None:
        super().__init__({part: make(world, tenant) for part, make in MAKERS.items()})

    def __missing__(self, part: str) -> str:
        raise AssertionError(f"tests/admin/specimens.py: say how a {part} is made")


def within(world: World, allowed: frozenset[Permission]) -> Iterator[Operation]:
    """Give the operations that work in a tenant and need no more than these permissions."""
    for operation in operations(world):
        if operation.where is not Where.PLATFORM and needed(operation) <= allowed:
            yield operation

"""A provider's groups give roles that the tenant made itself."""

from dataclasses import replace

import pytest

from authserver.federation.values import Kind
from authserver.roles.custom import NewRole, RoleChange
from tests.support.proofs import House, answer, make
from tests.support.world import World


@pytest.fixture
def house(world: World) -> House:
    return make(world)


def test_groups_give_the_tenants_own_roles_as_they_are_at_the_sign_in(house: House) -> None:
    roles = house.world.services.custom_roles
    actor = replace(house.world.operator, principal=house.tenant.id)
    tenant, write = house.tenant, house.world.services.database.write

    def make_role(name: str, *permissions: str) -> None:
        new = NewRole(name, "Reads", permissions)
        write(lambda tx: roles.create(tx, tenant.id, new, actor=actor))

    make_role("reader", "users:read")
    full = f"{tenant.slug}/reader"
    own = house.connect(Kind.OIDC, own=True, group_roles={"staff": full})
    person, said = house.world.user(tenant), answer("1", groups=("staff",))
    house.link(person, own, said)
    house.enter(own, said)
    assert house.roles(person.id) == [full]
    more = RoleChange(permissions=["users:read", "users:write"])
    write(lambda tx: roles.change(tx, tenant.id, "reader", change=more, actor=actor))
    house.enter(own, answer("1"))
    assert house.roles(person.id) == [full], "of a privileged role groups decide nothing"
    write(lambda tx: roles.delete(tx, tenant.id, "reader", actor=actor))
    house.world.clock.move(seconds=1)
    make_role("reader", "users:read")
    house.enter(own, said)
    assert house.roles(person.id) == [], "it is another role of the same name (ATK-112)"

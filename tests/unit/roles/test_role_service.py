from types import SimpleNamespace

import pytest

from authserver.accounts.models import User
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound, Refused
from authserver.roles.catalogue import BUILTIN
from authserver.roles.policy import Grantor, UnknownRole
from authserver.roles.service import RoleService
from authserver.tenants.models import TenantType


class World:
    """One customer tenant and the service under test."""

    def __init__(self, installation: SimpleNamespace) -> None:
        self.installation = installation
        self.tenant = installation.tenant("globex")
        self.service = RoleService(installation.trail, installation.clock)
        self.actor = Actor("operator", self.tenant.id, "req_test")

    def set_roles(self, user_id: str, *roles: str, grantor: Grantor | None = None) -> list[str]:
        return self.installation.database.write(
            lambda transaction: self.service.set_roles(
                transaction, self.tenant.id, user_id, roles=roles, actor=self.actor, grantor=grantor
            )
        )

    def roles_of(self, user_id: str) -> list[str]:
        with self.installation.database.read() as view:
            return self.service.roles_of(view, self.tenant.id, user_id)

    def person(self, *roles: str) -> str:
        user_id: str = self.installation.person(self.tenant)
        self.set_roles(user_id, *roles)
        return user_id


@pytest.fixture
def world(installation: SimpleNamespace) -> World:
    return World(installation)


def test_roles_are_replaced_and_the_event_tells_before_and_after(world: World) -> None:
    person = world.person("SUPPORT_AGENT", "sales_rep")
    assert world.set_roles(person, "SUPPORT_MANAGER", "SALES_REP") == [
        "SALES_REP",
        "SUPPORT_MANAGER",
    ]
    assert world.roles_of(person) == ["SALES_REP", "SUPPORT_MANAGER"]
    last = world.installation.events("user.roles_changed")[-1]
    assert '"before":{"roles":["SALES_REP","SUPPORT_AGENT"]}' in last
    assert '"after":{"roles":["SALES_REP","SUPPORT_MANAGER"]}' in last


def test_setting_the_same_roles_again_records_nothing(world: World) -> None:
    person = world.person("SALES_REP")
    world.set_roles(person, "SALES_REP")
    assert len(world.installation.events("user.roles_changed")) == 1


def test_an_unknown_role_changes_nothing(world: World) -> None:
    person = world.person("SALES_REP")
    with pytest.raises(UnknownRole):
        world.set_roles(person, "SALES_MANAGER", "EMPEROR")
    assert world.roles_of(person) == ["SALES_REP"]


def test_a_person_of_another_tenant_is_not_found(world: World) -> None:
    other = world.installation.tenant("initech", TenantType.PARTNER)
    stranger = world.installation.person(other)
    with pytest.raises(NotFound):
        world.set_roles(stranger, "SALES_REP")


def test_platform_admin_is_refused_in_a_customer_tenant(world: World) -> None:
    with pytest.raises(Refused, match="internal"):
        world.person("PLATFORM_ADMIN")


def test_the_last_administrator_cannot_be_demoted_until_there_is_another(world: World) -> None:
    first = world.person("admin")
    with pytest.raises(Refused, match="last administrator"):
        world.set_roles(first, "admin_viewer")
    assert world.roles_of(first) == ["admin"]
    world.person("admin")
    assert world.set_roles(first) == []


def test_a_disabled_administrator_does_not_count(world: World) -> None:
    first, second = world.person("admin"), world.person("admin")

    def disable(transaction: Transaction) -> None:
        row = transaction.tenant(world.tenant.id).get(User, second)
        row.disabled_at = world.installation.clock.now()

    world.installation.database.write(disable)
    with pytest.raises(Refused, match="last administrator"):
        world.set_roles(first)


def test_an_administrator_of_another_tenant_does_not_count(world: World) -> None:
    first = world.person("admin")
    other = World.__new__(World)
    other.__dict__ = {**world.__dict__, "tenant": world.installation.tenant("initech")}
    other.person("admin")
    with pytest.raises(Refused, match="last administrator"):
        world.set_roles(first)


@pytest.mark.attack("ATK-118")
def test_an_administrator_gives_what_they_hold_and_never_to_themselves(world: World) -> None:
    admin, person = world.person("admin"), world.person()
    grantor = Grantor(admin, BUILTIN["admin"].permissions)
    assert world.set_roles(person, "SUPPORT_AGENT", grantor=grantor) == ["SUPPORT_AGENT"]
    with pytest.raises(Refused, match="own roles"):
        world.set_roles(admin, "admin", "SUPPORT_AGENT", grantor=grantor)
    weak = Grantor(admin, BUILTIN["SUPPORT_MANAGER"].permissions)
    with pytest.raises(Refused, match="more than you may do"):
        world.set_roles(person, "admin", grantor=weak)

"""Who holds which role: of a role, and of a person. Giving one may be for a while."""

from collections.abc import Sequence

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.admin.api.roles.roles import LIST, ROLE
from authserver.admin.api.roles.shown import (
    AssignmentList,
    GivenRole,
    HolderPage,
    HolderShown,
    held,
)
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.admin.rest.paging import Cursors, PageQuery, Rows
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.roles.catalogue import Permission
from authserver.roles.custom import CustomRoles
from authserver.roles.lookup import holds_now
from authserver.roles.models import RoleAssignment
from authserver.roles.service import Grant, RoleService

HELD = "/tenants/{tenant_id}/users/{user_id}/roles"
ONE = f"{HELD}/{{role}}"


class Assignments:
    """Operations on who holds what. Whoever gives or takes a role holds all that it allows."""

    def __init__(
        self, roles: RoleService, custom: CustomRoles, *, cursors: Cursors, clock: Clock
    ) -> None:
        """Take what assigns roles and finds them, what makes cursors, and the time."""
        self._roles = roles
        self._custom = custom
        self._cursors = cursors
        self._clock = clock

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, assign = Permission.USERS_READ, Permission.ROLES_ASSIGN
        return (
            Operation(
                "GET", f"{ROLE}/people", Does.READ, read, self.list_holders,
                "List who holds a role", LIST, query=PageQuery, shows=HolderPage,
            ),
            Operation(
                "GET", HELD, Does.READ, read, self.list_user_roles,
                "List what somebody holds, and until when", LIST, shows=AssignmentList,
            ),
            Operation(
                "PUT", ONE, Does.CHANGE, assign, self.give_role,
                "Give somebody a role, for good or until a moment", LIST, body=GivenRole,
                shows=AssignmentList, sensitive=True,
            ),
            Operation(
                "DELETE", ONE, Does.CHANGE, assign, self.take_role,
                "Take a role from somebody", LIST, shows=AssignmentList, sensitive=True,
            ),
        )  # fmt: skip

    def list_holders(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of those who hold a role now, in the order in which they came."""
        tenant_id = call.path["tenant_id"]
        role = self._custom.get(transaction, tenant_id, call.path["role"])
        wanted = select(RoleAssignment).where(
            RoleAssignment.role == role.name, holds_now(self._clock.now())
        )
        session = transaction.tenant(tenant_id)
        rows = Rows(session, wanted, "holders")
        page, after = self._cursors.page(rows, call, by=[RoleAssignment.user_id], show=_holder)
        ids = [one.user_id for one in page]
        people = {one.id: one for one in session.scalars(select(User).where(User.id.in_(ids)))}
        items = tuple(
            one.model_copy(
                update={"email": people[one.user_id].email, "name": people[one.user_id].name}
            )
            for one in page
        )
        return Reply(HolderPage(items=items, next_cursor=after))

    def list_user_roles(self, transaction: Transaction, call: Call) -> Reply:
        """Return what somebody holds now."""
        tenant_id, user_id = call.path["tenant_id"], call.path["user_id"]
        if transaction.tenant(tenant_id).get(User, user_id) is None:
            raise NotFound("There is no such person.")
        return Reply(held(self._roles.assignments_of(transaction, tenant_id, user_id)))

    def give_role(self, transaction: Transaction, call: Call) -> Reply:
        """Give a role, or set when it ends. Idempotent."""
        tenant_id, user_id, name = self._meant(transaction, call)
        assignments = self._roles.give(
            transaction,
            tenant_id,
            user_id,
            grant=Grant(name, call.body.until),
            actor=call.caller.actor,
            grantor=call.caller.grantor,
        )
        return Reply(held(assignments))

    def take_role(self, transaction: Transaction, call: Call) -> Reply:
        """Take a role away. Idempotent."""
        tenant_id, user_id, name = self._meant(transaction, call)
        assignments = self._roles.take(
            transaction,
            tenant_id,
            user_id,
            role=name,
            actor=call.caller.actor,
            grantor=call.caller.grantor,
        )
        return Reply(held(assignments))

    def _meant(self, transaction: Transaction, call: Call) -> tuple[str, str, str]:
        tenant_id, user_id = call.path["tenant_id"], call.path["user_id"]
        role = self._custom.get(transaction, tenant_id, call.path["role"])
        return tenant_id, user_id, role.name


def _holder(row: RoleAssignment) -> HolderShown:
    return HolderShown(
        user_id=row.user_id, email="", name="", since=row.assigned_at, until=row.until
    )

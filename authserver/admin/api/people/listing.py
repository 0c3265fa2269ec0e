"""People are listed, searched, made, read, and changed."""

from collections.abc import Sequence

from authserver.accounts.guests import NewGuest
from authserver.admin.api.people.shown import (
    NewGuestAccount,
    NewRoles,
    NewUser,
    PeopleQuery,
    PersonPage,
    PersonShown,
    UserPatch,
    row,
)
from authserver.admin.api.people.tools import (
    LIST,
    USER,
    USERS,
    Tools,
    by,
    check_unchanged,
    place,
    shown,
)
from authserver.admin.reach import Reach
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.admin.rest.paging import scope_of
from authserver.core.database.engine import Transaction
from authserver.people.acts import NewPerson
from authserver.people.search import find, roles_of_each
from authserver.roles.catalogue import Permission


class People:
    """Operations on people as such."""

    def __init__(self, tools: Tools, reach: Reach) -> None:
        """Take what they are answered with, and who may work in which tenant."""
        self._tools = tools
        self._reach = reach

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.USERS_READ, Permission.USERS_WRITE
        return (
            Operation(
                "GET", USERS, Does.READ, read, self.list_users, "List and search people", LIST,
                query=PeopleQuery, shows=PersonPage,
            ),
            Operation(
                "POST", USERS, Does.CREATE, write, self.create_user, "Create an account", LIST,
                body=NewUser, shows=PersonShown,
            ),
            Operation(
                "POST", "/tenants/{tenant_id}/guests", Does.CREATE, write, self.create_guest,
                "Create a guest account for a person of another tenant", LIST,
                body=NewGuestAccount, shows=PersonShown,
            ),
            Operation(
                "GET", USER, Does.READ, read, self.read_user, "Read a person", LIST,
                shows=PersonShown,
            ),
            Operation(
                "PATCH", USER, Does.CHANGE, write, self.change_user,
                "Change what a profile says", LIST, body=UserPatch, shows=PersonShown,
            ),
            Operation(
                "PUT", f"{USER}/roles", Does.CHANGE, Permission.ROLES_ASSIGN, self.set_user_roles,
                "Set a person's roles", LIST, body=NewRoles, shows=PersonShown, sensitive=True,
            ),
        )  # fmt: skip

    def list_users(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of people."""
        query: PeopleQuery = call.query
        tenant_id, now = call.path["tenant_id"], self._tools.clock.now()
        cursors, scope = self._tools.cursors, scope_of(LIST, call)
        found = find(
            transaction.tenant(tenant_id),
            query.wanted(),
            order=query.sort,
            now=now,
            most=query.limit,
            after=cursors.read(query.cursor, *scope) if query.cursor else None,
        )
        roles = roles_of_each(transaction, tenant_id, [one.id for one in found.people], now=now)
        items = tuple(row(one, roles[one.id]) for one in found.people)
        after = cursors.make(found.place, *scope) if found.place else None
        return Reply(PersonPage(items=items, next_cursor=after))

    def create_user(self, transaction: Transaction, call: Call) -> Reply:
        """Create an account."""
        tenant_id = call.path["tenant_id"]
        user_id = self._tools.acts.create(
            transaction, tenant_id, NewPerson(**call.body.model_dump()), by=by(call)
        )
        return self._made(transaction, call, user_id)

    def create_guest(self, transaction: Transaction, call: Call) -> Reply:
        """Create a guest account; the caller may work in both tenants."""
        new: NewGuestAccount = call.body
        self._reach.check(transaction, call.caller, new.home_tenant_id)
        guest = NewGuest(
            call.path["tenant_id"], new.home_tenant_id, new.home_user_id, new.email, new.name
        )
        user_id = self._tools.acts.create_guest(transaction, guest, roles=new.roles, by=by(call))
        return self._made(transaction, call, user_id)

    def read_user(self, transaction: Transaction, call: Call) -> Reply:
        """Return a person."""
        return shown(self._tools, transaction, call)

    def change_user(self, transaction: Transaction, call: Call) -> Reply:
        """Change what a profile says."""
        check_unchanged(transaction, call)
        patch: UserPatch = call.body
        self._tools.acts.change(
            transaction,
            place(call),
            patch.told(),
            phone_verified=patch.phone_number_verified,
            by=by(call),
        )
        return shown(self._tools, transaction, call)

    def set_user_roles(self, transaction: Transaction, call: Call) -> Reply:
        """Make these the person's roles."""
        check_unchanged(transaction, call)
        self._tools.acts.set_roles(transaction, place(call), call.body.roles, by=by(call))
        return shown(self._tools, transaction, call)

    def _made(self, transaction: Transaction, call: Call, user_id: str) -> Reply:
        tenant_id = call.path["tenant_id"]
        path = {"tenant_id": tenant_id, "user_id": user_id}
        made = shown(self._tools, transaction, Call(call.caller, path, None, None, None))
        return Reply(made.content, made.version, f"/tenants/{tenant_id}/users/{user_id}")

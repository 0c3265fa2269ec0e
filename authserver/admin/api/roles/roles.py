"""/roles and /tenants/{tenant_id}/roles: the matrix of permissions, and a tenant's own roles."""

from collections.abc import Sequence
from typing import Any

from authserver.admin.api.roles.shown import NewRole, RoleMatrix, RolePatch, RoleShown, shown
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Where
from authserver.admin.rest.problems import Changed
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.custom import CustomRoles, RoleChange
from authserver.roles.custom import NewRole as RoleToMake
from authserver.roles.lookup import Role, builtin

LIST = "roles"
ROLES, ROLE = "/tenants/{tenant_id}/roles", "/tenants/{tenant_id}/roles/{role}"


class Roles:
    """Operations on roles. Whoever makes or changes one holds everything that it allows."""

    def __init__(self, roles: CustomRoles) -> None:
        """Take what keeps a tenant's own roles."""
        self._roles = roles

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.ROLES_READ, Permission.ROLES_WRITE
        return (
            Operation(
                "GET", "/roles", Does.READ, read, self.list_builtin_roles,
                "List the built-in roles and what they allow", LIST, Where.PLATFORM,
                shows=RoleMatrix,
            ),
            Operation(
                "GET", ROLES, Does.READ, read, self.list_roles,
                "List the roles that people of a tenant can have, and what they allow", LIST,
                shows=RoleMatrix,
            ),
            Operation(
                "POST", ROLES, Does.CREATE, write, self.create_role,
                "Make a role out of permissions", LIST, body=NewRole, shows=RoleShown,
                sensitive=True,
            ),
            Operation(
                "GET", ROLE, Does.READ, read, self.read_role, "Read a role", LIST, shows=RoleShown,
            ),
            Operation(
                "PATCH", ROLE, Does.CHANGE, write, self.change_role,
                "Change what a role of the tenant's own allows", LIST, body=RolePatch,
                shows=RoleShown, sensitive=True,
            ),
            Operation(
                "DELETE", ROLE, Does.CHANGE, write, self.delete_role,
                "Delete a role of the tenant's own, and take it from everybody", LIST,
                sensitive=True,
            ),
        )  # fmt: skip

    def list_builtin_roles(self, _transaction: Transaction, call: Call) -> Reply:
        """Return the matrix of the catalogue."""
        return _matrix([builtin(name) for name in BUILTIN], call)

    def list_roles(self, transaction: Transaction, call: Call) -> Reply:
        """Return the matrix of a tenant: built-in roles, then its own."""
        return _matrix(self._roles.assignable(transaction, call.path["tenant_id"]), call)

    def create_role(self, transaction: Transaction, call: Call) -> Reply:
        """Make a role."""
        asked: NewRole = call.body
        new = RoleToMake(asked.name, asked.description, asked.permissions)
        tenant_id = call.path["tenant_id"]
        role = self._roles.create(transaction, tenant_id, new, **_by(call))
        location = ROLE.format(tenant_id=tenant_id, role=role.short)
        return Reply(shown(role, call.caller), _version(role), location)

    def read_role(self, transaction: Transaction, call: Call) -> Reply:
        """Return a role, built in or the tenant's own."""
        role = self._roles.get(transaction, call.path["tenant_id"], call.path["role"])
        return Reply(shown(role, call.caller), _version(role))

    def change_role(self, transaction: Transaction, call: Call) -> Reply:
        """Change a role."""
        tenant_id, name = self._held(transaction, call)
        patch: RolePatch = call.body
        change = RoleChange(**{one: getattr(patch, one) for one in patch.model_fields_set})
        role = self._roles.change(transaction, tenant_id, name, change=change, **_by(call))
        return Reply(shown(role, call.caller), _version(role))

    def delete_role(self, transaction: Transaction, call: Call) -> Reply:
        """Delete a role."""
        tenant_id, name = self._held(transaction, call)
        self._roles.delete(transaction, tenant_id, name, **_by(call))
        return Reply()

    def _held(self, transaction: Transaction, call: Call) -> tuple[str, str]:
        """Return which role is meant, if it still is what the caller read."""
        tenant_id, name = call.path["tenant_id"], call.path["role"]
        _, row = self._roles.held(transaction, tenant_id, name)
        if call.version is not None and call.version != row.version:
            raise Changed("Read it again, and decide anew.")
        return tenant_id, name


def _matrix(roles: Sequence[Role], call: Call) -> Reply:
    items = tuple(shown(role, call.caller) for role in roles)
    return Reply(RoleMatrix(permissions=tuple(Permission), items=items))


def _by(call: Call) -> dict[str, Any]:
    return {"actor": call.caller.actor, "grantor": call.caller.grantor}


def _version(role: Role) -> int:
    return role.custom.version if role.custom else 1

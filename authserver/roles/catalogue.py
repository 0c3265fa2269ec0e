"""The eighteen built-in roles and the permissions they are made of."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What an administrator or a viewer may do; `<noun>:<verb>`."""

    TENANTS_READ = "tenants:read"
    TENANTS_WRITE = "tenants:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    USERS_UNLOCK = "users:unlock"
    ROLES_READ = "roles:read"
    ROLES_WRITE = "roles:write"
    ROLES_ASSIGN = "roles:assign"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    API_KEYS_READ = "api_keys:read"
    API_KEYS_WRITE = "api_keys:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_END = "sessions:end"
    KEYS_READ = "keys:read"
    KEYS_ROTATE = "keys:rotate"
    AUDIT_READ = "audit:read"
    AUDIT_EXPORT = "audit:export"
    USAGE_READ = "usage:read"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    HEALTH_READ = "health:read"


class Domain(StrEnum):
    """The part of a company that a role belongs to."""

    SYSTEM = "system"
    SALES = "sales"
    OPERATIONS = "operations"
    SUPPORT = "support"
    FINANCE = "finance"
    OTHER = "other"


@dataclass(frozen=True)
class RoleDefinition:
    """A built-in role."""

    name: str
    domain: Domain
    description: str
    permissions: frozenset[Permission]


_P = Permission
_READ = frozenset(permission for permission in Permission if permission.endswith(":read"))
_TENANT_ADMIN = frozenset(Permission) - {_P.TENANTS_WRITE, _P.KEYS_ROTATE, _P.HEALTH_READ}
_PEOPLE = frozenset({_P.USERS_READ, _P.ROLES_READ, _P.SESSIONS_READ})


def _role(name: str, domain: Domain, description: str, *granted: Permission) -> RoleDefinition:
    return RoleDefinition(name, domain, description, frozenset(granted))


_D = Domain
# fmt: off
_ROLES = (
    _role("admin", _D.SYSTEM, "Administers one tenant: people, roles, clients, sign-in.", *_TENANT_ADMIN),
    _role("PLATFORM_ADMIN", _D.SYSTEM, "Administers the whole installation and every tenant.", *Permission),
    _role("admin_viewer", _D.SYSTEM, "Sees everything an administrator sees and changes nothing.", *_READ),
    _role("SALES_REP", _D.SALES, "Sells: sees customers' tenants and people.", _P.TENANTS_READ, _P.USERS_READ),
    _role("SALES_MANAGER", _D.SALES, "Leads sales: sees tenants, people and usage.", _P.TENANTS_READ, _P.USERS_READ, _P.USAGE_READ),
    _role("ACCOUNT_MANAGER", _D.SALES, "Looks after accounts: tenants, people, usage and bills.", _P.TENANTS_READ, _P.USERS_READ, _P.USAGE_READ, _P.BILLING_READ),
    _role("NOC_OPERATOR", _D.OPERATIONS, "Watches the platform: health and sessions.", _P.HEALTH_READ, _P.SESSIONS_READ, _P.TENANTS_READ),
    _role("NOC_MANAGER", _D.OPERATIONS, "Leads the operations centre and ends sessions.", _P.HEALTH_READ, _P.SESSIONS_READ, _P.SESSIONS_END, _P.TENANTS_READ, _P.USAGE_READ, _P.AUDIT_READ),
    _role("CLOUD_OPS", _D.OPERATIONS, "Runs the cloud: clients, keys and health.", _P.HEALTH_READ, _P.CLIENTS_READ, _P.KEYS_READ, _P.TENANTS_READ, _P.USAGE_READ),
    _role("OPERATIONS_MANAGER", _D.OPERATIONS, "Leads operations: clients, sessions, usage, trail.", _P.HEALTH_READ, _P.CLIENTS_READ, _P.KEYS_READ, _P.TENANTS_READ, _P.USAGE_READ, _P.SESSIONS_READ, _P.SESSIONS_END, _P.AUDIT_READ),
    _role("SUPPORT_AGENT", _D.SUPPORT, "Helps people: sees and unlocks accounts.", *_PEOPLE, _P.USERS_UNLOCK),
    _role("SUPPORT_MANAGER", _D.SUPPORT, "Leads support: also ends sessions and reads the trail.", *_PEOPLE, _P.USERS_UNLOCK, _P.SESSIONS_END, _P.AUDIT_READ),
    _role("FINANCE_ANALYST", _D.FINANCE, "Reads usage and bills.", _P.USAGE_READ, _P.BILLING_READ, _P.TENANTS_READ),
    _role("FINANCE_MANAGER", _D.FINANCE, "Leads finance: reads usage, changes billing.", _P.USAGE_READ, _P.BILLING_READ, _P.BILLING_WRITE, _P.TENANTS_READ),
    _role("SECURITY_ANALYST", _D.OTHER, "Investigates: trail, sessions, people, clients.", *_PEOPLE, _P.AUDIT_READ, _P.AUDIT_EXPORT, _P.CLIENTS_READ, _P.CONNECTIONS_READ, _P.KEYS_READ, _P.API_KEYS_READ),
    _role("product_manager", _D.OTHER, "Follows the product: tenants, clients and usage.", _P.TENANTS_READ, _P.CLIENTS_READ, _P.USAGE_READ),
    _role("EXECUTIVE", _D.OTHER, "Sees figures: usage, bills and health.", _P.USAGE_READ, _P.BILLING_READ, _P.HEALTH_READ, _P.TENANTS_READ),
    _role("customer_viewer", _D.OTHER, "A customer's reader: its own people and usage.", _P.USERS_READ, _P.USAGE_READ),
)
# fmt: on

BUILTIN: dict[str, RoleDefinition] = {role.name: role for role in _ROLES}

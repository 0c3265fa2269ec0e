"""Who may give which role to whom, and which names are free. Values in, decision out."""

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from authserver.core.problems import Problem, Refused
from authserver.roles.catalogue import BUILTIN, Domain, Permission, RoleDefinition

PLATFORM_ADMIN = "PLATFORM_ADMIN"
ADMINISTRATORS = frozenset({"admin", PLATFORM_ADMIN})
_INTERNAL = "internal"
_PLAIN = frozenset(
    {
        Permission.TENANTS_READ,
        Permission.USERS_READ,
        Permission.ROLES_READ,
        Permission.CLIENTS_READ,
        Permission.USAGE_READ,
        Permission.BILLING_READ,
        Permission.HEALTH_READ,
    }
)
_CANONICAL = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
# Digits that are read as letters, and letters that are read as one another.
_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "", "_": "", ".": ""})


class UnknownRole(Problem):
    """There is no such role."""

    code = "unknown_role"
    title = "There is no such role"


@dataclass(frozen=True)
class Grantor:
    """The person who changes somebody's roles, and what that person may do."""

    user_id: str
    permissions: AbstractSet[Permission]


def normalise(name: str) -> str:
    """Return the form under which names are compared (NFKC, case-folded). Raises UnknownRole.

    What is not ASCII then is refused: a Cyrillic letter never stands for a Latin one (ATK-117).
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    if not _CANONICAL.fullmatch(folded):
        raise UnknownRole(
            "A role's name begins with a letter and has letters, digits, '_', '-', '.'; at most 40."
        )
    return folded


_BY_NORMAL_FORM = {normalise(name): role for name, role in BUILTIN.items()}


def find_builtin(name: str) -> RoleDefinition:
    """Return the built-in role of this name, in whatever case. Raises UnknownRole."""
    role = _BY_NORMAL_FORM.get(normalise(name))
    if role is None:
        raise UnknownRole(f"There is no role '{name}'. Roles are: {', '.join(BUILTIN)}.")
    return role


def reads_like_builtin(name: str) -> bool:
    """Tell whether a custom role's name could pass for a built-in one. Raises UnknownRole."""
    return _skeleton(normalise(name)) in _SKELETONS


def _skeleton(normal: str) -> str:
    return normal.translate(_LOOK_ALIKE).replace("rn", "m").replace("vv", "w")


_SKELETONS = frozenset(_skeleton(name) for name in _BY_NORMAL_FORM)


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return everything that the roles allow together."""
    return frozenset().union(*(BUILTIN[role].permissions for role in roles if role in BUILTIN))


def may_assign(
    grantor_permissions: AbstractSet[Permission], role_permissions: Iterable[Permission]
) -> bool:
    """Tell whether somebody may give a role: holds roles:assign and everything in the role."""
    return (
        Permission.ROLES_ASSIGN in grantor_permissions
        and set(role_permissions) <= grantor_permissions
    )


def check_grantor(grantor: Grantor, user_id: str, changed: Iterable[str]) -> None:
    """Raise Refused for one's own roles, and for a role above one's own, given or taken."""
    if grantor.user_id == user_id:
        raise Refused("Nobody changes their own roles.")
    for role in sorted(changed):
        if not may_assign(grantor.permissions, permissions_of([role])):
            raise Refused(f"The role {role} allows more than you may do yourself.")


def is_privileged(role: str) -> bool:
    """Tell whether a role is for people whom somebody chose, never for whoever registers.

    So is every role that changes anything, that looks into other people's doings or at keys, and
    every role of the system. One that nobody knows is, too.
    """
    known = BUILTIN.get(role)
    return known is None or known.domain is Domain.SYSTEM or not known.permissions <= _PLAIN


def check_open_role(name: str) -> str:
    """Return the role as the catalogue spells it, if whoever registers may have it.

    Raises UnknownRole, or Refused for a privileged one.
    """
    role = find_builtin(name).name
    if is_privileged(role):
        raise Refused(f"The role {role} is given by administrators, never to whoever registers.")
    return role


def check_tenant_type(roles: Iterable[str], tenant_type: str) -> None:
    """Raise Refused for PLATFORM_ADMIN outside an Internal tenant."""
    if PLATFORM_ADMIN in set(roles) and tenant_type != _INTERNAL:
        raise Refused(f"{PLATFORM_ADMIN} is for people of an internal tenant.")


def is_administrator(roles: Iterable[str]) -> bool:
    """Tell whether the roles make somebody an administrator of their tenant."""
    return not ADMINISTRATORS.isdisjoint(roles)


def check_administrator_stays(*, leaves: bool, others: int) -> None:
    """Raise Refused when the only administrator of a tenant would stop being one."""
    if leaves and others == 0:
        raise Refused("The last administrator of a tenant stays: make somebody else one first.")

"""Who may give which role to whom, and which names are free. Values in, decision out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from authserver.core.problems import Problem, Refused
from authserver.core.said import said
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
# What no other role has: nobody outside an internal tenant does it.
OF_THE_PLATFORM = BUILTIN[PLATFORM_ADMIN].permissions.difference(
    *(role.permissions for role in BUILTIN.values() if role.name != PLATFORM_ADMIN)
)
MOST_DESCRIPTION = 200
_CANONICAL = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
# Digits that are read as letters, and letters that are read as one another.
_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "", "_": "", ".": ""})


class UnknownRole(Problem):
    """There is no such role."""

    code = "unknown_role"
    title = "There is no such role"


class UnfitRole(Problem):
    """The role cannot be so; the description says why."""

    code = "unfit_role"
    title = "The role cannot be so"


# What roles allow, by their names.
Roles = Mapping[str, AbstractSet[Permission]]
NO_ROLES: Roles = MappingProxyType({})


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
            "A role's name begins with a letter and has letters, digits, '_', '-', '.';"
            " at most 40.",
            field="name",
        )
    return folded


_BY_NORMAL_FORM = {normalise(name): role for name, role in BUILTIN.items()}


def find_builtin(name: str) -> RoleDefinition:
    """Return the built-in role of this name, in whatever case. Raises UnknownRole."""
    role = _BY_NORMAL_FORM.get(normalise(name))
    if role is None:
        raise UnknownRole(
            said(
                "There is no role '%(name)s'. Roles are: %(builtin)s.",
                name=name,
                builtin=", ".join(BUILTIN),
            ),
            field="roles",
        )
    return role


def is_builtin(name: str) -> bool:
    """Tell whether a name is that of a built-in role, in whatever case. Raises UnknownRole."""
    return normalise(name) in _BY_NORMAL_FORM


def reads_like_builtin(name: str) -> bool:
    """Tell whether a custom role's name could pass for a built-in one. Raises UnknownRole."""
    return _skeleton(normalise(name)) in _SKELETONS


def _skeleton(normal: str) -> str:
    return normal.translate(_LOOK_ALIKE).replace("rn", "m").replace("vv", "w")


_SKELETONS = frozenset(_skeleton(name) for name in _BY_NORMAL_FORM)


def check_custom_name(name: str) -> str:
    """Return a custom role's name in its normal form.

    Raises UnknownRole, or UnfitRole for one that could pass for a built-in role.
    """
    normal = normalise(name)
    if reads_like_builtin(normal):
        raise UnfitRole("The name reads like that of a built-in role.", field="name")
    return normal


def skeleton(normal: str) -> str:
    """Return what a name has in common with those that read like it."""
    return _skeleton(normal)


def check_description(text: str) -> str:
    """Return what a role is for, in NFC. Raises UnfitRole for what could mislead."""
    clean = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(clean) <= MOST_DESCRIPTION or not clean.isprintable():
        raise UnfitRole(
            said(
                "A description has 1 to %(most_description)s characters, none of them invisible.",
                most_description=MOST_DESCRIPTION,
            ),
            field="description",
        )
    return clean


def token_name(slug: str, name: str) -> str:
    """Return a custom role's name as tokens have it: never one that a built-in role could have."""
    return f"{slug}/{name}"


def check_made_of(permissions: Iterable[str], tenant_type: str) -> frozenset[Permission]:
    """Return the permissions of a custom role.

    Raises UnfitRole for one that there is not, or that nobody in such a tenant may have.
    """
    known = {permission.value: permission for permission in Permission}
    wanted = set(permissions)
    if not wanted <= known.keys():
        raise UnfitRole(
            said(
                "There is no such permission. Permissions are: %(known)s.", known=", ".join(known)
            ),
            field="permissions",
        )
    made_of = frozenset(known[name] for name in wanted)
    if tenant_type != _INTERNAL and made_of & OF_THE_PLATFORM:
        above = ", ".join(sorted(made_of & OF_THE_PLATFORM))
        raise UnfitRole(
            said("Only roles of an internal tenant allow %(above)s.", above=above),
            field="permissions",
        )
    return made_of


def check_maker(grantor: Grantor, *made_of: AbstractSet[Permission]) -> None:
    """Raise Refused for a role that allows, before or after, more than its maker may do."""
    if not frozenset().union(*made_of) <= grantor.permissions:
        raise Refused("The role allows more than you may do yourself.", field="permissions")


def may_assign(
    grantor_permissions: AbstractSet[Permission], role_permissions: Iterable[Permission]
) -> bool:
    """Tell whether somebody may give a role: holds roles:assign and everything in the role."""
    return (
        Permission.ROLES_ASSIGN in grantor_permissions
        and set(role_permissions) <= grantor_permissions
    )


def check_grantor(grantor: Grantor, user_id: str, changed: Roles) -> None:
    """Raise Refused for one's own roles, and for a role above one's own, given or taken."""
    if grantor.user_id == user_id:
        raise Refused("Nobody changes their own roles.")
    for role in sorted(changed):
        if not may_assign(grantor.permissions, changed[role]):
            raise Refused(
                said("The role %(role)s allows more than you may do yourself.", role=role),
                field="roles",
            )


def is_privileged(role: str, own: Roles = NO_ROLES) -> bool:
    """Tell whether a role is for people whom somebody chose, never for whoever registers.

    So is every role that changes anything, that looks into other people's doings or at keys, and
    every role of the system. One that nobody knows is, too: `own` are a tenant's own roles, by the
    names that tokens have.
    """
    if role in own:
        return not own[role] <= _PLAIN
    known = BUILTIN.get(role)
    return known is None or known.domain is Domain.SYSTEM or not known.permissions <= _PLAIN


def check_open_role(name: str, own: Roles = NO_ROLES) -> str:
    """Return the role as the catalogue spells it, if whoever registers may have it.

    Raises UnknownRole, or Refused for a privileged one. `own` as in `is_privileged`.
    """
    role = name if name in own else find_builtin(name).name
    if is_privileged(role, own):
        raise Refused(
            said(
                "The role %(role)s is given by administrators, never to whoever registers.",
                role=role,
            )
        )
    return role


def check_tenant_type(roles: Iterable[str], tenant_type: str) -> None:
    """Raise Refused for PLATFORM_ADMIN outside an Internal tenant."""
    if not all(fits_tenant_type(role, tenant_type) for role in roles):
        raise Refused(
            said(
                "%(platform_admin)s is for people of an internal tenant.",
                platform_admin=PLATFORM_ADMIN,
            ),
            field="roles",
        )


def fits_tenant_type(role: str, tenant_type: str) -> bool:
    """Tell whether people of such a tenant can have a role."""
    return role != PLATFORM_ADMIN or tenant_type == _INTERNAL


def is_administrator(roles: Iterable[str]) -> bool:
    """Tell whether the roles make somebody an administrator of their tenant."""
    return not ADMINISTRATORS.isdisjoint(roles)


def check_administrator_stays(*, leaves: bool, others: int) -> None:
    """Raise Refused when the only administrator of a tenant would stop being one.

    Who is one only until some moment does not count: then there would be none.
    """
    if leaves and others == 0:
        raise Refused("The last administrator of a tenant stays: make somebody else one first.")


def check_until(until: datetime | None, now: datetime) -> None:
    """Raise UnfitRole for an end that has passed, or is not a moment at all."""
    if until is None:
        return
    if until.tzinfo is None or until <= now:
        raise UnfitRole(
            "An assignment ends at a moment to come, with its time zone.", field="until"
        )

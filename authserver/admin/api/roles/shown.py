"""What is sent and shown of roles."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Given, Shown
from authserver.admin.rest.paging import Page
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.lookup import Role
from authserver.roles.policy import MOST_DESCRIPTION, may_assign
from authserver.roles.service import Assignment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Permissions = Annotated[
    list[Annotated[Permission, Field(strict=False)]], Field(max_length=len(Permission))
]
Description = Annotated[str, Field(max_length=MOST_DESCRIPTION)]


class RoleShown(Shown):
    """A role. `name` is what tokens say, `short_name` what it is called in its tenant and in URLs.

    `assignable`: the caller may give it, and take it away.
    """

    name: str
    short_name: str
    kind: Literal["builtin", "custom"]
    domain: str | None
    description: str
    permissions: tuple[Permission, ...]
    assignable: bool
    created_at: datetime | None


class RoleMatrix(Shown):
    """Every permission that there is, and every role with what it allows."""

    permissions: tuple[Permission, ...]
    items: tuple[RoleShown, ...]


class NewRole(Given):
    """A role to make out of permissions that the caller holds. Its name stays for good."""

    name: Annotated[str, Field(max_length=40)]
    description: Description
    permissions: Permissions


class RolePatch(Given):
    """What to change of a role. What is not sent stays."""

    description: Description = ""
    permissions: Permissions = Field(default_factory=list)


class HolderShown(Shown):
    """Somebody who holds a role, and until when if not for good."""

    user_id: str
    email: str
    name: str
    since: datetime
    until: datetime | None


class HolderPage(Page[HolderShown]):
    """A page of those who hold a role."""


class AssignmentShown(Shown):
    """A role that somebody holds, and until when if not for good."""

    role: str
    since: datetime
    until: datetime | None


class AssignmentList(Shown):
    """Everything that somebody holds now."""

    items: tuple[AssignmentShown, ...]


def _moment(given: object) -> object:
    """Take a day for its end, in UTC; only texts are times."""
    if given is not None and not isinstance(given, str):
        raise ValueError("a day or a time, as a text")
    if given is not None and _DAY.fullmatch(given):
        return f"{given}T23:59:59Z"
    return given


_EITHER = [{"type": "string", "format": name} for name in ("date-time", "date")]
End = Annotated[
    AwareDatetime | None,
    Field(strict=False),
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [*_EITHER, {"type": "null"}]}),
]


class GivenRole(Given):
    """Until when somebody is to have a role; a day means its end, in UTC; null: for good."""

    until: End = None


def shown(role: Role, caller: Caller) -> RoleShown:
    """Return a role as the caller sees it."""
    known = BUILTIN.get(role.name)
    return RoleShown(
        name=role.name,
        short_name=role.short,
        kind="builtin" if known else "custom",
        domain=known.domain.value if known else None,
        description=role.description,
        permissions=tuple(each for each in Permission if each in role.permissions),
        assignable=may_assign(caller.permissions, role.permissions),
        created_at=role.custom.created_at if role.custom else None,
    )


def held(assignments: list[Assignment]) -> AssignmentList:
    """Return what somebody holds."""
    items = (
        AssignmentShown(role=one.role, since=one.since, until=one.until) for one in assignments
    )
    return AssignmentList(items=tuple(items))

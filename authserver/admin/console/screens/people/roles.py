"""/console/.../users/<id>/roles: which roles somebody has, among those that one may give."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.people.shown import PersonShown
from authserver.admin.api.roles.shown import RoleMatrix, RoleShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen


class PersonRoles:
    """The screen that gives and takes roles."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        path = "/tenants/<tenant_id>/users/<user_id>/roles"
        return (Screen(path, "user_roles", self.set_roles, "set_user_roles", below="users"),)

    def set_roles(self, tenant_id: str, user_id: str) -> Response:
        """Set a person's roles. What they hold and one may not take stays chosen."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one, version = self._console.read("read_user", PersonShown, path)
        shown = {role.name: role for role in _roles(self._console, tenant_id)}
        choices = {
            name: _words(role)
            for name, role in shown.items()
            if role.assignable or name in one.roles
        }
        url = url_for("console.user", **path)
        form = Form(
            "set_user_roles",
            title=_("Roles of %(person)s", person=one.name),
            lead=_("You can give what you hold yourself. A change holds for the next token."),
            button=_("Save"),
            back=url,
            path=path,
            version=version,
            fields=(Field("roles", _("Roles"), Kind.MANY, value=one.roles, choices=choices),),
        )
        said = _("The roles were saved.")
        return self._console.fill(form, lambda _reply: self._console.go(url, said))


def role_choices(console: Console, tenant_id: str, *, mine: bool = False) -> dict[str, str]:
    """Return the roles of a tenant by name: all of them, or those that the person may give."""
    if not console.may("list_roles") or (mine and not console.may("set_user_roles")):
        return {}
    roles = _roles(console, tenant_id)
    if not mine:
        return {role.name: role.name for role in roles}
    return {role.name: _words(role) for role in roles if role.assignable}


def _roles(console: Console, tenant_id: str) -> tuple[RoleShown, ...]:
    reply = console.ask("list_roles", {"tenant_id": tenant_id})
    if not isinstance(reply.content, RoleMatrix):
        raise TypeError("list_roles shows a matrix")
    return reply.content.items


def _words(role: RoleShown) -> str:
    return f"{role.name}: {role.description}"

"""/console/.../users/<id>/roles and give-role: which roles somebody has, and until when."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.people.shown import PersonShown
from authserver.admin.api.roles.shown import RoleMatrix, RoleShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen
from authserver.admin.rest.problems import UnfitFields

_ROLE = "role"


class PersonRoles:
    """The screens that give and take roles."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = "/tenants/<tenant_id>/users/<user_id>"
        return (
            Screen(f"{one}/roles", "user_roles", self.set_roles, "set_user_roles", below="users"),
            Screen(f"{one}/give-role", "give_role", self.give, "give_role", below="users"),
        )

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
        return self._console.settle(form, said)

    def give(self, tenant_id: str, user_id: str) -> Response:
        """Give a person one role more, for good or until a day."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one, _version = self._console.read("read_user", PersonShown, path)
        choices = {
            role.short_name: _words(role)
            for role in _roles(self._console, tenant_id)
            if role.assignable and role.name not in one.roles
        }
        # The role is of the operation's path: until one is chosen, its place is shown there.
        chosen = request.form.get(_ROLE, "")
        url = url_for("console.user", **path)
        form = Form(
            "give_role",
            title=_("Give %(person)s a role", person=one.name),
            lead=_("You can give what you hold yourself. A change holds for the next token."),
            button=_("Give it"),
            back=url,
            path={**path, _ROLE: chosen if chosen in choices else "{role}"},
            fields=(
                Field(_ROLE, _("Role"), Kind.CHOICE, choices={"": _("Choose a role"), **choices}),
                last_day(),
            ),
            prepare=_without_role,
        )
        said = _("The role is given.")
        return self._console.settle(form, said)


def last_day(present: str | None = None) -> Field:
    """Return the field that says until when a role is held."""
    hint = _("To the end of this day, in UTC. Empty: for good.")
    return Field("until", _("Last day"), Kind.DATE, hint, value=present, optional=True)


def _without_role(given: dict[str, object]) -> dict[str, object]:
    if _ROLE not in given:
        missing = {"field": _ROLE, "code": "missing", "message": "A role is needed."}
        raise UnfitFields([missing])
    return {name: value for name, value in given.items() if name != _ROLE}


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
    return f"{role.name}: {described(role)}"


def described(role: RoleShown) -> str:
    """Return what a role is for: of a built-in one, in the person's language."""
    return str(_(role.description)) if role.kind == "builtin" else role.description

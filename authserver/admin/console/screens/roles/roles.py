"""/console/tenants/<id>/roles: the matrix of permissions, one role, and a tenant's own ones."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.roles.shown import RoleMatrix, RoleShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.console.screens.people.roles import described
from authserver.admin.console.screens.roles.words import in_words, subjects, verbs
from authserver.admin.console.visitor import caller
from authserver.admin.rest.operation import Reply
from authserver.roles.catalogue import Permission
from authserver.roles.policy import MOST_DESCRIPTION

ROLES, ROLE = "/tenants/<tenant_id>/roles", "/tenants/<tenant_id>/roles/<role>"


class RoleScreens:
    """Screens about roles."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        listed = Menu(Group.PEOPLE, _l("Roles"), "shield")
        overview = Tab("role", _l("Overview"))
        return (
            Screen(ROLES, "roles", self.index, "list_roles", menu=listed),
            Screen(f"{ROLES}/new", "new_role", self.new, "create_role", below="roles"),
            Screen(ROLE, "role", self.show, "read_role", tab=overview, below="roles"),
            Screen(f"{ROLE}/change", "change_role", self.change, "change_role", below="roles"),
            Screen(f"{ROLE}/delete", "delete_role", self.delete, "delete_role", below="roles"),
        )

    def index(self, tenant_id: str) -> Response:
        """Show which role allows what."""
        path: dict[str, Any] = {"tenant_id": tenant_id}
        matrix, _version = self._console.read("list_roles", RoleMatrix, path)
        rows = [
            {
                "name": role.short_name,
                "url": _url(tenant_id, role.short_name),
                "locked": role.kind == "builtin",
                "cells": [verbs(role.permissions, subject) for subject in subjects()],
            }
            for role in sorted(matrix.items, key=lambda role: role.kind == "builtin")
        ]
        new = Action(_("New role"), url_for("console.new_role", **path), "create_role", "primary")
        return self._console.page(
            "console/roles.html",
            title=_("Roles"),
            lead=_("What each role allows here. Your own applications decide by the roles' names."),
            subjects=list(subjects().values()),
            rows=rows,
            actions=[new] if self._console.may("create_role") else [],
        )

    def show(self, tenant_id: str, role: str) -> Response:
        """Show one role."""
        one, _version = self._read(tenant_id, role)
        path: dict[str, Any] = {"tenant_id": tenant_id, "role": one.short_name}
        actions = (
            Action(_("Change"), url_for("console.change_role", **path), "change_role"),
            Action(_("Delete"), url_for("console.delete_role", **path), "delete_role", "danger"),
        )
        own = one.kind == "custom"
        detail = Detail(
            one.short_name,
            (_about(one), _allowed(one)),
            lead=described(one),
            badges=(_kind(one),),
            actions=actions if own else (),
        )
        return self._console.show_detail(detail)

    def new(self, tenant_id: str) -> Response:
        """Make a role out of what the person holds."""
        path: dict[str, Any] = {"tenant_id": tenant_id}
        form = Form(
            "create_role",
            title=_("New role"),
            lead=_("Made of permissions that you hold yourself."),
            button=_("Make the role"),
            back=url_for("console.roles", **path),
            path=path,
            fields=(
                Field(
                    "name",
                    _("Name"),
                    hint=_(
                        "Small letters, digits, hyphens. It stays for good: tokens have it behind"
                        " the organization's short name."
                    ),
                    most=40,
                    mono=True,
                ),
                *_fields(None),
            ),
        )
        return self._console.fill(form, lambda reply: self._made(tenant_id, reply))

    def change(self, tenant_id: str, role: str) -> Response:
        """Change what a role is for and what it allows."""
        one, version = self._read(tenant_id, role)
        form = Form(
            "change_role",
            title=_("Change %(role)s", role=one.short_name),
            lead=_("It holds for the next request of everybody who has the role."),
            button=_("Save"),
            back=_url(tenant_id, role),
            path={"tenant_id": tenant_id, "role": role},
            version=version,
            fields=_fields(one),
        )
        said = _("The role was changed.")
        return self._console.settle(form, said)

    def delete(self, tenant_id: str, role: str) -> Response:
        """Delete a role."""
        one, _version = self._read(tenant_id, role)
        form = Form(
            "delete_role",
            title=_("Delete %(role)s?", role=one.short_name),
            lead=_("Everybody who has it loses it at once. It cannot be undone."),
            button=_("Delete"),
            back=_url(tenant_id, role),
            path={"tenant_id": tenant_id, "role": role},
            danger=True,
            retype=one.short_name,
        )
        url, said = url_for("console.roles", tenant_id=tenant_id), _("The role was deleted.")
        return self._console.settle(form, said, onward=url)

    def _made(self, tenant_id: str, reply: Reply) -> Response:
        name = (reply.location or "").rpartition("/")[2]
        return self._console.go(_url(tenant_id, name), _("The role was made."))

    def _read(self, tenant_id: str, role: str) -> tuple[RoleShown, int]:
        return self._console.read("read_role", RoleShown, {"tenant_id": tenant_id, "role": role})


def _fields(one: RoleShown | None) -> tuple[Field, ...]:
    held = [each for each in Permission if each in caller().permissions]
    return (
        Field(
            "description",
            _("What it is for"),
            value=one.description if one else None,
            most=MOST_DESCRIPTION,
        ),
        Field(
            "permissions",
            _("What it allows"),
            Kind.MANY,
            hint=_("Nothing, if it is a name for your own applications alone."),
            value=[each.value for each in one.permissions] if one else None,
            choices={each.value: in_words(each) for each in held},
        ),
    )


def _about(one: RoleShown) -> Section:
    hint = _("What the claim roles of tokens says.")
    facts = [Fact(_("In tokens"), Code(one.name), hint)]
    if one.created_at:
        facts.append(Fact(_("Made"), one.created_at))
    facts.append(Fact(_("You may give it"), one.assignable))
    return Section(_("About"), facts)


def _allowed(one: RoleShown) -> Section:
    rows = [
        (about, allowed)
        for subject, about in subjects().items()
        if (allowed := verbs(one.permissions, subject))
    ]
    columns = (Column(_("About"), lambda row: row[0]), Column(_("May"), lambda row: row[1]))
    empty = _("Nothing here: it is a name for your own applications.")
    return Section(_("What it allows"), table=table(columns, rows, empty))


def _kind(one: RoleShown) -> Badge:
    if one.kind == "builtin":
        return Badge(_("Built in"))
    return Badge(_("Your own"), Tone.GOOD)


def _url(tenant_id: str, role: str) -> str:
    return url_for("console.role", tenant_id=tenant_id, role=role)

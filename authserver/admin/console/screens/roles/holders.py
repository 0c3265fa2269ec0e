"""/console/.../roles/<role>/people and .../users/<id>/roles/<role>: who has it, and until when."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.roles.shown import AssignmentList, AssignmentShown, HolderShown, RoleShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Form
from authserver.admin.console.parts.lists import Column, Listing
from authserver.admin.console.parts.values import Badge, Link, Value
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.people.roles import last_day
from authserver.admin.console.screens.roles.roles import ROLE

ONE = "/tenants/<tenant_id>/users/<user_id>/roles/<role>"


class HolderScreens:
    """Screens about who holds a role."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        people = Tab("role", _l("People"))
        return (
            Screen(f"{ROLE}/people", "holders", self.index, "list_holders", tab=people,
                   below="roles"),
            Screen(ONE, "held_role", self.give, "give_role", below="roles"),
            Screen(f"{ONE}/take", "take_role", self.take, "take_role", below="roles"),
        )  # fmt: skip

    def index(self, tenant_id: str, role: str) -> Response:
        """List who holds a role."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "role": role}
        name = self._console.read("read_role", RoleShown, path)[0].short_name
        may = self._console.may("give_role")

        def who(one: HolderShown) -> Link | str:
            url = url_for("console.held_role", user_id=one.user_id, **path)
            return Link(one.name, url) if may else one.name

        return self._console.show_list(
            Listing(
                "list_holders",
                title=name,
                lead=_("Who has this role now, and until when."),
                columns=(
                    Column(_("Name"), who),
                    Column(_("Email"), lambda one: one.email),
                    Column(_("Since"), lambda one: one.since),
                    Column(_("Until"), _end),
                ),
                empty=_("Nobody has this role."),
            ),
            path,
        )

    def give(self, tenant_id: str, user_id: str, role: str) -> Response:
        """Give somebody the role, or set when it ends."""
        path = {"tenant_id": tenant_id, "user_id": user_id, "role": role}
        name, present = self._held(path)
        end = present.until.date().isoformat() if present and present.until else None
        form = Form(
            "give_role",
            title=_("Until when does somebody have %(role)s?", role=name),
            lead=_("After that day tokens, sessions and the API know it no more."),
            button=_("Save"),
            back=_back(path),
            path=path,
            fields=(last_day(end),),
        )
        said = _("The role is given.")
        return self._console.settle(form, said)

    def take(self, tenant_id: str, user_id: str, role: str) -> Response:
        """Take the role from somebody."""
        path = {"tenant_id": tenant_id, "user_id": user_id, "role": role}
        name, _present = self._held(path)
        form = Form(
            "take_role",
            title=_("Take %(role)s away?", role=name),
            lead=_("It holds for the person's next token, and for the next request here."),
            button=_("Take away"),
            back=_back(path),
            path=path,
            danger=True,
        )
        said = _("The role was taken away.")
        return self._console.settle(form, said)

    def _held(self, path: dict[str, str]) -> tuple[str, AssignmentShown | None]:
        """Return what the role is called, and the person's assignment of it."""
        of_role = {name: path[name] for name in ("tenant_id", "role")}
        of_person = {name: path[name] for name in ("tenant_id", "user_id")}
        role = self._console.read("read_role", RoleShown, of_role)[0]
        held = self._console.read("list_user_roles", AssignmentList, of_person)[0]
        return role.short_name, next((one for one in held.items if one.role == role.name), None)


def _end(one: HolderShown) -> Value:
    return one.until or Badge(_("For good"))


def _back(path: dict[str, str]) -> str:
    return url_for("console.holders", tenant_id=path["tenant_id"], role=path["role"])

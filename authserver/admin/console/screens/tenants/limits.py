"""/console/tenants/<id>/limits: how much a tenant may have, and what it has booked."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.limits import FlagsShown, LimitShown, LimitsShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Link, Tone, Value
from authserver.admin.console.screen import Screen, Tab
from authserver.core.problems import NotFound

_USERS = "users"


Here = dict[str, Any]


class LimitScreens:
    """Screens about limits and flags."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one, tab = "/tenants/<tenant_id>", Tab("tenant", _l("Limits"))
        limit, flag = f"{one}/limits/<limit>", f"{one}/flags/<flag>"
        return (
            Screen(f"{one}/limits", "limits", self.show, "list_limits", tab=tab, below="tenant"),
            Screen(f"{one}/limits/new", "new_limit", self.new_limit, "set_limit", below="tenant"),
            Screen(limit, "set_limit", self.limit, "set_limit", below="tenant"),
            Screen(f"{limit}/remove", "remove_limit", self.no_limit, "remove_limit",
                   below="tenant"),
            Screen(f"{one}/flags/new", "new_flag", self.new_flag, "set_flag", below="tenant"),
            Screen(flag, "set_flag", self.flag, "set_flag", below="tenant"),
            Screen(f"{flag}/remove", "remove_flag", self.no_flag, "remove_flag", below="tenant"),
        )  # fmt: skip

    def show(self, tenant_id: str) -> Response:
        """Show both."""
        here: Here = {"tenant_id": tenant_id}
        limits = self._console.read("list_limits", LimitsShown, here)[0].items
        flags = self._console.read("read_flags", FlagsShown, here)[0].flags
        tenant = self._console.read("read_tenant", TenantShown, here)[0]
        may = self._console.may("set_limit")
        shown = (
            Column(_("What"), lambda one: _link(one.name, "limit", here, may=may)),
            Column(_("Used"), _used),
            Column(_("At most"), lambda one: one.most),
            *self._removes(here, "limit", lambda one: one.name),
        )
        booked = (
            Column(_("What"), lambda one: _link(one[0], "flag", here, may=may)),
            Column(_("State"), lambda one: _flag(on=one[1])),
            *self._removes(here, "flag", lambda one: one[0]),
        )
        new_limit, new_flag = (url_for(f"console.{n}", **here) for n in ("new_limit", "new_flag"))
        return self._console.show_detail(
            Detail(
                tenant.name,
                (
                    Section(
                        _("Limits"),
                        lead=_("What is not listed has no limit."),
                        table=table(shown, limits, _("There is no limit.")),
                        actions=(Action(_("New limit"), new_limit, "set_limit"),),
                    ),
                    Section(
                        _("Booked"),
                        lead=_("Applications ask for this before they offer something."),
                        table=table(booked, [*flags.items()], _("Nothing is booked.")),
                        actions=(Action(_("New flag"), new_flag, "set_flag"),),
                    ),
                ),
            )
        )

    def new_limit(self, tenant_id: str) -> Response:
        """Ask what is to be limited; how much is asked next."""
        hint = _("users for people, or a name of your own, as cloud_instances.")
        return self._named(tenant_id, "limit", title=_("New limit"), hint=hint)

    def new_flag(self, tenant_id: str) -> Response:
        """Ask what is booked; whether is asked next."""
        hint = _("For example billing, support or provisioning.")
        return self._named(tenant_id, "flag", title=_("New flag"), hint=hint)

    def limit(self, tenant_id: str, limit: str) -> Response:
        """Set a limit."""
        present = self._limit(tenant_id, limit)
        hint = _("Accounts that are not disabled, and open invitations.")
        form = Form(
            "set_limit",
            title=limit,
            lead=_("What is there above it stays."),
            button=_("Save"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id, "limit": limit},
            fields=(
                Field("most", _("At most"), Kind.NUMBER, value=present.most if present else None,
                      hint=hint if limit == _USERS else ""),
            ),
        )  # fmt: skip
        return self._console.settle(form, _("The limit is set."))

    def no_limit(self, tenant_id: str, limit: str) -> Response:
        """Take a limit away."""
        if self._limit(tenant_id, limit) is None:
            raise NotFound("There is nothing of this name.")
        form = Form(
            "remove_limit",
            title=_("Take the limit %(name)s away?", name=limit),
            button=_("Take it away"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id, "limit": limit},
            danger=True,
        )
        return self._console.settle(form, _("The limit is gone."))

    def flag(self, tenant_id: str, flag: str) -> Response:
        """Set a flag."""
        path = {"tenant_id": tenant_id}
        present = self._flags(tenant_id).get(flag, True)
        form = Form(
            "set_flag",
            title=flag,
            button=_("Save"),
            back=_url(tenant_id),
            path={**path, "flag": flag},
            fields=(Field("enabled", _("Booked"), Kind.CHECK, value=present),),
        )
        return self._console.settle(form, _("The flag is set."))

    def no_flag(self, tenant_id: str, flag: str) -> Response:
        """Forget a flag."""
        if flag not in self._flags(tenant_id):
            raise NotFound("There is nothing of this name.")
        form = Form(
            "remove_flag",
            title=_("Forget the flag %(name)s?", name=flag),
            button=_("Forget it"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id, "flag": flag},
            danger=True,
        )
        return self._console.settle(form, _("The flag is gone."))

    def _named(self, tenant_id: str, part: str, *, title: str, hint: str) -> Response:
        does = f"set_{part}"
        if request.method == "POST" and request.form.get("name", "").strip():
            named: Here = {"tenant_id": tenant_id, part: request.form["name"].strip()}
            return self._console.go(url_for(f"console.{does}", **named))
        form = Form(
            does,
            title=title,
            button=_("Continue"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id, part: f"{{{part}}}"},
            fields=(Field("name", _("Name"), hint=hint, mono=True, most=64),),
        )
        return self._console.settle(form, "")

    def _removes(self, here: Here, part: str, name: Callable[[Any], str]) -> tuple[Column, ...]:
        """Return the column that takes one away, for whoever may."""
        does = f"remove_{part}"
        if not self._console.may(does):
            return ()

        def show(one: object) -> Link:
            return Link(_("Remove"), url_for(f"console.{does}", **(here | {part: name(one)})))

        return (Column("", show),)

    def _flags(self, tenant_id: str) -> dict[str, bool]:
        return self._console.read("read_flags", FlagsShown, {"tenant_id": tenant_id})[0].flags

    def _limit(self, tenant_id: str, name: str) -> LimitShown | None:
        found = self._console.read("list_limits", LimitsShown, {"tenant_id": tenant_id})[0]
        return next((one for one in found.items if one.name == name), None)


def _link(name: str, part: str, here: Here, *, may: bool) -> Value:
    if not may:
        return Code(name)
    return Link(name, url_for(f"console.set_{part}", **(here | {part: name})))


def _used(one: LimitShown) -> Value:
    if one.used >= one.most:
        return [one.used, Badge(_("Full"), Tone.WARN)]
    return one.used


def _flag(*, on: bool) -> Badge:
    return Badge(_("On"), Tone.GOOD) if on else Badge(_("Off"))


def _url(tenant_id: str) -> str:
    return url_for("console.limits", tenant_id=tenant_id)

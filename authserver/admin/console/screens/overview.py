"""/console/tenants/<id>/overview: figures of a day, what to do first, and what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenants import TenantShown
from authserver.admin.api.trail import EventPage, EventShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.lists import Column, Table, table
from authserver.admin.console.parts.values import Badge, Link, Tone, cell
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.trail.showing import about, who
from authserver.admin.console.screens.trail.words import headline
from authserver.admin.console.screens.usage.sums import Sum, sums, usage_of

_NEWEST = 8


@dataclass(frozen=True)
class Step:
    """Something to do in a tenant, on another screen."""

    title: str
    text: str
    icon: str
    url: str


class OverviewScreen:
    """Where people arrive."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        menu = Menu(Group.TOP, _l("Overview"), "layout-dashboard")
        path = "/tenants/<tenant_id>/overview"
        return (Screen(path, "overview", self.show, "read_tenant", menu=menu),)

    def show(self, tenant_id: str) -> Response:
        """Show figures and the newest events to whoever may see them, and steps."""
        path = {"tenant_id": tenant_id}
        one, _version = self._console.read("read_tenant", TenantShown, path)
        suspended = [cell(Badge(_("Suspended"), Tone.BAD))] if one.suspended_at else []
        return self._console.page(
            "console/overview.html",
            title=one.name,
            badges=suspended,
            sums=self._day(tenant_id),
            usage_url=url_for("console.tenant_usage", tenant_id=tenant_id),
            steps=self._steps(tenant_id),
            newest=self._newest(tenant_id),
            trail_url=url_for("console.events", tenant_id=tenant_id),
        )

    def _day(self, tenant_id: str) -> list[Sum]:
        """Return the figures of the last 24 hours for whoever may see them."""
        if not self._console.may_in("read_tenant_usage", tenant_id):
            return []
        return sums(usage_of(self._console, "read_tenant_usage", {"tenant_id": tenant_id}))

    def _steps(self, tenant_id: str) -> list[Step]:
        known = (
            ("new_client", _("Register an application"), "app-window",
             _("It gets an id and a secret, and its people sign in here.")),
            ("new_invitation", _("Invite people"), "mail-plus",
             _("They get a mail, choose a password, and have the roles that you give.")),
            ("change_looks", _("Make it look like yours"), "palette",
             _("Name, logo and colour of sign-in pages and mails.")),
            ("new_connection", _("Connect a sign-in provider"), "log-in",
             _("People sign in with Google, Microsoft or your own.")),
            ("new_tenant", _("Add a customer or a partner"), "building-2",
             _("An organization with people, applications and rules of its own.")),
        )  # fmt: skip
        urls = self._console.navigation.urls([name for name, *_rest in known], tenant_id)
        return [
            Step(title, text, icon, urls[name]) for name, title, icon, text in known if name in urls
        ]

    def _newest(self, tenant_id: str) -> Table | None:
        path = {"tenant_id": tenant_id}
        if not self._console.may_in("list_events", tenant_id):
            return None
        page = self._console.ask("list_events", path, given={"limit": _NEWEST}).content
        items: Sequence[EventShown] = page.items if isinstance(page, EventPage) else ()
        columns = (
            Column(_("What"), lambda event: Link(
                headline(event.type),
                url_for("console.event", tenant_id=tenant_id, event_id=event.id),
            )),
            Column(_("Who"), who),
            Column(_("About"), about),
            Column(_("When"), lambda event: event.time),
        )  # fmt: skip
        return table(columns, items, _("Nothing has happened here yet."))

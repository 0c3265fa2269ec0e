"""/console/tenants/<id>/connections and /console/connections: the list, and one of them.

The same screens twice: about a tenant's own connections, and about the platform's.
"""

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.connections.models import (
    ConnectionList,
)
from authserver.admin.console.parts.details import Detail, Section
from authserver.admin.console.parts.fields import Form
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.connections import forms
from authserver.admin.console.screens.connections.place import AtPlace, Row
from authserver.admin.console.screens.connections.words import about, registered, state
from authserver.admin.rest.operation import Reply


class ConnectionScreens(AtPlace):
    """Screens about connections, in one place."""

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, one = self.place.path, f"{self.place.path}/<connection>"
        rows: tuple[Row, ...] = (
            (every, "connections", self.index, "list_connections"),
            (f"{every}/new", "new_connection", self.choose, "create_connection"),
            *(
                (f"{every}/new/{kind}", f"new_connection_{kind}", self._new_of(kind),
                 "create_connection")
                for kind in forms.KINDS
            ),
            (one, "connection", self.show, "read_connection"),
            (f"{one}/edit", "edit_connection", self.edit, "change_connection"),
        )  # fmt: skip
        return tuple(map(self.screen, rows))

    def index(self, **path: str) -> Response:
        """List the connections: there are a few."""
        listed = self.console.read(self.does("list_connections"), ConnectionList, path)[0]
        columns = (
            Column(_("Button"), lambda one: Link(one.label, self.url("connection", path, one))),
            Column(_("Short name"), lambda one: Code(one.name)),
            Column(_("Provider"), lambda one: forms.KINDS[one.kind]),
            Column(_("State"), state),
        )
        empty = _("There is no provider. Connect one where people have an account already.")
        new = Action(
            _("New provider"),
            self.url("new_connection", path),
            self.does("create_connection"),
            "primary",
        )
        section = Section(_("Providers"), table=table(columns, listed.items, empty))
        lead = _("Where people sign in with an account that they have elsewhere.")
        return self.console.show_detail(
            Detail(_("Sign-in providers"), (section,), lead=lead, actions=(new,))
        )

    def choose(self, **path: str) -> Response:
        """Ask which provider it is."""
        choices = [
            (name, "", self.url(f"new_connection_{kind}", path))
            for kind, name in forms.KINDS.items()
        ]
        return self.console.page(
            "console/connections/kinds.html",
            title=_("New provider"),
            choices=choices,
            back=self.url("connections", path),
        )

    def show(self, connection: str, **path: str) -> Response:
        """Show one connection, and what to register at the provider."""
        one = self.read(path, connection)[0]
        act = Action(
            _("Switch off") if one.enabled else _("Let people sign in by it"),
            self.url("disable_connection" if one.enabled else "enable_connection", path, one),
            self.does("disable_connection" if one.enabled else "enable_connection"),
            "danger" if one.enabled else "secondary",
        )
        remove = Action(
            _("Remove"),
            self.url("remove_connection", path, one),
            self.does("remove_connection"),
            "danger",
        )
        others = [
            Action(text, self.url(screen, path, one), self.does(does))
            for text, screen, does in (
                (_("Test"), "try_connection", "try_connection"),
                (_("Edit"), "edit_connection", "change_connection"),
                (_("New secret"), "connection_secret", "set_connection_secret"),
            )
        ]
        return self.console.show_detail(
            Detail(
                one.label,
                (registered(one), about(one)),
                id=one.name,
                lead=forms.KINDS[one.kind],
                badges=(state(one),),
                actions=(*others, act, *(() if one.enabled else (remove,))),
            )
        )

    def edit(self, connection: str, **path: str) -> Response:
        """Change a connection."""
        one, version = self.read(path, connection)
        form = Form(
            self.does("change_connection"),
            title=_("Edit %(provider)s", provider=one.label),
            lead=_(
                "A stricter rule signs out who came by it, where nobody can tell who still may."
            ),
            button=_("Save"),
            back=self.url("connection", path, one),
            path={**path, "connection": connection},
            fields=forms.fields(one.kind, one),
            version=version,
            prepare=forms.merged(one),
        )
        return self.fill(form, _("Saved."))

    def _new_of(self, kind: str) -> Callable[..., Response]:
        def new(**path: str) -> Response:
            form = Form(
                self.does("create_connection"),
                title=forms.KINDS[kind],
                button=_("Connect"),
                back=self.url("new_connection", path),
                path=path,
                fields=(*forms.first(kind), *forms.fields(kind), forms.secret()),
                prepare=lambda given: {**given, "kind": kind},
            )

            def done(reply: Reply) -> Response:
                name = (reply.location or "").rpartition("/")[2]
                where = self.to("connection", {**path, "connection": name})
                said = _("Now register the redirect URIs below at the provider.")
                return self.console.go(where, said)

            return self.console.fill(form, done)

        return new

"""/console/tenants/<id>/connections and /console/connections: the list, and one of them.

The same screens twice: about a tenant's own connections, and about the platform's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.connections.models import (
    ConnectionList,
    ConnectionShown,
    ConnectionTried,
    Unlinked,
)
from authserver.admin.console.filling import RETYPED
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Section
from authserver.admin.console.parts.fields import Form
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.connections import forms
from authserver.admin.console.screens.connections.words import (
    FINE,
    about,
    registered,
    state,
    verdicts,
)
from authserver.admin.rest.operation import Reply

_MOST_TURNS = 20  # a hundred people each: more take another press of the button


_Row = tuple[str, str, Callable[..., Response], str]


@dataclass(frozen=True)
class Place:
    """Whose connections the screens are about. `tail` is that of the names of screens."""

    path: str
    tail: str
    alias: str
    menu: Menu


OF_TENANT = Place(
    "/tenants/<tenant_id>/connections",
    "",
    "",
    Menu(Group.APPLICATIONS, _l("Sign-in providers"), "log-in"),
)
OF_PLATFORM = Place(
    "/connections",
    "_of_platform",
    "_of_platform",
    Menu(Group.PLATFORM, _l("Sign-in providers"), "log-in"),
)


class ConnectionScreens:
    """Screens about connections, in one place."""

    def __init__(self, console: Console, place: Place) -> None:
        """Take the frame, and whose connections they are."""
        self._console = console
        self._place = place

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, one = self._place.path, f"{self._place.path}/<connection>"
        rows: tuple[_Row, ...] = (
            (every, "connections", self.index, "list_connections"),
            (f"{every}/new", "new_connection", self.choose, "create_connection"),
            *(
                (f"{every}/new/{kind}", f"new_connection_{kind}", self._new_of(kind),
                 "create_connection")
                for kind in forms.KINDS
            ),
            (one, "connection", self.show, "read_connection"),
            (f"{one}/edit", "edit_connection", self.edit, "change_connection"),
            (f"{one}/secret", "connection_secret", self.secret, "set_connection_secret"),
            (f"{one}/test", "try_connection", self.test, "try_connection"),
            (f"{one}/enable", "enable_connection", self.enable, "enable_connection"),
            (f"{one}/disable", "disable_connection", self.disable, "disable_connection"),
            (f"{one}/remove", "remove_connection", self.remove, "remove_connection"),
        )  # fmt: skip
        return tuple(map(self._screen, rows))

    def index(self, **path: str) -> Response:
        """List the connections: there are a few."""
        listed = self._console.read(self._does("list_connections"), ConnectionList, path)[0]
        columns = (
            Column(_("Button"), lambda one: Link(one.label, self._url("connection", path, one))),
            Column(_("Short name"), lambda one: Code(one.name)),
            Column(_("Provider"), lambda one: forms.KINDS[one.kind]),
            Column(_("State"), state),
        )
        empty = _("There is no provider. Connect one where people have an account already.")
        new = Action(
            _("New provider"),
            self._url("new_connection", path),
            self._does("create_connection"),
            "primary",
        )
        section = Section(_("Providers"), table=table(columns, listed.items, empty))
        lead = _("Where people sign in with an account that they have elsewhere.")
        return self._console.show_detail(
            Detail(_("Sign-in providers"), (section,), lead=lead, actions=(new,))
        )

    def choose(self, **path: str) -> Response:
        """Ask which provider it is."""
        choices = [
            (name, "", self._url(f"new_connection_{kind}", path))
            for kind, name in forms.KINDS.items()
        ]
        return self._console.page(
            "console/connections/kinds.html",
            title=_("New provider"),
            choices=choices,
            back=self._url("connections", path),
        )

    def show(self, connection: str, **path: str) -> Response:
        """Show one connection, and what to register at the provider."""
        one = self._read(path, connection)[0]
        act = Action(
            _("Switch off") if one.enabled else _("Let people sign in by it"),
            self._url("disable_connection" if one.enabled else "enable_connection", path, one),
            self._does("disable_connection" if one.enabled else "enable_connection"),
            "danger" if one.enabled else "secondary",
        )
        remove = Action(
            _("Remove"),
            self._url("remove_connection", path, one),
            self._does("remove_connection"),
            "danger",
        )
        others = [
            Action(text, self._url(screen, path, one), self._does(does))
            for text, screen, does in (
                (_("Test"), "try_connection", "try_connection"),
                (_("Edit"), "edit_connection", "change_connection"),
                (_("New secret"), "connection_secret", "set_connection_secret"),
            )
        ]
        return self._console.show_detail(
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
        one, version = self._read(path, connection)
        form = Form(
            self._does("change_connection"),
            title=_("Edit %(provider)s", provider=one.label),
            lead=_(
                "A stricter rule signs out who came by it, where nobody can tell who still may."
            ),
            button=_("Save"),
            back=self._url("connection", path, one),
            path={**path, "connection": connection},
            fields=forms.fields(one.kind, one),
            version=version,
            prepare=forms.merged(one),
        )
        return self._fill(form, _("Saved."))

    def secret(self, connection: str, **path: str) -> Response:
        """Use another secret."""
        one = self._read(path, connection)[0]
        form = self._form("set_connection_secret", path, one)
        hint = _("Let the provider make a second one first, and end the old one there afterwards.")
        return self._fill(
            form(_("A new secret for %(provider)s", provider=one.label), _("Save"),
                 fields=(forms.secret(hint),)),
            _("The new secret is used from now on."),
        )  # fmt: skip

    def test(self, connection: str, **path: str) -> Response:
        """Ask the provider."""
        one = self._read(path, connection)[0]
        form = self._form("try_connection", path, one)(
            _("Test %(provider)s", provider=one.label),
            _("Test now"),
            lead=_("Asks the provider whether it is there and knows us by the secret."),
        )

        def done(reply: Reply) -> Response:
            if isinstance(reply.content, ConnectionTried):
                verdict = reply.content.verdict
                flash(verdicts()[verdict], "message" if verdict in FINE else "error")
            return self._console.go(form.back)

        return self._console.fill(form, done)

    def enable(self, connection: str, **path: str) -> Response:
        """Switch a connection on."""
        one = self._read(path, connection)[0]
        form = self._form("enable_connection", path, one)(
            _("Let people sign in by %(provider)s?", provider=one.label),
            _("Let people sign in by it"),
        )
        return self._fill(form, _("People can sign in by it."))

    def disable(self, connection: str, **path: str) -> Response:
        """Switch a connection off."""
        one = self._read(path, connection)[0]
        form = self._form("disable_connection", path, one)(
            _("Switch %(provider)s off?", provider=one.label),
            _("Switch off"),
            lead=_("Nobody signs in by it any more, whoever is on the way neither."),
            danger=True,
        )
        return self._fill(form, _("Nobody can sign in by it."))

    def remove(self, connection: str, **path: str) -> Response:
        """Remove a connection, after everybody's link by it."""
        one = self._read(path, connection)[0]
        form = self._form("remove_connection", path, one)(
            _("Remove %(provider)s?", provider=one.label),
            _("Remove"),
            lead=_(
                "Everybody whose account is linked by it is signed out and gets a mail. It cannot"
                " be undone."
            ),
            danger=True,
            retype=one.name,
        )
        if request.method == "POST" and request.form.get(RETYPED, "").strip() == one.name:
            self._unlink({**path, "connection": one.name})
        onward, said = self._url("connections", path), _("It was removed.")
        return self._console.fill(form, lambda _reply: self._console.go(onward, said))

    def _unlink(self, path: dict[str, str]) -> None:
        """End the links, a hundred at a time; of very many, the rest with the next press."""
        for _turn in range(_MOST_TURNS):
            content = self._console.ask(self._does("unlink_people"), path).content
            if not (isinstance(content, Unlinked) and content.more):
                return

    def _new_of(self, kind: str) -> Callable[..., Response]:
        def new(**path: str) -> Response:
            form = Form(
                self._does("create_connection"),
                title=forms.KINDS[kind],
                button=_("Connect"),
                back=self._url("new_connection", path),
                path=path,
                fields=(*forms.first(kind), *forms.fields(kind), forms.secret()),
                prepare=lambda given: {**given, "kind": kind},
            )

            def done(reply: Reply) -> Response:
                name = (reply.location or "").rpartition("/")[2]
                where = self._to("connection", {**path, "connection": name})
                said = _("Now register the redirect URIs below at the provider.")
                return self._console.go(where, said)

            return self._console.fill(form, done)

        return new

    def _fill(self, form: Form, said: str) -> Response:
        return self._console.fill(form, lambda _reply: self._console.go(form.back, said))

    def _form(self, does: str, path: dict[str, str], one: ConnectionShown) -> Callable[..., Form]:
        """Return what makes a form of an act on a connection."""

        def make(title: str, button: str, **more: object) -> Form:
            return Form(
                self._does(does),
                title=title,
                button=button,
                back=self._url("connection", path, one),
                path={**path, "connection": one.name},
                **more,  # type: ignore[arg-type]  # fields of a form
            )

        return make

    def _screen(self, row: _Row) -> Screen:
        path, name, view, does = row
        tail, listed = self._place.tail, name == "connections"
        return Screen(
            path,
            f"{name}{tail}",
            view,
            self._does(does),
            menu=self._place.menu if listed else None,
            below=None if listed else f"connections{tail}",
        )

    def _does(self, name: str) -> str:
        return f"{name}{self._place.alias}"

    def _url(self, screen: str, path: dict[str, str], one: ConnectionShown | None = None) -> str:
        more = {"connection": one.name} if one else {}
        return self._to(screen, {**path, **more})

    def _to(self, screen: str, path: dict[str, Any]) -> str:
        return url_for(f"console.{screen}{self._place.tail}", **path)

    def _read(self, path: dict[str, str], name: str) -> tuple[ConnectionShown, int]:
        where = {**path, "connection": name}
        return self._console.read(self._does("read_connection"), ConnectionShown, where)

"""Whose connections screens are about, and what all of these screens have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.connections.models import ConnectionShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Form
from authserver.admin.console.screen import Group, Menu, Screen

Row = tuple[str, str, Callable[..., Response], str]


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


class AtPlace:
    """Screens about the connections of one place."""

    def __init__(self, console: Console, place: Place) -> None:
        """Take the frame, and whose connections they are."""
        self.console = console
        self.place = place

    def fill(self, form: Form, said: str) -> Response:
        """Show a form, or do what was sent and go back to the connection, which says so."""
        return self.console.fill(form, lambda _reply: self.console.go(form.back, said))

    def form(self, does: str, path: dict[str, str], one: ConnectionShown) -> Callable[..., Form]:
        """Return what makes a form of an act on a connection."""

        def make(title: str, button: str, **more: object) -> Form:
            return Form(
                self.does(does),
                title=title,
                button=button,
                back=self.url("connection", path, one),
                path={**path, "connection": one.name},
                **more,  # type: ignore[arg-type]  # fields of a form
            )

        return make

    def screen(self, row: Row) -> Screen:
        """Return the screen of a row, by its name in this place."""
        path, name, view, does = row
        tail, listed = self.place.tail, name == "connections"
        return Screen(
            path,
            f"{name}{tail}",
            view,
            self.does(does),
            menu=self.place.menu if listed else None,
            below=None if listed else f"connections{tail}",
        )

    def does(self, name: str) -> str:
        """Return the name of an operation in this place."""
        return f"{name}{self.place.alias}"

    def url(self, screen: str, path: dict[str, str], one: ConnectionShown | None = None) -> str:
        """Return the URL of a screen in this place, about a connection if one is named."""
        more = {"connection": one.name} if one else {}
        return self.to(screen, {**path, **more})

    def to(self, screen: str, path: dict[str, Any]) -> str:
        """Return the URL of a screen by the ids of its path."""
        return url_for(f"console.{screen}{self.place.tail}", **path)

    def read(self, path: dict[str, str], name: str) -> tuple[ConnectionShown, int]:
        """Return a connection, and its version."""
        where = {**path, "connection": name}
        return self.console.read(self.does("read_connection"), ConnectionShown, where)

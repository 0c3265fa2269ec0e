"""What is done to a connection: tried, given another secret, switched off and on, removed."""

from collections.abc import Sequence

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.connections.models import ConnectionTried, Unlinked
from authserver.admin.console.filling import RETYPED
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.connections import forms
from authserver.admin.console.screens.connections.place import AtPlace, Row
from authserver.admin.console.screens.connections.words import FINE, verdicts
from authserver.admin.rest.operation import Reply

_MOST_TURNS = 20  # a hundred people each: more take another press of the button


class ConnectionActScreens(AtPlace):
    """Screens of acts, in one place."""

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = f"{self.place.path}/<connection>"
        rows: tuple[Row, ...] = (
            (f"{one}/secret", "connection_secret", self.secret, "set_connection_secret"),
            (f"{one}/test", "try_connection", self.test, "try_connection"),
            (f"{one}/enable", "enable_connection", self.enable, "enable_connection"),
            (f"{one}/disable", "disable_connection", self.disable, "disable_connection"),
            (f"{one}/remove", "remove_connection", self.remove, "remove_connection"),
        )
        return tuple(map(self.screen, rows))

    def secret(self, connection: str, **path: str) -> Response:
        """Use another secret."""
        one = self.read(path, connection)[0]
        form = self.form("set_connection_secret", path, one)
        hint = _("Let the provider make a second one first, and end the old one there afterwards.")
        return self.fill(
            form(_("A new secret for %(provider)s", provider=one.label), _("Save"),
                 fields=(forms.secret(hint),)),
            _("The new secret is used from now on."),
        )  # fmt: skip

    def test(self, connection: str, **path: str) -> Response:
        """Ask the provider."""
        one = self.read(path, connection)[0]
        form = self.form("try_connection", path, one)(
            _("Test %(provider)s", provider=one.label),
            _("Test now"),
            lead=_("Asks the provider whether it is there and knows us by the secret."),
        )

        def done(reply: Reply) -> Response:
            if isinstance(reply.content, ConnectionTried):
                verdict = reply.content.verdict
                flash(verdicts()[verdict], "message" if verdict in FINE else "error")
            return self.console.go(form.back)

        return self.console.fill(form, done)

    def enable(self, connection: str, **path: str) -> Response:
        """Switch a connection on."""
        one = self.read(path, connection)[0]
        form = self.form("enable_connection", path, one)(
            _("Let people sign in by %(provider)s?", provider=one.label),
            _("Let people sign in by it"),
        )
        return self.fill(form, _("People can sign in by it."))

    def disable(self, connection: str, **path: str) -> Response:
        """Switch a connection off."""
        one = self.read(path, connection)[0]
        form = self.form("disable_connection", path, one)(
            _("Switch %(provider)s off?", provider=one.label),
            _("Switch off"),
            lead=_("Nobody signs in by it any more, whoever is on the way neither."),
            danger=True,
        )
        return self.fill(form, _("Nobody can sign in by it."))

    def remove(self, connection: str, **path: str) -> Response:
        """Remove a connection, after everybody's link by it."""
        one = self.read(path, connection)[0]
        form = self.form("remove_connection", path, one)(
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
        onward, said = self.url("connections", path), _("It was removed.")
        return self.console.fill(form, lambda _reply: self.console.go(onward, said))

    def _unlink(self, path: dict[str, str]) -> None:
        """End the links, a hundred at a time; of very many, the rest with the next press."""
        for _turn in range(_MOST_TURNS):
            content = self.console.ask(self.does("unlink_people"), path).content
            if not (isinstance(content, Unlinked) and content.more):
                return

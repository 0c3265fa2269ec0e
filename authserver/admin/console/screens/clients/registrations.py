"""/console/tenants/<id>/initial-access-tokens: what lets clients register themselves."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.registrations import TokenCreated, TokenShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind, Secret
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Link, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.clients.words import kinds
from authserver.admin.rest.operation import Reply
from authserver.clients.policy import PEOPLE_SCOPES
from authserver.core.clock import Clock

_KINDS = ("web", "spa", "native", "device", "service")


class RegistrationScreens:
    """Screens about client registration."""

    def __init__(self, console: Console, clock: Clock) -> None:
        """Take the frame, and the time."""
        self._console = console
        self._clock = clock

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, below = "/tenants/<tenant_id>/initial-access-tokens", "registrations"
        menu = Menu(Group.APPLICATIONS, _l("Client registration"), "plus")
        return (
            Screen(every, below, self.index, "list_initial_tokens", menu=menu),
            Screen(f"{every}/new", "new_initial_token", self.new, "create_initial_token",
                   below=below),
            Screen(f"{every}/<token_id>/revoke", "revoke_initial_token", self.revoke,
                   "revoke_initial_token", below=below),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List the tokens; not the tokens themselves."""
        new = Action(
            _("New token"),
            url_for("console.new_initial_token", tenant_id=tenant_id),
            "create_initial_token",
            "primary",
        )

        def end(one: TokenShown) -> Value:
            if one.revoked_at or not self._console.may("revoke_initial_token"):
                return None
            where = url_for("console.revoke_initial_token", tenant_id=tenant_id, token_id=one.id)
            return Link(_("End it now"), where)

        listing = Listing(
            "list_initial_tokens",
            title=_("Client registration"),
            lead=_("With such a token applications register themselves, as far as it allows."),
            columns=(
                Column(_("Name"), lambda one: one.name),
                Column(_("State"), self._state),
                Column(_("Kinds"), lambda one: [kinds()[kind] for kind in one.kinds]),
                Column(_("Clients left"), lambda one: one.clients_left),
                Column(_("Ends"), lambda one: one.revoked_at or one.expires_at),
                Column(_("End"), end),
            ),
            filters=(Filter("revoked", _("State"), {"false": _("Not revoked"),
                                                     "true": _("Revoked")}),),
            actions=(new,),
            empty=_("No application can register itself. Make a token to let some."),
        )  # fmt: skip
        return self._console.show_list(listing, {"tenant_id": tenant_id})

    def new(self, tenant_id: str) -> Response:
        """Make a token."""
        back = url_for("console.registrations", tenant_id=tenant_id)
        form = Form(
            "create_initial_token",
            title=_("New token"),
            button=_("Make a new token"),
            back=back,
            path={"tenant_id": tenant_id},
            fields=(
                Field("name", _("Name"), hint=_("What it is for."), most=120),
                Field("clients", _("How many clients"), Kind.NUMBER, value=1),
                Field("days", _("For how many days"), Kind.NUMBER, value=30),
                Field(
                    "kinds",
                    _("Kinds"),
                    Kind.MANY,
                    value=("web",),
                    choices={kind: kinds()[kind] for kind in _KINDS},
                ),
                Field(
                    "scopes",
                    _("Scopes"),
                    Kind.LINES,
                    value=sorted(PEOPLE_SCOPES),
                    hint=_("One a line: what they may ask for."),
                    mono=True,
                ),
                Field(
                    "vouched",
                    _("We know who registers with it"),
                    Kind.CHECK,
                    hint=_("People are then not warned that nobody has checked the application."),
                ),
            ),
        )

        def done(reply: Reply) -> Response:
            if not isinstance(reply.content, TokenCreated):
                return self._console.go(back)
            values = {_("Initial access token"): reply.content.initial_access_token}
            title = _("The new token")
            name = f"{reply.content.id}.txt"
            return self._console.show_secret(Secret(title, "", values, back, name))

        return self._console.fill(form, done)

    def revoke(self, tenant_id: str, token_id: str) -> Response:
        """Take a token back."""
        back = url_for("console.registrations", tenant_id=tenant_id)
        form = Form(
            "revoke_initial_token",
            title=_("End this token now?"),
            lead=_("Nobody registers with it any more. Clients that did stay."),
            button=_("End it now"),
            back=back,
            path={"tenant_id": tenant_id, "token_id": token_id},
            danger=True,
        )
        said = _("The token has ended.")
        return self._console.settle(form, said)

    def _state(self, one: TokenShown) -> Badge:
        if one.revoked_at:
            return Badge(_("Revoked"))
        if one.expires_at <= self._clock.now():
            return Badge(_("Ended"))
        if not one.clients_left:
            return Badge(_("Used up"))
        return Badge(_("Works"), Tone.GOOD)

"""/console/tenants/<id>/api-keys: whose keys there are, what they may do; new ones; the end."""

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.keys.api_keys import ApiKeyMade, ApiKeyShown, KeyState
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind, Secret
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Code, Link, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.clients.words import clients_of
from authserver.admin.rest.operation import Reply

_DAYS = (30, 90, 365)


class ApiKeyScreens:
    """Screens about API keys."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every = "/tenants/<tenant_id>/api-keys"
        one = f"{every}/<api_key_id>"
        menu = Menu(Group.APPLICATIONS, _l("API keys"), "key-round")
        return (
            Screen(every, "api_keys", self.index, "list_api_keys", menu=menu),
            Screen(f"{every}/new", "new_api_key", self.new, "create_api_key", below="api_keys"),
            Screen(one, "api_key", self.show, "read_api_key", below="api_keys"),
            Screen(f"{one}/revoke", "revoke_api_key", self.revoke, "revoke_api_key",
                   below="api_keys"),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List keys."""
        new = url_for("console.new_api_key", tenant_id=tenant_id)
        return self._console.show_list(
            Listing(
                "list_api_keys",
                title=_("API keys"),
                lead=_(
                    "Programs of people and services use them instead of a sign-in. A key never"
                    " does more than its owner may at that moment."
                ),
                columns=(
                    Column(_("Name"), lambda one: Link(one.name, _url(tenant_id, one.id))),
                    Column(_("Owner"), lambda one: one.owner_name),
                    Column(_("Key"), lambda one: Code(one.hint)),
                    Column(_("State"), state),
                    Column(_("Last used"), lambda one: one.last_used_at),
                    Column(_("Ends"), lambda one: one.expires_at),
                ),
                filters=(
                    Filter("open", _("State"), {"true": _("Neither revoked nor expired")}),
                    Filter("client_id", _("Id of a service")),
                    Filter("user_id", _("Id of a person")),
                ),
                actions=(Action(_("New key for a service"), new, "create_api_key", "primary"),),
                empty=_(
                    "Nobody has a key yet. People make their own on their account page; for"
                    " services you make them here."
                ),
            ),
            {"tenant_id": tenant_id},
        )

    def new(self, tenant_id: str) -> Response:
        """Make a key for a service, which is shown once."""
        form = Form(
            "create_api_key",
            title=_("New key for a service"),
            lead=_("It may do what you choose of what the service may, and you yourself."),
            button=_("Create the key"),
            back=url_for("console.api_keys", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                service_field(self._console, tenant_id, request.args.get("client_id")),
                Field("name", _("Name"), hint=_("What uses it, and where."), most=60),
                Field(
                    "scopes", _("Scopes"), Kind.LINES, hint=_("One a line, such as orders:read.")
                ),
                Field(
                    "days",
                    _("Ends after"),
                    Kind.CHOICE,
                    value="90",
                    choices=_lives(),
                    number=True,
                    optional=True,
                ),
                Field(
                    "ip_allowlist",
                    _("Only from these addresses"),
                    Kind.LINES,
                    hint=_("Addresses or networks, one a line, such as 192.0.2.0/24."),
                    optional=True,
                    mono=True,
                ),
            ),
        )
        return self._console.fill(form, lambda reply: self._made(tenant_id, reply))

    def show(self, tenant_id: str, api_key_id: str) -> Response:
        """Show one key."""
        one = self._read(tenant_id, api_key_id)
        url = url_for("console.revoke_api_key", tenant_id=tenant_id, api_key_id=api_key_id)
        revoke = Action(_("Revoke"), url, "revoke_api_key", "danger")
        return self._console.show_detail(
            Detail(
                one.name,
                (_facts(one), _use(one)),
                id=one.id,
                lead=_why_ended(one),
                badges=(state(one),),
                actions=() if one.state is KeyState.REVOKED else (revoke,),
            )
        )

    def revoke(self, tenant_id: str, api_key_id: str) -> Response:
        """End a key: it cannot be undone, and what uses it stops."""
        one = self._read(tenant_id, api_key_id)
        form = Form(
            "revoke_api_key",
            title=_("Revoke “%(name)s”?", name=one.name),
            lead=_("What uses this key is refused from the next request on. It cannot be undone."),
            button=_("Revoke"),
            back=_url(tenant_id, api_key_id),
            path={"tenant_id": tenant_id, "api_key_id": api_key_id},
            danger=True,
        )
        said = _("“%(name)s” was revoked.", name=one.name)
        return self._console.settle(form, said)

    def _made(self, tenant_id: str, reply: Reply) -> Response:
        key_id = (reply.location or "").rpartition("/")[2]
        onward = _url(tenant_id, key_id)
        if not isinstance(reply.content, ApiKeyMade):  # the form was sent twice
            return self._console.go(onward, _("The key was made, and shown when it was."))
        return self._console.show_secret(
            Secret(
                _("Keep the API key"),
                _("Put it where the service finds it, and nowhere else."),
                {_("API key"): reply.content.key},
                onward,
                "api-key.txt",
            )
        )

    def _read(self, tenant_id: str, api_key_id: str) -> ApiKeyShown:
        path = {"tenant_id": tenant_id, "api_key_id": api_key_id}
        return self._console.read("read_api_key", ApiKeyShown, path)[0]


def service_field(console: Console, tenant_id: str, chosen: str | None) -> Field:
    """Return the field for one of the tenant's services; of very many, it is named by its id."""
    label = _("Service")
    services, whole = clients_of(console, tenant_id, kind="service", disabled="false")
    if whole:
        hint = "" if services else _("There is none yet: register a client of this kind first.")
        return Field("client_id", label, Kind.CHOICE, hint, value=chosen, choices=services)
    hint = _("The id of a client of kind service, such as cli_01h…")
    return Field("client_id", label, hint=hint, value=chosen, mono=True)


def state(one: ApiKeyShown) -> Badge:
    """Return what a key is worth, in a word."""
    words = {
        KeyState.LIVE: Badge(_("Active"), Tone.GOOD),
        KeyState.ENDED: Badge(_("Ended"), Tone.WARN),
        KeyState.EXPIRED: Badge(_("Expired")),
        KeyState.REVOKED: Badge(_("Revoked"), Tone.BAD),
    }
    return words[one.state]


def _why_ended(one: ApiKeyShown) -> str:
    if one.state is not KeyState.ENDED:
        return ""
    return str(
        _(
            "It opens nothing any more: its owner was switched off, or signed out everywhere, for"
            " example by a new password."
        )
    )


def _lives() -> dict[str, str]:
    days = {str(n): _("%(n)s days", n=n) for n in _DAYS}
    return {**days, "": _("Never, until it is revoked")}


def _facts(one: ApiKeyShown) -> Section:
    return Section(
        _("What the key may do"),
        (
            Fact(_("Owner"), one.owner_name),
            Fact(_("Id of the owner"), Code(one.user_id or one.client_id or "")),
            Fact(_("Key"), Code(one.hint)),
            Fact(_("Scopes"), _codes(one.scopes), _("Of these, what the owner may at each use.")),
            Fact(_("Roles that services see"), _codes(one.roles)),
            Fact(_("Only from"), _codes(one.ip_allowlist)),
        ),
    )


def _use(one: ApiKeyShown) -> Section:
    return Section(
        _("Use"),
        (
            Fact(_("Created"), one.created_at),
            Fact(_("Ends"), one.expires_at),
            Fact(_("Last used"), one.last_used_at, _("At most a minute late.")),
            Fact(_("From"), Code(one.last_used_address or "")),
            Fact(_("Revoked"), one.revoked_at),
        ),
    )


def _codes(values: Sequence[str]) -> Value:
    return [Code(one) for one in values]


def _url(tenant_id: str, api_key_id: str) -> str:
    return url_for("console.api_key", tenant_id=tenant_id, api_key_id=api_key_id)

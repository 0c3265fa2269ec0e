"""/console/tenants/<id>/clients: the list, a new one by its kind, one of them, its settings."""

from collections.abc import Callable, Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.clients.shown import ClientChanged, ClientCreated, ClientShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Form, Secret
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.console.screens.clients import forms
from authserver.admin.console.screens.clients.words import (
    MACHINES,
    PEOPLE,
    badges,
    kinds,
    kinds_told,
    orders,
    path_of,
    state,
    url,
)
from authserver.admin.rest.operation import Reply
from authserver.clients.policy import KINDS

ABOUT = "client"
ONE = "/tenants/<tenant_id>/clients/<client_id>"


class ClientScreens:
    """Screens about clients."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, create = "/tenants/<tenant_id>/clients", "create_client"
        menu = Menu(Group.APPLICATIONS, _l("Clients"), "app-window")
        return (
            Screen(every, "clients", self.index, "list_clients", menu=menu),
            Screen(f"{every}/new", "new_client", self.choose, create, below="clients"),
            *(
                Screen(f"{every}/new/{kind}", f"new_client_{kind}", self._new_of(kind), create,
                       below="clients")
                for kind in (*PEOPLE, *MACHINES)
            ),
            Screen(ONE, "client", self.show, "read_client", tab=Tab(ABOUT, _l("Overview")),
                   below="clients"),
            Screen(f"{ONE}/edit", "edit_client", self.edit, "change_client", below="clients"),
            Screen(f"{ONE}/metadata", "client_metadata", self.metadata, "change_client",
                   below="clients"),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List the tenant's clients."""
        create = Action(
            _("New client"),
            url_for("console.new_client", tenant_id=tenant_id),
            "create_client",
            "primary",
        )
        listing = Listing(
            "list_clients",
            title=_("Clients"),
            lead=_("Applications that people sign in to, and programs that get tokens."),
            search=_("Name, or client ID"),
            sort="name",
            columns=(
                Column(
                    _("Name"),
                    lambda one: Link(one.name, url("client", tenant_id, one.id)),
                    sort="name",
                ),
                Column(_("Client ID"), lambda one: Code(one.id)),
                Column(_("Kind"), lambda one: kinds()[one.kind]),
                Column(_("State"), state),
                Column(_("Created"), lambda one: one.created_at, sort="created", falls=True),
            ),
            filters=(
                Filter("kind", _("Kind"), kinds()),
                Filter("disabled", _("State"), {"false": _("Active"), "true": _("Switched off")}),
                Filter(
                    "self_registered",
                    _("Registered"),
                    {"false": _("By administrators"), "true": _("By itself")},
                ),
                Filter("sort", _("Order"), orders(), narrow=True),
            ),
            actions=(create,),
            empty=_("There is no client yet. Register one for each application."),
        )
        return self._console.show_list(listing, {"tenant_id": tenant_id})

    def choose(self, tenant_id: str) -> Response:
        """Ask for the kind: it sets the defaults."""
        told, names = kinds_told(), kinds()
        choices = [
            (names[kind], told[kind], url_for(f"console.new_client_{kind}", tenant_id=tenant_id))
            for kind in (*PEOPLE, *MACHINES)
        ]
        back = url_for("console.clients", tenant_id=tenant_id)
        title = _("New client")
        return self._console.page(
            "console/clients/kinds.html", title=title, choices=choices, back=back
        )

    def show(self, tenant_id: str, client_id: str) -> Response:
        """Show one client."""
        one = self._read(tenant_id, client_id)[0]
        switch = (
            Action(_("Let it work again"), url("enable_client", tenant_id, client_id),
                   "enable_client")
            if one.disabled_at
            else Action(_("Switch off"), url("disable_client", tenant_id, client_id),
                        "disable_client", "danger")
        )  # fmt: skip
        edit = Action(_("Edit"), url("edit_client", tenant_id, client_id), "change_client")
        end = Action(_("Delete"), url("delete_client", tenant_id, client_id), "delete_client",
                     "danger")  # fmt: skip
        renew = Action(
            _("New registration token"),
            url("renew_registration", tenant_id, client_id),
            "renew_registration_token",
        )
        own = (renew,) if one.self_registered else ()
        sections = (_asks(one), _calls(one), self._metadata(tenant_id, one))
        return self._console.show_detail(
            Detail(
                one.name,
                sections,
                id=one.id,
                lead=kinds()[one.kind],
                badges=badges(one),
                actions=(edit, *own, switch, end),
            )
        )

    def edit(self, tenant_id: str, client_id: str) -> Response:
        """Change what is there for its kind."""
        one, version = self._read(tenant_id, client_id)
        return self._change(tenant_id, one, version, fields=forms.fields(one.kind, one))

    def metadata(self, tenant_id: str, client_id: str) -> Response:
        """Change the rest, by its registered names."""
        one, version = self._read(tenant_id, client_id)
        return self._change(tenant_id, one, version, fields=forms.metadata(one))

    def _new_of(self, kind: str) -> Callable[..., Response]:
        def new(tenant_id: str) -> Response:
            form = Form(
                "create_client",
                title=kinds()[kind],
                lead=kinds_told()[kind],
                button=_("Register"),
                back=url_for("console.new_client", tenant_id=tenant_id),
                path={"tenant_id": tenant_id},
                fields=(*forms.fields(kind), *self._own_issuer(tenant_id)),
                prepare=lambda given: {**forms.body(given), "kind": kind},
            )
            return self._console.fill(form, lambda reply: self._created(tenant_id, reply))

        return new

    def _own_issuer(self, tenant_id: str) -> forms.Fields:
        """Return the field for a tenant that has an issuer of its own."""
        path = {"tenant_id": tenant_id}
        may = self._console.may("read_tenant")
        if not (may and self._console.read("read_tenant", TenantShown, path)[0].own_issuer):
            return ()
        return (forms.own_issuer(),)

    def _created(self, tenant_id: str, reply: Reply) -> Response:
        client_id = (reply.location or "").rpartition("/")[2]
        onward = url("client", tenant_id, client_id)
        content = reply.content
        if not isinstance(content, ClientCreated) or content.client_secret is None:
            return self._console.go(onward, _("The client was registered."))
        return self._console.show_secret(secret_of(content, content.client_secret, onward))

    def _change(
        self, tenant_id: str, one: ClientShown, version: int, *, fields: forms.Fields
    ) -> Response:
        back = url("client", tenant_id, one.id)
        form = Form(
            "change_client",
            title=_("Edit %(client)s", client=one.name),
            button=_("Save"),
            back=back,
            path=path_of(tenant_id, one.id),
            fields=fields,
            version=version,
            prepare=forms.body,
        )

        def done(reply: Reply) -> Response:
            content = reply.content
            if isinstance(content, ClientChanged) and content.client_secret is not None:
                return self._console.show_secret(secret_of(content, content.client_secret, back))
            return self._console.go(back, _("Saved."))

        return self._console.fill(form, done)

    def _metadata(self, tenant_id: str, one: ClientShown) -> Section:
        return Section(
            _("Metadata"),
            tuple(Fact(name, _said(value)) for name, value in one.options.to_json().items()),
            lead=_("What differs from the defaults, by the names of the specifications."),
            actions=(
                Action(_("Edit"), url("client_metadata", tenant_id, one.id), "change_client"),
            ),
        )

    def _read(self, tenant_id: str, client_id: str) -> tuple[ClientShown, int]:
        return self._console.read("read_client", ClientShown, path_of(tenant_id, client_id))


def secret_of(one: ClientShown, secret: str, onward: str) -> Secret:
    """Return the screen that shows a new secret, this once."""
    return Secret(
        _("The secret of %(client)s", client=one.name),
        _("Hand it to whoever runs the application, by a way that nobody else reads."),
        {_("Client ID"): one.id, _("Client secret"): secret},
        onward,
        f"{one.id}.txt",
    )


def _asks(one: ClientShown) -> Section:
    redirects = (
        (Fact(_("Redirect URIs"), tuple(Code(uri) for uri in one.redirect_uris)),)
        if KINDS[one.kind].redirects
        else ()
    )
    return Section(
        _("What it may ask for"),
        (
            *redirects,
            Fact(_("Scopes"), tuple(Code(scope) for scope in one.scopes)),
            Fact(_("Audiences"), tuple(Code(audience) for audience in one.audiences)),
            Fact(_("Grants"), tuple(Code(grant) for grant in one.grant_types)),
        ),
    )


def _calls(one: ClientShown) -> Section:
    people = KINDS[one.kind].has_people
    consent = (Fact(_("Asks people for consent"), not one.first_party),) if people else ()
    return Section(
        _("How it calls"),
        (
            Fact(_("How it proves who it is"), Code(one.auth_method)),
            Fact(_("Addresses"), tuple(Code(network) for network in one.ip_allowlist),
                 "" if one.ip_allowlist else _("It may call from anywhere.")),
            Fact(_("Rate limit"), one.rate),
            *consent,
            Fact(_("Created"), one.created_at),
        ),
    )  # fmt: skip


def _said(value: object) -> str | tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else str(value)

"""/console/tenants/<id>/resource-servers: the list, a new one, one of them, and its end."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.resource_servers import ResourceServerShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Listing, table
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.clients.words import clients_of
from authserver.admin.console.screens.resource_servers import access
from authserver.admin.rest.operation import Reply


class ResourceServerScreens:
    """Screens about resource servers."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, below = "/tenants/<tenant_id>/resource-servers", "resource_servers"
        one, menu = f"{every}/<server_id>", Menu(Group.APPLICATIONS, _l("APIs"), "server")
        return (
            Screen(every, below, self.index, "list_resource_servers", menu=menu),
            Screen(f"{every}/new", "new_resource_server", self.new, "create_resource_server",
                   below=below),
            Screen(one, "resource_server", self.show, "read_resource_server", below=below),
            Screen(f"{one}/edit", "edit_resource_server", self.edit, "change_resource_server",
                   below=below),
            Screen(f"{one}/delete", "delete_resource_server", self.delete,
                   "delete_resource_server", below=below),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List the tenant's APIs."""
        new = Action(
            _("New API"),
            url_for("console.new_resource_server", tenant_id=tenant_id),
            "create_resource_server",
            "primary",
        )
        listing = Listing(
            "list_resource_servers",
            title=_("APIs"),
            lead=_("What clients get tokens for. Once there is one, clients ask for nothing else."),
            columns=(
                Column(_("Name"), lambda one: Link(one.name, _url(tenant_id, one.id))),
                Column(_("Audience"), lambda one: Code(one.audience)),
                Column(_("Scopes"), lambda one: len(one.scopes)),
                Column(_("Who may ask"), access.who),
            ),
            actions=(new,),
            empty=_(
                "There is no API yet. As long as there is none, clients may be registered with any"
                " audience and scope."
            ),
        )
        return self._console.show_list(listing, {"tenant_id": tenant_id})

    def new(self, tenant_id: str) -> Response:
        """Register an API."""
        audience = Field(
            "audience",
            _("Audience"),
            hint=_("An https URI or a URN: tokens name it, and it stays for good."),
            mono=True,
            most=255,
        )
        form = Form(
            "create_resource_server",
            title=_("New API"),
            button=_("Register"),
            back=url_for("console.resource_servers", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(audience, *self._fields(tenant_id, None)),
            prepare=access.body(None),
        )
        return self._console.fill(form, lambda reply: self._created(tenant_id, reply))

    def show(self, tenant_id: str, server_id: str) -> Response:
        """Show an API."""
        one = self._read(tenant_id, server_id)[0]
        scopes = table(
            (
                Column(_("Scope"), lambda scope: Code(scope.name)),
                Column(_("What people read"), lambda scope: scope.description),
            ),
            one.scopes,
            _("It has no scopes: whoever has a token for it may do everything."),
        )
        names, _whole = clients_of(self._console, tenant_id)
        about = (
            Fact(_("Audience"), Code(one.audience)),
            Fact(_("Who may ask"), access.named(one, tenant_id, names)),
            Fact(_("Created"), one.created_at),
        )
        return self._console.show_detail(
            Detail(
                one.name,
                (Section(_("About"), about), Section(_("Scopes"), table=scopes)),
                id=one.id,
                actions=(
                    Action(_("Edit"), _url(tenant_id, server_id, "edit_resource_server"),
                           "change_resource_server"),
                    Action(_("Delete"), _url(tenant_id, server_id, "delete_resource_server"),
                           "delete_resource_server", "danger"),
                ),
            )
        )  # fmt: skip

    def edit(self, tenant_id: str, server_id: str) -> Response:
        """Change an API."""
        one, version = self._read(tenant_id, server_id)
        form = Form(
            "change_resource_server",
            title=_("Edit %(api)s", api=one.name),
            lead=_("What it does not offer any more is taken from its clients at once."),
            button=_("Save"),
            back=_url(tenant_id, server_id),
            path=_path(tenant_id, server_id),
            fields=self._fields(tenant_id, one),
            version=version,
            prepare=access.body(one),
        )
        return self._console.settle(form, _("Saved."))

    def delete(self, tenant_id: str, server_id: str) -> Response:
        """Take an API away."""
        one = self._read(tenant_id, server_id)[0]
        form = Form(
            "delete_resource_server",
            title=_("Delete %(api)s?", api=one.name),
            lead=_("It is taken from every client: they get no tokens for it any more."),
            button=_("Delete"),
            back=_url(tenant_id, server_id),
            path=_path(tenant_id, server_id),
            danger=True,
            retype=one.name,
        )
        onward = url_for("console.resource_servers", tenant_id=tenant_id)
        said = _("%(api)s was deleted.", api=one.name)
        return self._console.settle(form, said, onward=onward)

    def _fields(self, tenant_id: str, one: ResourceServerShown | None) -> tuple[Field, ...]:
        scopes = {scope.name: scope.description for scope in one.scopes} if one else {}
        return (
            Field(
                "name",
                _("Name"),
                value=one and one.name,
                hint=_("People read it where they allow an application something."),
                most=120,
            ),
            Field(
                "scopes",
                _("Scopes"),
                Kind.PAIRS,
                value=scopes,
                hint=_("One a line, with what people read: orders:read = See your orders"),
            ),
            *access.fields(self._console, tenant_id, one),
        )

    def _created(self, tenant_id: str, reply: Reply) -> Response:
        server_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(_url(tenant_id, server_id), _("The API was registered."))

    def _read(self, tenant_id: str, server_id: str) -> tuple[ResourceServerShown, int]:
        path = _path(tenant_id, server_id)
        return self._console.read("read_resource_server", ResourceServerShown, path)


def _path(tenant_id: str, server_id: str) -> dict[str, str]:
    return {"tenant_id": tenant_id, "server_id": server_id}


def _url(tenant_id: str, server_id: str, screen: str = "resource_server") -> str:
    return url_for(f"console.{screen}", tenant_id=tenant_id, server_id=server_id)

"""/console/tenants: the list, the form for a new one, one of them, and what is done to it.

The exemplar of how screens are written: see `authserver/admin/console/__init__.py`.
"""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.rest.operation import Reply


class TenantScreens:
    """Screens about tenants."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens: a path of the API each, and the operation that it is for."""
        one = "/tenants/<tenant_id>"
        listed = Menu(Group.PLATFORM, _l("Tenants"), "building-2")
        settings = Menu(Group.TENANT, _l("Settings"), "settings")
        overview = Tab("tenant", _l("Overview"))
        return (
            Screen(one, "tenant", self.show, "read_tenant", menu=settings, tab=overview),
            Screen("/tenants", "tenants", self.index, "list_tenants", menu=listed),
            Screen("/tenants/new", "new_tenant", self.new, "create_tenant", below="tenants"),
            Screen(f"{one}/suspend", "suspend_tenant", self.suspend, "suspend_tenant",
                   below="tenant"),
            Screen(f"{one}/resume", "resume_tenant", self.resume, "resume_tenant", below="tenant"),
            Screen(f"{one}/archive", "archive_tenant", self.archive, "archive_tenant",
                   below="tenant"),
            Screen(f"{one}/restore", "restore_tenant", self.restore, "restore_tenant",
                   below="tenant"),
        )  # fmt: skip

    def index(self) -> Response:
        """List tenants: columns say what they show of an item of the operation's answer."""
        return self._console.show_list(
            Listing(
                "list_tenants",
                title=_("Tenants"),
                lead=_("Every organization that this installation serves."),
                columns=(
                    Column(_("Name"), lambda one: Link(one.name, _url(one.id))),
                    Column(_("Short name"), lambda one: Code(one.slug)),
                    Column(_("Type"), lambda one: kinds()[one.type]),
                    Column(_("State"), _state),
                    Column(_("Created"), lambda one: one.created_at),
                ),
                filters=(
                    Filter("type", _("Type"), kinds()),
                    Filter("suspended", _("State"), {"false": _("Active"), "true": _("Suspended")}),
                    Filter("archived", _("Archive"), {"false": _("Not archived"),
                                                      "true": _("Archived")}),
                ),
                actions=(
                    Action(_("Imported tenants"), url_for("console.arrivals"), "list_arrivals"),
                    Action(_("New tenant"), url_for("console.new_tenant"), "create_tenant",
                           "primary"),
                ),
                empty=_("There is no tenant yet. Create one for each organization."),
            )
        )  # fmt: skip

    def new(self) -> Response:
        """Create a tenant: the fields have the names that the operation's body has for them."""
        form = Form(
            "create_tenant",
            title=_("New tenant"),
            button=_("Create tenant"),
            back=url_for("console.tenants"),
            fields=(
                Field("name", _("Name"), hint=_("As people see it when they sign in.")),
                Field(
                    "slug",
                    _("Short name"),
                    hint=_("In URLs: small letters, digits and hyphens. It stays for good."),
                    mono=True,
                ),
                Field("type", _("Type"), Kind.CHOICE, value="customer", choices=kinds()),
                Field(
                    "own_issuer",
                    _("An issuer of its own"),
                    Kind.CHECK,
                    hint=_("Its own sign-in page, keys and URLs below /t/."),
                ),
            ),
        )
        return self._console.fill(form, self._created)

    def show(self, tenant_id: str) -> Response:
        """Show one tenant."""
        one = self._read(tenant_id)
        actions = [_action(name, tenant_id) for name in _acts(one)]
        return self._console.show_detail(
            Detail(one.name, (_facts(one),), id=one.id, badges=(_state(one),), actions=actions)
        )

    def suspend(self, tenant_id: str) -> Response:
        """Suspend a tenant: destructive, so that people type its name; sensitive, so sudo."""
        one = self._read(tenant_id)
        form = Form(
            "suspend_tenant",
            title=_("Suspend %(tenant)s?", tenant=one.name),
            lead=_(
                "Nobody signs in there any more, every session ends, and no application of it gets"
                " tokens. It can be undone: what was there stays."
            ),
            button=_("Suspend"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            danger=True,
            retype=one.name,
        )
        said = _("%(tenant)s is suspended.", tenant=one.name)
        return self._console.settle(form, said)

    def resume(self, tenant_id: str) -> Response:
        """Undo that."""
        one = self._read(tenant_id)
        form = Form(
            "resume_tenant",
            title=_("Let %(tenant)s work again?", tenant=one.name),
            lead=_("People can sign in again, and applications get tokens. Sessions stay ended."),
            button=_("Let it work again"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
        )
        said = _("%(tenant)s works again.", tenant=one.name)
        return self._console.settle(form, said)

    def archive(self, tenant_id: str) -> Response:
        """Put a tenant away."""
        one = self._read(tenant_id)
        form = Form(
            "archive_tenant",
            title=_("Archive %(tenant)s?", tenant=one.name),
            lead=_("It is suspended, and does not work again before it is restored. Nothing of it"
                   " is deleted."),
            button=_("Archive"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            danger=True,
            retype=one.name,
        )  # fmt: skip
        said = _("%(tenant)s is archived.", tenant=one.name)
        return self._console.settle(form, said)

    def restore(self, tenant_id: str) -> Response:
        """Take it out again."""
        one = self._read(tenant_id)
        form = Form(
            "restore_tenant",
            title=_("Restore %(tenant)s?", tenant=one.name),
            lead=_("It is still suspended then: look at it before you let it work again."),
            button=_("Restore"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
        )
        said = _("%(tenant)s is restored.", tenant=one.name)
        return self._console.settle(form, said)

    def _created(self, reply: Reply) -> Response:
        # A form that was sent twice has no content the second time, but the place.
        tenant_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(_url(tenant_id), _("The tenant was created."))

    def _read(self, tenant_id: str) -> TenantShown:
        return self._console.read("read_tenant", TenantShown, {"tenant_id": tenant_id})[0]


def kinds() -> dict[str, str]:
    """Return the types of tenants in words."""
    return {"customer": _("Customer"), "partner": _("Partner"), "internal": _("Internal")}


def _acts(one: TenantShown) -> tuple[str, ...]:
    """Return what can be done with a tenant as it is."""
    if one.archived_at:
        return ("restore_tenant",)
    return ("resume_tenant", "archive_tenant") if one.suspended_at else ("suspend_tenant",)


def _action(name: str, tenant_id: str) -> Action:
    words, kind = {
        "suspend_tenant": (_("Suspend"), "danger"),
        "resume_tenant": (_("Let it work again"), "secondary"),
        "archive_tenant": (_("Archive"), "danger"),
        "restore_tenant": (_("Restore"), "secondary"),
    }[name]
    return Action(words, url_for(f"console.{name}", tenant_id=tenant_id), name, kind)


def _facts(one: TenantShown) -> Section:
    return Section(
        _("About"),
        (
            Fact(_("Short name"), Code(one.slug)),
            Fact(_("Type"), kinds()[one.type]),
            Fact(_("Tier"), one.tier.capitalize()),
            Fact(_("An issuer of its own"), one.own_issuer),
            Fact(_("Language"), one.locale),
            Fact(_("Website"), one.website),
            Fact(_("Created"), one.created_at),
        ),
        actions=(
            Action(
                _("Change the tier"),
                url_for("console.change_tier", tenant_id=one.id),
                "change_tenant",
            ),
        ),
    )


def _state(one: TenantShown) -> Badge:
    if one.archived_at:
        return Badge(_("Archived"))
    if one.suspended_at:
        return Badge(_("Suspended"), Tone.BAD)
    return Badge(_("Active"), Tone.GOOD)


def _url(tenant_id: str) -> str:
    return url_for("console.tenant", tenant_id=tenant_id)

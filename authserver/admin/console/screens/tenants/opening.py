"""/console/tenants/<id>/open and /close: working in another's tenant for a while, for a reason."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen

_MINUTES = (15, 30, 60)


class OpeningScreens:
    """Screens that open and close another's tenant."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = "/tenants/<tenant_id>"
        return (
            Screen(f"{one}/open", "open_tenant", self.open, "open_access", below="tenant"),
            Screen(f"{one}/close", "close_tenant", self.close, "close_access", below="tenant"),
        )

    def open(self, tenant_id: str) -> Response:
        """Ask for the reason, and open the tenant."""
        name = self._name(tenant_id)
        form = Form(
            "open_access",
            title=_("Work in %(tenant)s?", tenant=name),
            lead=_(
                "This organization is not yours. Say why you work in it: its administrators see"
                " the reason, and what you do, in their trail."
            ),
            button=_("Open"),
            back=url_for("console.tenant", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field(
                    "reason",
                    _("Reason"),
                    Kind.AREA,
                    hint=_("At least ten characters, for example the number of a ticket."),
                    most=500,
                ),
                Field(
                    "minutes",
                    _("For how long"),
                    Kind.CHOICE,
                    value=30,
                    choices={str(n): _("%(n)s minutes", n=n) for n in _MINUTES},
                    number=True,
                ),
            ),
        )
        said = _("%(tenant)s is open to you now.", tenant=name)
        return self._console.settle(form, said)

    def close(self, tenant_id: str) -> Response:
        """End it before its time."""
        form = Form(
            "close_access",
            title=_("End working in %(tenant)s?", tenant=self._name(tenant_id)),
            button=_("End"),
            back=url_for("console.tenant", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
        )
        url = url_for("console.tenants")
        return self._console.settle(form, _("It is closed."), onward=url)

    def _name(self, tenant_id: str) -> str:
        path = {"tenant_id": tenant_id}
        return self._console.read("read_tenant", TenantShown, path)[0].name

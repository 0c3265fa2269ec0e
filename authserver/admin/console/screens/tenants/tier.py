"""/console/tenants/<id>/tier: what a tenant has booked, which the platform sets."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen
from authserver.tenants.policy import Tier


class TierScreens:
    """The screen that changes a tier."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        path = "/tenants/<tenant_id>/tier"
        return (Screen(path, "change_tier", self.change, "change_tenant", below="tenant"),)

    def change(self, tenant_id: str) -> Response:
        """Change how much a minute may bring."""
        path: dict[str, Any] = {"tenant_id": tenant_id}
        one, version = self._console.read("read_tenant", TenantShown, path)
        choices = {tier.value: tier.value.capitalize() for tier in Tier}
        form = Form(
            "change_tenant",
            title=_("Tier of %(tenant)s", tenant=one.name),
            lead=_("It decides how many sign-ins and token requests a minute may bring."),
            button=_("Save"),
            back=url_for("console.tenant", **path),
            path=path,
            version=version,
            fields=(Field("tier", _("Tier"), Kind.CHOICE, value=one.tier, choices=choices),),
        )
        return self._console.settle(form, _("Saved."))

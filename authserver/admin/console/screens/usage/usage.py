"""/console/usage, and of a tenant and a client: charts, sums, refusals, and who had most."""

from collections.abc import Callable, Mapping, Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.clients.refused import RefusedAddresses
from authserver.admin.api.clients.shown import ClientShown
from authserver.admin.api.usage import ShareShown, UsageShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Table, table
from authserver.admin.console.parts.values import Code, Link, Value
from authserver.admin.console.reasons import in_words
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.console.screens.usage.charts import figures
from authserver.admin.console.screens.usage.sums import Sum, decimal, sums, usage_of
from authserver.usage.policy import Period

_CLIENT = "/tenants/<tenant_id>/clients/<client_id>"


class UsageScreens:
    """Screens of figures."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return them."""
        of_tenant = Menu(Group.INSIGHT, _l("Usage"), "chart-line")
        of_all = Menu(Group.PLATFORM, _l("Usage of all"), "chart-line")
        tab = Tab("client", _l("Usage"))
        return (
            Screen("/tenants/<tenant_id>/usage", "tenant_usage", self.of_tenant,
                   "read_tenant_usage", menu=of_tenant),
            Screen("/usage", "platform_usage", self.of_platform, "read_platform_usage",
                   menu=of_all),
            Screen(f"{_CLIENT}/usage", "client_usage", self.of_client, "read_client_usage",
                   tab=tab, below="clients"),
            Screen(f"{_CLIENT}/quotas", "client_quotas", self.quotas, "change_quotas",
                   below="clients"),
        )  # fmt: skip

    def of_platform(self) -> Response:
        """Show the installation's figures, and its tenants that had most."""
        usage = self._usage("read_platform_usage", {})
        most = self._most(usage, _("Tenant"), lambda share: Link(
            share.name, url_for("console.tenant_usage", tenant_id=share.id)
        ))  # fmt: skip
        return self._page(usage, _("Usage of all"), sums(usage), most=most)

    def of_tenant(self, tenant_id: str) -> Response:
        """Show a tenant's figures, and its clients that had most."""
        usage = self._usage("read_tenant_usage", {"tenant_id": tenant_id})
        most = self._most(usage, _("Client"), lambda share: Link(
            share.name,
            url_for("console.client_usage", tenant_id=tenant_id, client_id=share.id),
        ))  # fmt: skip
        return self._page(usage, _("Usage"), sums(usage), most=most)

    def of_client(self, tenant_id: str, client_id: str) -> Response:
        """Show a client's figures, and what is left of its quotas."""
        path = {"tenant_id": tenant_id, "client_id": client_id}
        usage = self._usage("read_client_usage", path)
        own = [
            Sum(_("Tokens"), decimal(usage.tokens)),
            Sum(_("Refused"), decimal(usage.refused)),
            *(
                Sum(
                    _("Quota of the day") if one.per == "day" else _("Quota of the month"),
                    _("%(used)s of %(limit)s", used=decimal(one.used), limit=decimal(one.limit)),
                )
                for one in usage.quotas
            ),
        ]
        url = url_for("console.client_quotas", tenant_id=tenant_id, client_id=client_id)
        edit = Action(_("Change quotas"), url, "change_quotas")
        actions = [edit] if self._console.may_in("change_quotas", tenant_id) else []
        name = _("Usage")
        if self._console.may("read_client"):
            name = self._console.read("read_client", ClientShown, path)[0].name
        from_where = self._refused_addresses(path)
        return self._page(usage, name, own, actions=actions, addresses=from_where)

    def _refused_addresses(self, path: Mapping[str, str]) -> Table | None:
        if not self._console.may("list_refused_addresses"):
            return None
        found, _version = self._console.read("list_refused_addresses", RefusedAddresses, path)
        columns = (
            Column(_("Address"), lambda one: Code(one.address)),
            Column(_("Refused"), lambda one: one.number),
            Column(_("The last time"), lambda one: one.last_at),
        )
        nothing = _("No address was refused in the last 30 days.")
        return table(columns, found.items, nothing) if found.items else None

    def quotas(self, tenant_id: str, client_id: str) -> Response:
        """Change how many tokens a client may get."""
        path = {"tenant_id": tenant_id, "client_id": client_id}
        usage = self._usage("read_client_usage", path)
        limits: Mapping[str, int] = {one.per: one.limit for one in usage.quotas}
        back = url_for("console.client_usage", tenant_id=tenant_id, client_id=client_id)
        form = Form(
            "change_quotas",
            _("Quotas"),
            _("Save"),
            back,
            fields=(
                Field("day", _("Tokens a day"), Kind.NUMBER, value=limits.get("day"),
                      optional=True, hint=_("A day begins at midnight, UTC.")),
                Field("month", _("Tokens a month"), Kind.NUMBER, value=limits.get("month"),
                      optional=True),
            ),
            path=path,
            lead=_("What is over is refused until the next day or month. Empty is no quota."),
        )  # fmt: skip

        return self._console.settle(form, _("The quotas were changed."))

    def _usage(self, does: str, path: Mapping[str, str]) -> UsageShown:
        return usage_of(self._console, does, path, period=period())

    def _most(self, usage: UsageShown, title: str, show: Callable[[ShareShown], Value]) -> Table:
        columns = (
            Column(title, show),
            Column(_("Tokens"), lambda share: share.tokens),
            Column(_("Refused"), lambda share: share.refused or None),
            Column(_("ID"), lambda share: Code(share.id)),
        )
        return table(columns, usage.shares, _("Nobody fetched a token in this time."))

    def _page(
        self,
        usage: UsageShown,
        title: str,
        shown: Sequence[Sum],
        *,
        most: Table | None = None,
        actions: Sequence[Action] = (),
        addresses: Table | None = None,
    ) -> Response:
        return self._console.page(
            "console/usage.html",
            title=title,
            period=usage.period.value,
            periods=[(one.value, _here(one)) for one in Period],
            sums=shown,
            figures=figures(usage, of_client=most is None),
            refusals=[(in_words(one.reason), decimal(one.number)) for one in usage.refusals],
            most=most,
            addresses=addresses,
            actions=actions,
        )


def period() -> Period:
    """Return the period that the URL asks for, else the shortest."""
    asked = request.args.get("period")
    return next((one for one in Period if one.value == asked), Period.DAY)


def _here(one: Period) -> str:
    return url_for(request.endpoint or "", **(request.view_args or {}), period=one.value)

"""/console/tenants/<id>/domains and /issuer: what a tenant proves, and where its people sign in."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.domains import DomainShown, DomainsShown
from authserver.admin.api.tenancy.issuer import IssuerShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Screen, Tab
from authserver.core.problems import NotFound

Here = dict[str, Any]


class DomainScreens:
    """Screens about domains and the issuer."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every, tab = "/tenants/<tenant_id>/domains", Tab("tenant", _l("Domains"))
        one, issuer = f"{every}/<domain>", "/tenants/<tenant_id>/issuer"
        return (
            Screen(every, "domains", self.show, "list_domains", tab=tab, below="tenant"),
            Screen(f"{every}/new", "add_domain", self.add, "add_domain", below="tenant"),
            Screen(one, "domain", self.one, "list_domains", below="tenant"),
            Screen(f"{one}/verify", "verify_domain", self.verify, "verify_domain", below="tenant"),
            Screen(f"{one}/route", "route_domain", self.route, "route_domain", below="tenant"),
            Screen(f"{one}/remove", "remove_domain", self.remove, "remove_domain",
                   below="tenant"),
            Screen(f"{issuer}/move", "move_issuer", self.move, "move_issuer", below="tenant"),
            Screen(f"{issuer}/end", "end_issuer", self.end, "end_issuer", below="tenant"),
        )  # fmt: skip

    def show(self, tenant_id: str) -> Response:
        """Show the domains, and where people sign in."""
        here: Here = {"tenant_id": tenant_id}
        found = self._console.read("list_domains", DomainsShown, here)[0].items
        issuer, _version = self._console.read("read_issuer", IssuerShown, here)
        tenant = self._console.read("read_tenant", TenantShown, here)[0]
        columns = (
            Column(_("Domain"), lambda one: Link(one.domain, _url("domain", here, one.domain))),
            Column(_("State"), _state),
            Column(_("Looked at"), lambda one: one.checked_at),
        )
        return self._console.show_detail(
            Detail(
                tenant.name,
                (
                    Section(
                        _("Domains"),
                        lead=_("A domain that is proved can lead to a sign-in provider, and be the"
                               " address of the sign-in page."),
                        table=table(columns, found, _("There is no domain yet.")),
                        actions=(Action(_("Add a domain"), _url("add_domain", here),
                                        "add_domain", "primary"),),
                    ),
                    self._issuer(issuer, here),
                ),
            )
        )  # fmt: skip

    def one(self, tenant_id: str, domain: str) -> Response:
        """Show a domain with its record."""
        here: Here = {"tenant_id": tenant_id}
        found = self._find(here, domain)
        actions = [
            Action(_("Look for the record"), _url("verify_domain", here, domain), "verify_domain",
                   "primary"),
            Action(_("Sign-in provider"), _url("route_domain", here, domain), "route_domain"),
            Action(_("Give it up"), _url("remove_domain", here, domain), "remove_domain",
                   "danger"),
        ]  # fmt: skip
        facts = (
            Fact(_("Name of the TXT record"), Code(found.record_name)),
            Fact(_("Its text"), Code(found.record_value),
                 _("It has to stay: it is looked for every day.")),
            Fact(_("Proved"), found.verified_at),
            Fact(_("Looked at"), found.checked_at),
            Fact(_("Missing since"), found.missing_since),
            Fact(_("Sign-in provider"), Code(found.connection_id or "")),
        )  # fmt: skip
        section = Section(_("Proof"), facts)
        badge = _state(found)
        return self._console.show_detail(
            Detail(found.domain, (section,), badges=(badge,), actions=tuple(actions))
        )

    def add(self, tenant_id: str) -> Response:
        """Begin to prove a domain."""
        here: Here = {"tenant_id": tenant_id}
        form = Form(
            "add_domain",
            title=_("Add a domain"),
            lead=_("Next you see the record that proves it."),
            button=_("Add"),
            back=_url("domains", here),
            path=here,
            fields=(Field("domain", _("Domain"), hint=_("As in addresses: globex.example"),
                          mono=True, most=253),),
        )  # fmt: skip

        def done(reply: object) -> Response:
            shown = getattr(reply, "content", None)
            named = shown.domain if isinstance(shown, DomainShown) else ""
            return self._console.go(_url("domain", here, named) if named else _url("domains", here))

        return self._console.fill(form, done)

    def verify(self, tenant_id: str, domain: str) -> Response:
        """Look for the record."""
        here: Here = {"tenant_id": tenant_id}
        self._find(here, domain)
        form = Form(
            "verify_domain",
            title=_("Look for the record?"),
            lead=_("It is looked for in the DNS now. It may take a while until it is there."),
            button=_("Look"),
            back=_url("domain", here, domain),
            path={**here, "domain": domain},
        )
        return self._console.settle(form, _("The domain is proved."))

    def remove(self, tenant_id: str, domain: str) -> Response:
        """Give a domain up."""
        here: Here = {"tenant_id": tenant_id}
        self._find(here, domain)
        form = Form(
            "remove_domain",
            title=_("Give %(domain)s up?", domain=domain),
            lead=_("Its people are led nowhere in particular. A sign-in page there ends."),
            button=_("Give it up"),
            back=_url("domain", here, domain),
            path={**here, "domain": domain},
            danger=True,
            retype=domain,
        )
        said = _("The domain was given up.")
        return self._console.settle(form, said, onward=_url("domains", here))

    def route(self, tenant_id: str, domain: str) -> Response:
        """Lead its people to a provider."""
        here: Here = {"tenant_id": tenant_id}
        self._find(here, domain)
        form = Form(
            "route_domain",
            title=_("Sign-in provider of %(domain)s", domain=domain),
            lead=_("People with addresses of it are sent there at once, while it is proved."),
            button=_("Save"),
            back=_url("domain", here, domain),
            path={**here, "domain": domain},
            fields=(Field("connection", _("Name of the connection"), mono=True, most=64,
                          hint=_("The organization's own, or one of the platform's.")),),
        )  # fmt: skip
        return self._console.settle(form, _("It was saved."))

    def move(self, tenant_id: str) -> Response:
        """Give the tenant an issuer, or move it."""
        here: Here = {"tenant_id": tenant_id}
        issuer, version = self._console.read("read_issuer", IssuerShown, here)
        form = Form(
            "move_issuer",
            title=_("Own sign-in page"),
            lead=_("With keys of its own. Another address is another issuer: applications that know"
                   " the one before have to be told, and people sign in again."),
            button=_("Save"),
            back=_url("domains", here),
            path=here,
            version=version,
            fields=(Field("host", _("Host"), value=issuer.host, optional=True, mono=True, most=253,
                          hint=_("One of the proved domains, or below it; empty: a path of the"
                                 " platform. The DNS and the certificate are yours to arrange."
                                 " Passkeys work at the platform's host alone.")),),
        )  # fmt: skip
        return self._console.settle(form, _("The sign-in page is there now."))

    def end(self, tenant_id: str) -> Response:
        """Let it use the platform's."""
        here: Here = {"tenant_id": tenant_id}
        version = self._console.read("read_issuer", IssuerShown, here)[1]
        form = Form(
            "end_issuer",
            title=_("Use the sign-in page of the platform?"),
            lead=_("Only possible while no application is registered at the own one."),
            button=_("Use it"),
            back=_url("domains", here),
            path=here,
            version=version,
            danger=True,
        )
        return self._console.settle(form, _("People sign in at the platform's page now."))

    def _issuer(self, issuer: IssuerShown, here: Here) -> Section:
        actions = [Action(_("Change"), _url("move_issuer", here), "move_issuer")]
        if issuer.own:
            text = _("Use the platform's")
            actions.append(Action(text, _url("end_issuer", here), "end_issuer", "danger"))
        facts = (
            Fact(_("Address"), Code(issuer.url)),
            Fact(_("Of its own"), issuer.own),
            Fact(_("Host"), Code(issuer.host or "")),
        )
        return Section(_("Sign-in page"), facts, actions=tuple(actions))

    def _find(self, here: Here, domain: str) -> DomainShown:
        found = self._console.read("list_domains", DomainsShown, here)[0].items
        for one in found:
            if one.domain == domain:
                return one
        raise NotFound(_("There is no such domain."))


def _state(one: DomainShown) -> Badge:
    if one.verified_at is None:
        return Badge(_("Not proved"))
    if one.missing_since is not None:
        return Badge(_("Record missing"), Tone.WARN)
    return Badge(_("Proved"), Tone.GOOD)


def _url(name: str, here: Here, domain: str | None = None) -> str:
    return url_for(f"console.{name}", **(here | ({"domain": domain} if domain else {})))

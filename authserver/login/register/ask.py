"""/login/register: somebody without an account asks for one, where the tenant lets people."""

from typing import Any

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.core.net.email import readable_domain
from authserver.core.problems import NotFound
from authserver.login.entry import Entry
from authserver.login.recover.mailed import MailedSteps
from authserver.login.step import open_tenant
from authserver.registration.service import Ask, Registration, UnfitAddress
from authserver.tenants.snapshot import TenantSnapshot


class RegisterPage:
    """Takes an address and says the same about every one that may register."""

    def __init__(self, steps: MailedSteps, registration: Registration) -> None:
        """Take what sends the mails."""
        self._steps = steps
        self._registration = registration

    def show(self) -> Response:
        """Show the form. Raises NotFound where nobody may register."""
        entry = self._entry()
        return self._page(entry, email=entry.email)

    def submit(self) -> Response:
        """Send the mail, and say that it is on its way."""
        entry = self._entry()
        email, hop = request.form.get("email", "").strip(), self._steps.hop()
        tenant = _tenant(entry)
        try:
            self._registration.request(Ask(tenant.id, email, hop.issuer, hop.actor))
        except UnfitAddress as unfit:
            return self._page(entry, email=email, status=unfit.status)
        return self._page(entry, email=email, sent=True)

    def _entry(self) -> Entry:
        entry = self._steps.entries.visit()
        if entry.place:
            self._steps.remember(entry)
        return entry

    def _page(self, entry: Entry, *, email: str, sent: bool = False, status: int = 200) -> Response:
        tenant, place = _tenant(entry), _in_url(entry)
        domains = self._registration.domains(tenant.id)
        page = render_template(
            "login/register.html",
            action=request.script_root + request.path,
            again_url=url_for("joining.register", **place),
            place=entry.place,
            client=entry.client,
            organization=tenant.name,
            email=email,
            sign_in_url=url_for("login.password", **(place or {"to": "overview"})),
            domains=[readable_domain(domain) for domain in domains],
            refused=status != 200,  # noqa: PLR2004  OK
            sent=sent,
        )
        return make_response(page, status)


def _in_url(entry: Entry) -> dict[str, Any]:
    return dict(entry.place)


def _tenant(entry: Entry) -> TenantSnapshot:
    """Return the tenant that the page is of. Raises NotFound."""
    tenant = open_tenant(entry.issuer, entry.client)
    if tenant is None:
        raise NotFound("Nobody can register here.", detail="no one open tenant to register with")
    return tenant

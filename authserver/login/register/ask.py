"""/login/register: somebody without an account asks for one, where the tenant lets people."""

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.core.net.email import readable_domain
from authserver.core.problems import NotFound
from authserver.login.recover.mailed import MailedSteps
from authserver.login.step import open_tenant
from authserver.oauth.authorize.endpoint import HANDLE
from authserver.oauth.authorize.flow import Situation
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
        situation = self._situation()
        hint = situation.request.login_hint if situation else None
        return self._page(situation, email=hint or "")

    def submit(self) -> Response:
        """Send the mail, and say that it is on its way."""
        situation = self._situation()
        email, hop = request.form.get("email", "").strip(), self._steps.hop()
        tenant = _tenant(situation)
        try:
            self._registration.request(Ask(tenant.id, email, hop.issuer, hop.actor))
        except UnfitAddress as unfit:
            return self._page(situation, email=email, status=unfit.status)
        return self._page(situation, email=email, sent=True)

    def _situation(self) -> Situation | None:
        situation = self._steps.waiting(request.values.get(HANDLE))
        if situation and situation.pending:
            self._steps.remember(situation.pending.handle)
        return situation

    def _page(
        self, situation: Situation | None, *, email: str, sent: bool = False, status: int = 200
    ) -> Response:
        tenant = _tenant(situation)
        domains = self._registration.domains(tenant.id)
        pending = situation.pending if situation else None
        page = render_template(
            "login/register.html",
            action=request.script_root + request.path,
            flow=pending.handle if pending else None,
            place=((HANDLE, pending.handle),) if pending else (),
            client=situation.client if situation else None,
            organization=tenant.name,
            email=email,
            sign_in_url=_sign_in(pending.handle if pending else None),
            domains=[readable_domain(domain) for domain in domains],
            refused=status != 200,  # noqa: PLR2004  OK
            sent=sent,
        )
        return make_response(page, status)


def _sign_in(handle: str | None) -> str:
    if handle:
        return url_for("login.password", flow=handle)
    return url_for("login.password", to="overview")


def _tenant(situation: Situation | None) -> TenantSnapshot:
    """Return the tenant that the page is of. Raises NotFound."""
    tenant = open_tenant(request.environ[web.ISSUER], situation.client if situation else None)
    if tenant is None:
        raise NotFound("Nobody can register here.", detail="no one open tenant to register with")
    return tenant

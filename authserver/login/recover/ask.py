"""/login/recover: a person who forgot the password asks for a mail."""

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from authserver.accounts.directory import Audience
from authserver.core import web
from authserver.links.recovery import Recovery, RecoveryRequest
from authserver.login.recover.mailed import MailedSteps
from authserver.oauth.authorize.endpoint import HANDLE
from authserver.oauth.authorize.flow import Situation
from authserver.tenants.resolve import Issuer


class AskPage:
    """Takes an address and says the same about every one."""

    def __init__(self, steps: MailedSteps, recovery: Recovery) -> None:
        """Take what sends the mails."""
        self._steps = steps
        self._recovery = recovery

    def show(self) -> Response:
        """Show the form. It works without a sign-in under way, too: mails are read elsewhere."""
        situation = self._situation()
        hint = situation.request.login_hint if situation else None
        return _page(situation, email=hint or "")

    def submit(self) -> Response:
        """Send the mail, if there is somebody to send it to, and say that it may come."""
        situation = self._situation()
        email = request.form.get("email", "").strip()
        issuer = request.environ[web.ISSUER]
        self._recovery.request(
            RecoveryRequest(
                audience=_audience(issuer, situation),
                email=email,
                issuer=issuer.url,
                actor=self._steps.hop().actor,
                organization=_organization(situation),
            )
        )
        return _page(situation, email=email, sent=True)

    def _situation(self) -> Situation | None:
        handle = request.values.get(HANDLE)
        situation = self._steps.waiting(handle) if handle else None
        if situation and situation.pending:
            self._steps.remember(situation.pending.handle)
        return situation


def _audience(issuer: Issuer, situation: Situation | None) -> Audience:
    """Return whom the page serves: as the sign-in does, else whoever the issuer is for."""
    if situation:
        client = situation.client
        return Audience(client.tenant.id, client.tenants_served)
    return Audience(issuer.tenant.id, (issuer.tenant.id,)) if issuer.tenant else Audience("", None)


def _organization(situation: Situation | None) -> str | None:
    asked = situation.request.organization if situation else None
    return (asked or request.form.get("organization", "")).strip().lower() or None


def _page(situation: Situation | None, *, email: str, sent: bool = False) -> Response:
    audience = _audience(request.environ[web.ISSUER], situation)
    several = audience.tenants is None or len(audience.tenants) > 1
    pending = situation.pending if situation else None
    page = render_template(
        "login/recover.html",
        action=request.script_root + request.path,
        flow=pending.handle if pending else None,
        place=((HANDLE, pending.handle),) if pending else (),
        client=situation.client if situation else None,
        email=email,
        organization=request.form.get("organization", ""),
        show_organization=several and not (situation and situation.request.organization),
        sent=sent,
    )
    return make_response(page)

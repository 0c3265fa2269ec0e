"""What every page of a sign-in does first and last.

First it loads the flow and proves that this hop belongs to it; last it returns to
/oauth/authorize, which alone knows what comes next.
"""

from flask import g, make_response, redirect, render_template, request, url_for
from flask_babel import refresh
from werkzeug.wrappers import Response

from authserver.accounts.directory import UserSnapshot
from authserver.clients.registered import RegisteredClient
from authserver.core import web
from authserver.oauth.authorize.answer import form_action_source
from authserver.oauth.authorize.endpoint import HANDLE, current_browser
from authserver.oauth.authorize.flow import AuthorizationFlow, Situation
from authserver.oauth.authorize.pending import Pending
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.resolve import Issuer
from authserver.tenants.snapshot import TenantSnapshot


class Steps:
    """Loads and leaves the flow of a page."""

    def __init__(self, flow: AuthorizationFlow, cookies: CookiePolicy) -> None:
        """Take what knows the flows."""
        self.flow = flow
        self.cookies = cookies

    def load(self, handle: str | None = None) -> Situation:
        """Return the flow of a handle, else of the request's. Raises FlowClosed."""
        handle = handle or request.values.get(HANDLE, "")
        issuer = request.environ[web.ISSUER]
        situation = self.flow.open(issuer, handle, current_browser(self.cookies))
        g.ui_locales = situation.request.ui_locales
        g.tenant = situation.client.tenant
        return situation

    def render(
        self, situation: Situation, template: str, *, status: int = 200, **context: object
    ) -> Response:
        """Return a page of the flow. Its form may lead to the client, by way of redirects."""
        source = form_action_source(situation.request.redirect_uri)
        return show(
            template,
            status=status,
            form_action=f"'self' {source}",
            place=((HANDLE, handle_of(situation)),),
            client=situation.client,
            **context,
        )


def show(template: str, *, status: int, form_action: str, **context: object) -> Response:
    """Return a page whose form posts to its own URL. `form_action` says where that may lead."""
    page = render_template(template, action=request.script_root + request.path, **context)
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = web.content_security_policy(
        web.csp_nonce(request.environ), form_action=form_action
    )
    return response


def speak_as(user: UserSnapshot) -> None:
    """Let the page speak the person's language, now that it is known who it is."""
    g.locale = user.locale
    refresh()


def open_tenant(issuer: Issuer, client: RegisteredClient | None) -> TenantSnapshot | None:
    """Return the tenant in which somebody may make an account here, if there is one.

    That of a client which serves no other, or without a client that of the issuer.
    """
    if client is not None:
        return client.tenant if client.takes_newcomers else None
    tenant = issuer.tenant
    return tenant if tenant is not None and tenant.registration_open else None


def pending_of(situation: Situation) -> Pending:
    """Return the pending request that a page belongs to."""
    if situation.pending is None:
        raise ValueError("the flow is not pending")
    return situation.pending


def handle_of(situation: Situation) -> str:
    """Return the handle of a flow that waits for a page."""
    return pending_of(situation).handle


def back(situation: Situation) -> Response:
    """Return to where the next step is decided."""
    return redirect(url_for("oauth.authorize", flow=handle_of(situation)), code=303)

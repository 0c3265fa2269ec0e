"""/ and /login/logout: who is signed in here, and the way out."""

from collections.abc import Sequence
from dataclasses import replace

from flask import make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind
from authserver.clients.registered import RegisteredClient
from authserver.core import web
from authserver.core.cache import Snapshots
from authserver.login.views import AccountView, account_view
from authserver.oauth.authorize.answer import form_action_source
from authserver.oauth.authorize.endpoint import current_browser
from authserver.oauth.logout import frames
from authserver.oauth.logout.endpoint import FRAMES, MISFIT, leave, speak, url
from authserver.oauth.logout.request import LogoutRequest, LogoutRequests
from authserver.oauth.logout.signing_out import SigningOut
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.names import TenantNames

_PATIENCE = 5  # seconds until the way back is taken, where there is no script


class SessionPages:
    """The server's front page and signing out."""

    def __init__(
        self,
        sessions: SessionService,
        signing_out: SigningOut,
        requests: LogoutRequests,
        *,
        clients: Snapshots[str, RegisteredClient],
        cookies: CookiePolicy,
        names: TenantNames,
    ) -> None:
        """Take what knows the sessions and ends them, and what reads clients' requests."""
        self._sessions = sessions
        self._signing_out = signing_out
        self._requests = requests
        self._clients = clients
        self._cookies = cookies
        self._names = names

    def home(self) -> str:
        """Show who is signed in, and where programs find the metadata."""
        issuer = request.environ[web.ISSUER].url
        return render_template(
            "home.html",
            issuer=issuer,
            discovery_url=f"{issuer}/.well-known/openid-configuration",
            accounts=self._accounts(),
            account_url=url_for("account.overview"),
            logout_url=url_for("login.logout"),
        )

    def confirm(self) -> Response:
        """Ask before signing out: a link from elsewhere must not do it."""
        asked, misfit = self._asked(), request.args.get(MISFIT)
        speak(asked)
        accounts = self._accounts()
        if not accounts and asked.back is not None and not misfit:
            return redirect(url("login.signed_out", asked.carried), code=303)
        page = render_template(
            "login/logout.html",
            action=url_for("login.logout"),
            accounts=accounts,
            client=asked.client,
            misfit=_words(misfit or asked.misfit),
            place=tuple(asked.carried.items()),
        )
        return self._page(page, asked)

    def submit(self) -> Response:
        """End everything that is signed in in this browser, and go back to who asked for it."""
        token, issuer = self._token(), request.environ[web.ISSUER]
        asked = self._requests.read(issuer, request.form)
        present = self._sessions.present(token, issuer.url)
        principal = present[0].user.id if present else ""
        actor = replace(
            current_browser(self._cookies).actor, kind=ActorKind.USER, principal=principal
        )
        ended = self._signing_out.of_browser(token, actor=actor)
        return leave(ended, asked.back, self._cookies)

    def signed_out(self) -> Response:
        """Say that it is done, let the browser tell clients, and show the way back."""
        asked = self._asked()
        speak(asked)
        told = frames.urls(session.pop(FRAMES, ()), self._clients)
        page = render_template(
            "login/signed_out.html",
            client=asked.client if asked.back else None,
            return_url=asked.back.location if asked.back else None,
            frames=told,
            left=self._accounts(),
            logout_url=url_for("login.logout"),
        )
        response = self._page(page, asked, frames.sources(told))
        if told and asked.back:
            response.headers["Refresh"] = f"{_PATIENCE}; url={asked.back.location}"
        return response

    def _asked(self) -> LogoutRequest:
        return self._requests.read(request.environ[web.ISSUER], request.args)

    def _page(self, page: str, asked: LogoutRequest, shown: str = "") -> Response:
        """Return a page whose form may lead back to the client, and that may show its frames."""
        response = make_response(page)
        there = form_action_source(asked.back.uri) if asked.back else ""
        response.headers["Content-Security-Policy"] = web.content_security_policy(
            web.csp_nonce(request.environ), form_action=f"'self' {there}".strip(), frames=shown
        )
        return response

    def _token(self) -> str | None:
        return request.cookies.get(self._cookies.session.name)

    def _present(self) -> Sequence[LiveSession]:
        return self._sessions.present(self._token(), request.environ[web.ISSUER].url)

    def _accounts(self) -> list[AccountView]:
        return [account_view(one.user, self._names) for one in self._present()]


def _words(misfit: str | None) -> str | None:
    """Return why a client's request is not followed to the letter, in the person's language."""
    if not misfit:
        return None
    unknown: str = _("The application that sent you here could not be recognized.")
    said: dict[str, str] = {
        "hint": _("The application that sent you here did not prove that it knows you."),
        "address": _("The application asked to go on at an address that is not registered for it."),
    }
    return said.get(misfit.partition(":")[0], unknown)

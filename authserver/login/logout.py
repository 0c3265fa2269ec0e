"""/login/logout and /: who is signed in here, and the way out."""

from dataclasses import replace

from flask import make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.core.database.engine import Database
from authserver.login.views import AccountView, account_view
from authserver.oauth.authorize.endpoint import current_browser
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.service import SessionService
from authserver.tenants.names import TenantNames


class SessionPages:
    """The server's front page and signing out."""

    def __init__(
        self,
        sessions: SessionService,
        database: Database,
        *,
        cookies: CookiePolicy,
        names: TenantNames,
    ) -> None:
        """Take what knows the sessions."""
        self._sessions = sessions
        self._database = database
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

    def confirm(self) -> str:
        """Ask before signing out: a link from elsewhere must not do it."""
        accounts = self._accounts()
        return render_template(
            "login/logout.html",
            action=url_for("login.logout"),
            account=accounts[0] if accounts else None,
            place=(),
        )

    def submit(self) -> Response:
        """End everything that is signed in in this browser."""
        token = request.cookies.get(self._cookies.session.name)
        present = self._sessions.present(token, request.environ[web.ISSUER].url)
        browser = current_browser(self._cookies)
        principal = present[0].user.id if present else ""
        actor = replace(browser.actor, kind="user", principal=principal)
        self._database.write(
            lambda transaction: self._sessions.end_all_of_browser(transaction, token, actor=actor)
        )
        session.clear()
        response = make_response(redirect(url_for("login.signed_out"), code=303))
        cookie = self._cookies.session
        response.delete_cookie(cookie.name, secure=cookie.secure, httponly=True, samesite="Lax")
        return response

    def signed_out(self) -> str:
        """Say that it is done."""
        return render_template("login/signed_out.html", return_url=None)

    def _accounts(self) -> list[AccountView]:
        token = request.cookies.get(self._cookies.session.name)
        found = self._sessions.present(token, request.environ[web.ISSUER].url)
        return [account_view(one.user, self._names) for one in found]

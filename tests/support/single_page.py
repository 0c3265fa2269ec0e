"""A single-page application made with oidc-client-ts: one page that the test's browser drives."""

from pathlib import Path
from typing import Any

from flask import Flask, send_file
from playwright.sync_api import Page
from werkzeug.wrappers import Response


def make_single_page(page: Path, library: Path) -> Flask:
    """Return the site: the same page wherever the browser comes back to, and the library."""
    app = Flask("single page")

    @app.get("/oidc-client-ts.min.js")
    def script() -> Response:
        return send_file(library)

    @app.get("/")
    @app.get("/callback")
    def only_page() -> Response:
        return send_file(page)

    return app


class SinglePage:
    """The application in one tab: what its scripts do with the library."""

    def __init__(self, page: Page, site: str, **settings: Any) -> None:
        self.page, self.site = page, site
        self._settings = {
            "response_type": "code",
            "automaticSilentRenew": False,
            "monitorSession": False,
            "loadUserInfo": True,
            **settings,
        }

    def leave_to_sign_in(self) -> None:
        """Begin a sign-in and wait for the server's page."""
        self.page.goto(f"{self.site}/")
        # Not waited for: the page that would answer is left.
        self._do("void manager.signinRedirect()")
        self.page.wait_for_url("**/login/password*")

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the server's pages until the browser is back."""
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", password)
        self.page.click("form button[type=submit]")
        self.page.wait_for_url("**/login/consent*")
        self.page.click("button[value=allow]")
        self.page.wait_for_url(f"{self.site}/callback*")

    def come_back(self) -> dict[str, Any]:
        """Have the library check the answer; return what it knows of the person."""
        return self._user("manager.signinRedirectCallback()")

    def renew(self, *, by_frame: bool = False) -> dict[str, Any]:
        """Get new tokens: by the refresh token, or by prompt=none in a frame."""
        forgotten = "user.refresh_token = undefined; await manager.storeUser(user);"
        return self._user(
            "(async () => { const user = await manager.getUser();"
            f"{forgotten if by_frame else ''} return manager.signinSilent(); }})()"
        )

    def revoke(self) -> None:
        """Revoke the tokens at the server."""
        self._do("manager.revokeTokens()")

    def leave(self) -> None:
        """Sign out here and at the server, which sends the browser back."""
        self._do(f"void manager.signoutRedirect({{post_logout_redirect_uri: '{self.site}/'}})")
        self.page.wait_for_url(f"{self.site}/")

    def _user(self, expression: str) -> dict[str, Any]:
        user = self.page.evaluate(
            f"async settings => {{ {_MANAGER} const user = await {expression};"
            " return JSON.parse(JSON.stringify({...user})); }",
            self._settings,
        )
        return dict(user)

    def _do(self, expression: str) -> None:
        self.page.evaluate(
            f"async settings => {{ {_MANAGER} await {expression}; }}", self._settings
        )


_MANAGER = (
    "const manager = new oidc.UserManager({...settings,"
    " userStore: new oidc.WebStorageStateStore({store: window.sessionStorage})});"
)

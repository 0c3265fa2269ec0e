"""A demo application to which people sign in: the code flow with Authlib's Flask client.

Tokens stay in this process; the browser holds a signed cookie with the number of its session.
"""

import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, Response, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from authserver.core.resources import folder
from authserver.demo.config import (
    AUDIENCE,
    CALLBACK,
    RELYING_PARTY,
    RESOURCE_SERVER,
    SCOPES,
    SIGNED_OUT,
    DemoConfig,
    from_environment,
)
from authserver.demo.logged_out import ended_session
from authserver.demo.serve import serve

_TIMEOUT = 5
_CALLS = ("reports", "operations")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


class Portal:
    """The application's pages, and what it remembers of each browser."""

    def __init__(self, config: DemoConfig, client: Any) -> None:  # noqa: ANN401  Authlib has no types
        """Take the issuer's name and Authlib's client for it."""
        self._issuer = config.issuer
        self._client = client
        self._signed_in: dict[str, dict[str, Any]] = {}

    def home(self) -> str:
        """Show who is signed in, or the way to do it."""
        mine = self._mine()
        return render_template("demo/home.html", issuer=self._issuer, calls=_CALLS, **mine)

    def sign_in(self) -> AnyResponse:
        """Send the browser to the authorization server: state, nonce and PKCE S256."""
        prompt = "select_account" if request.args.get("prompt") == "select_account" else None
        wishes = {"prompt": prompt} if prompt else {}
        answer: AnyResponse = self._client.authorize_redirect(CALLBACK, resource=AUDIENCE, **wishes)
        return answer

    def callback(self) -> AnyResponse | tuple[str, int]:
        """Take the answer, check whose it is (RFC 9207) and exchange the code."""
        if request.args.get("iss") != self._issuer:
            return self._problem("The answer is not from the server that was asked.")
        try:
            token = self._client.authorize_access_token(
                resource=AUDIENCE,
                claims_options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client.client_id},
                },
            )
        except OAuthError as error:
            return self._problem(error.description or error.error)
        if "userinfo" not in token:
            return self._problem("There is no ID token in the answer.")
        claims = dict(token.pop("userinfo"))
        person = dict(self._client.userinfo(token=token))
        if person.get("sub") != claims["sub"]:  # OpenID Connect Core section 5.3.2
            return self._problem("The profile is somebody else's.")
        session.clear()
        session["id"] = secrets.token_urlsafe(32)
        self._signed_in[session["id"]] = {"token": token, "claims": claims, "person": person}
        return redirect(url_for("home"))

    def call(self, name: str) -> AnyResponse:
        """Call the resource server with the access token that never leaves this process."""
        mine = self._mine()
        if name not in _CALLS or not mine:
            abort(HTTPStatus.NOT_FOUND)
        answer = requests.get(
            f"{RESOURCE_SERVER}/{name}",
            headers={"Authorization": f"Bearer {mine['token']['access_token']}"},
            timeout=_TIMEOUT,
        )
        mine["answer"] = {"name": name, "status": answer.status_code, "text": answer.text.strip()}
        return redirect(url_for("home"))

    def refresh(self) -> AnyResponse | tuple[str, int]:
        """Exchange the refresh token for new tokens."""
        mine = self._mine()
        if not mine:
            return redirect(url_for("home"))
        refresh_token = mine["token"].get("refresh_token")
        try:
            fresh = self._client.fetch_access_token(
                grant_type="refresh_token", refresh_token=refresh_token
            )
        except OAuthError as error:
            self._signed_in.pop(session.pop("id"), None)
            return self._problem(f"Please sign in again: {error.description or error.error}")
        mine["token"] = {"refresh_token": refresh_token, **fresh}
        mine["refreshed"] = mine.get("refreshed", 0) + 1
        return redirect(url_for("home"))

    def sign_out(self) -> str:
        """Forget the browser and give the tokens back (RFC 7009)."""
        mine = self._signed_in.pop(session.pop("id", ""), {})
        session.clear()
        if refresh_token := mine.get("token", {}).get("refresh_token"):
            requests.post(
                self._client.load_server_metadata()["revocation_endpoint"],
                data={"token": refresh_token, "token_type_hint": "refresh_token"},
                auth=(self._client.client_id, self._client.client_secret),
                timeout=_TIMEOUT,
            )
        return render_template("demo/signed_out.html", logout_url=self._logout_url(mine))

    def signed_out(self) -> str:
        """Take the person back who signed out at the server (RP-Initiated Logout section 3)."""
        return render_template("demo/signed_out.html", logout_url=None)

    def logged_out(self) -> tuple[str, int]:
        """Forget every browser of a session that is over, as the server says (Back-Channel)."""
        metadata = self._client.load_server_metadata()
        keys = requests.get(metadata["jwks_uri"], timeout=_TIMEOUT).json()
        try:
            sid = ended_session(
                request.form.get("logout_token", ""),
                keys,
                issuer=self._issuer,
                client_id=self._client.client_id,
            )
        except ValueError as error:
            return str(error), HTTPStatus.BAD_REQUEST
        for name, mine in list(self._signed_in.items()):
            if mine["claims"].get("sid") == sid:
                self._signed_in.pop(name, None)
        return "", HTTPStatus.OK

    def _logout_url(self, mine: dict[str, Any]) -> str:
        """Return where the person signs out of the server, and comes back from."""
        endpoint = self._client.load_server_metadata()["end_session_endpoint"]
        hint = mine.get("token", {}).get("id_token")
        query = {"client_id": self._client.client_id, "post_logout_redirect_uri": SIGNED_OUT}
        return f"{endpoint}?{urlencode(query | ({'id_token_hint': hint} if hint else {}))}"

    def _mine(self) -> dict[str, Any]:
        return self._signed_in.get(session.get("id", ""), {})

    def _problem(self, text: str) -> tuple[str, int]:
        return render_template("demo/problem.html", text=text), HTTPStatus.BAD_REQUEST


def create_app(config: DemoConfig | None = None) -> Flask:
    """Return the application."""
    config = config or from_environment()
    app = Flask(__name__, template_folder=folder("templates"), static_folder=folder("static"))
    # Cookies know no ports: the name is this application's own.
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="demo_portal",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
    )
    portal = Portal(config, _register(app, config))
    app.add_url_rule("/", "home", portal.home)
    app.add_url_rule("/sign-in", "sign_in", portal.sign_in)
    app.add_url_rule("/callback", "callback", portal.callback)
    app.add_url_rule("/call/<name>", "call", portal.call, methods=["POST"])
    app.add_url_rule("/refresh", "refresh", portal.refresh, methods=["POST"])
    app.add_url_rule("/sign-out", "sign_out", portal.sign_out, methods=["POST"])
    app.add_url_rule("/signed-out", "signed_out", portal.signed_out)
    app.add_url_rule("/logged-out", "logged_out", portal.logged_out, methods=["POST"])
    app.before_request(_check_origin)
    app.after_request(_harden)
    return app


def _register(app: Flask, config: DemoConfig) -> Any:  # noqa: ANN401  Authlib has no types
    return OAuth(app).register(
        "authserver",
        client_id=config.portal.client_id,
        client_secret=config.portal.client_secret,
        server_metadata_url=f"{config.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(("openid", "profile", "email", "offline_access", *SCOPES)),
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": _TIMEOUT,
        },
    )


def _check_origin() -> None:
    """Refuse forms of other sites: every browser names the origin of a POST."""
    if request.endpoint == "logged_out":
        return  # a server posts there, and what it says is signed
    if request.method == "POST" and request.headers.get("Origin") != RELYING_PARTY:
        abort(HTTPStatus.FORBIDDEN)


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


if __name__ == "__main__":
    serve("authserver.demo.relying_party:create_app", RELYING_PARTY)

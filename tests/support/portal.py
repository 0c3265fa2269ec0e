"""A small relying party made of Flask and Authlib, as its documentation shows one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, session, url_for
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.support.process import PEOPLE_SCOPES, Registered


def make_portal(issuer: str, client: Registered) -> Flask:
    """Return the application: /sign-in, /callback, /refresh and /machine."""
    app = Flask("portal")
    app.config.update(SECRET_KEY="a secret of the test", SESSION_COOKIE_NAME="portal")
    remote: Any = OAuth(app).register(
        "issuer",
        client_id=client.id,
        client_secret=client.secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": " ".join(PEOPLE_SCOPES), "code_challenge_method": "S256"},
    )

    @app.get("/sign-in")
    def sign_in() -> Response:
        answer: Response = remote.authorize_redirect(url_for("callback", _external=True))
        return answer

    @app.get("/callback")
    def callback() -> Response:
        token = remote.authorize_access_token()
        session["refresh_token"] = token["refresh_token"]
        return jsonify(token=token, profile=remote.userinfo(token=token))

    @app.get("/refresh")
    def refresh() -> Response:
        token = remote.fetch_access_token(
            grant_type="refresh_token", refresh_token=session["refresh_token"]
        )
        return jsonify(token=token, profile=remote.userinfo(token=token))

    return app


@contextmanager
def serving(app: Flask, port: int) -> Iterator[str]:
    """Serve an application on a port of this machine, in a thread."""
    server = make_server("localhost", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

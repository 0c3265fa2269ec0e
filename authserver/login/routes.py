"""Every page URL -> function."""

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.consent import ConsentPage
from authserver.login.logout import SessionPages
from authserver.login.password import PasswordPage
from authserver.login.recover.routes import RecoveryPages, add

View = Callable[[], Response]
Limit = Callable[[View], View]


def pages(
    password: PasswordPage,
    consent: ConsentPage,
    sessions: SessionPages,
    *,
    recovery: RecoveryPages,
    limit: Limit,
) -> Blueprint:
    """Return the blueprint of the hosted pages; `limit` guards what tries passwords."""
    routes = Blueprint("login", __name__)
    routes.add_url_rule("/", "home", sessions.home)
    routes.add_url_rule("/login/password", "password", password.show)
    routes.add_url_rule("/login/password", "try_password", limit(password.submit), methods=["POST"])
    routes.add_url_rule("/login/consent", "consent", consent.show)
    routes.add_url_rule("/login/consent", "decide_consent", consent.submit, methods=["POST"])
    routes.add_url_rule("/login/logout", "logout", sessions.confirm)
    routes.add_url_rule("/login/logout", "do_logout", sessions.submit, methods=["POST"])
    routes.add_url_rule("/login/signed-out", "signed_out", sessions.signed_out)
    add(routes, recovery, limit=limit)
    return routes

"""Every page URL -> function."""

from flask import Blueprint

from authserver.account.access import Access
from authserver.account.applications import ApplicationsPage
from authserver.account.elsewhere import Elsewhere
from authserver.account.factors import routes as factor_routes
from authserver.account.factors.routes import FactorPages
from authserver.account.overview import OverviewPage
from authserver.account.passkeys import PasskeysPage
from authserver.account.password import PasswordPage
from authserver.account.profile import ProfilePage
from authserver.account.security import SecurityPage
from authserver.account.sessions import SessionsPage
from authserver.account.tenants import TenantsPage


def pages(  # noqa: PLR0913  one for each page
    access: Access,
    *,
    overview: OverviewPage,
    profile: ProfilePage,
    sessions: SessionsPage,
    applications: ApplicationsPage,
    tenants: TenantsPage,
    security: SecurityPage,
    password: PasswordPage,
    factors: FactorPages,
    elsewhere: Elsewhere,
    passkeys: PasskeysPage,
) -> Blueprint:
    """Return the blueprint of the account's pages; `access` stands before every view of it."""
    routes = Blueprint("account", __name__)
    routes.before_request(access.admit)
    routes.add_url_rule("/account", "overview", overview.show)
    for name, page in (
        ("profile", profile),
        ("sessions", sessions),
        ("applications", applications),
        ("tenants", tenants),
        ("security", security),
        ("passkeys", passkeys),
    ):
        routes.add_url_rule(f"/account/{name}", name, page.show)
        routes.add_url_rule(f"/account/{name}", f"change_{name}", page.submit, methods=["POST"])
    guard = elsewhere.guard
    routes.add_url_rule("/account/password", "password", guard(password.show))
    routes.add_url_rule(
        "/account/password", "change_password", guard(password.submit), methods=["POST"]
    )
    factor_routes.add(routes, factors, access=access, elsewhere=elsewhere)
    return routes

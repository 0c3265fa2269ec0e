"""Every page URL -> function."""

from flask import Blueprint

from authserver.account.access import Access
from authserver.account.applications import ApplicationsPage
from authserver.account.email import EmailPage
from authserver.account.overview import OverviewPage
from authserver.account.profile import ProfilePage
from authserver.account.security import SecurityPage
from authserver.account.sessions import SessionsPage
from authserver.account.tenants import TenantsPage


def pages(  # noqa: PLR0913  one for each page
    access: Access,
    *,
    overview: OverviewPage,
    profile: ProfilePage,
    email: EmailPage,
    sessions: SessionsPage,
    applications: ApplicationsPage,
    tenants: TenantsPage,
    security: SecurityPage,
) -> Blueprint:
    """Return the blueprint of the account's pages; `access` stands before every view of it."""
    routes = Blueprint("account", __name__)
    routes.before_request(access.admit)
    routes.add_url_rule("/account", "overview", overview.show)
    for name, page in (
        ("profile", profile),
        ("email", email),
        ("sessions", sessions),
        ("applications", applications),
        ("tenants", tenants),
        ("security", security),
    ):
        routes.add_url_rule(f"/account/{name}", name, page.show)
        routes.add_url_rule(f"/account/{name}", f"change_{name}", page.submit, methods=["POST"])
    return routes

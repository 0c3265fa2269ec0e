"""Every page URL -> function."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.account.access import Access
from authserver.account.api_keys.page import ApiKeysPage
from authserver.account.applications.page import ApplicationsPage
from authserver.account.email import EmailPage
from authserver.account.factors import routes as factor_routes
from authserver.account.factors.elsewhere import Elsewhere
from authserver.account.factors.routes import FactorPages
from authserver.account.overview import OverviewPage
from authserver.account.passkeys.page import PasskeysPage
from authserver.account.password import PasswordPage
from authserver.account.picture import PicturePage
from authserver.account.privacy.erasure import ErasurePage
from authserver.account.privacy.export import ExportPage
from authserver.account.privacy.page import PrivacyPage
from authserver.account.profile import ProfilePage
from authserver.account.security import SecurityPage
from authserver.account.sessions import SessionsPage
from authserver.account.sign_ins.page import SignInsPage
from authserver.account.tenants import TenantsPage

View = Callable[[], Response]
LIMITED = {
    "picture",
    "sign_ins",
    "api_keys",
}  # a file is decoded; a row is stored, a provider asked


@dataclass(frozen=True)
class PrivacyPages:
    """What people can ask about their data."""

    page: PrivacyPage
    export: ExportPage
    erasure: ErasurePage

    def add(self, routes: Blueprint, limit: Callable[[View], View]) -> None:
        """Add their URLs; a copy takes work, so asking for it is limited."""
        submit = limit(self.page.submit)
        for url, name, show, change in (
            ("/account/privacy", "privacy", self.page.show, submit),
            ("/account/privacy/export", "privacy_export", self.export.show, self.export.submit),
            ("/account/privacy/erasure", "erasure", self.erasure.show, self.erasure.submit),
        ):
            routes.add_url_rule(url, name, show)
            routes.add_url_rule(url, f"change_{name}", change, methods=["POST"])


def pages(  # noqa: PLR0913  one for each page
    access: Access,
    *,
    overview: OverviewPage,
    profile: ProfilePage,
    email: EmailPage,
    picture: PicturePage,
    sessions: SessionsPage,
    applications: ApplicationsPage,
    api_keys: ApiKeysPage,
    tenants: TenantsPage,
    security: SecurityPage,
    privacy: PrivacyPages,
    password: PasswordPage,
    factors: FactorPages,
    elsewhere: Elsewhere,
    passkeys: PasskeysPage,
    sign_ins: SignInsPage,
    limit: Callable[[View], View],
) -> Blueprint:
    """Return the blueprint of the account's pages; `access` stands before every view of it.

    `limit` guards what takes long.
    """
    routes = Blueprint("account", __name__)
    routes.before_request(access.admit)
    routes.add_url_rule("/account", "overview", overview.show)
    for name, page in (
        ("profile", profile),
        ("email", email),
        ("picture", picture),
        ("sessions", sessions),
        ("applications", applications),
        ("api_keys", api_keys),
        ("tenants", tenants),
        ("security", security),
        ("passkeys", passkeys),
    ):
        url = f"/account/{name.replace('_', '-')}"
        routes.add_url_rule(url, name, page.show)
        submit = limit(page.submit) if name in LIMITED else page.submit
        routes.add_url_rule(url, f"change_{name}", submit, methods=["POST"])
    privacy.add(routes, limit)
    for name, at_home in (("password", password), ("sign_ins", sign_ins)):
        url = f"/account/{name.replace('_', '-')}"
        submit = limit(at_home.submit) if name in LIMITED else at_home.submit
        routes.add_url_rule(url, name, elsewhere.guard(at_home.show))
        routes.add_url_rule(url, f"change_{name}", elsewhere.guard(submit), methods=["POST"])
    factor_routes.add(routes, factors, access=access, elsewhere=elsewhere)
    return routes


def pictures(page: PicturePage) -> Blueprint:
    """Return the blueprint of the pictures themselves: who knows a URL may see what it shows."""
    routes = Blueprint("pictures", __name__)
    routes.add_url_rule("/account/picture/<picture_id>", "image", page.image)
    return routes

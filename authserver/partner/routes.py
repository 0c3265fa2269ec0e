"""Every page URL -> function. Their names are what a sign-in comes back to."""

from typing import Protocol

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.account.views import Pages
from authserver.admin.console.asking import Asking
from authserver.partner.access import PartnerAccess
from authserver.partner.addresses import AddressesPage
from authserver.partner.client import ClientPageView
from authserver.partner.overview import OverviewPage
from authserver.partner.secret import SecretPage


class _Editing(Protocol):
    """A page with a form."""

    def show(self) -> Response:
        """Show the form."""

    def submit(self) -> Response:
        """Do what was sent."""


def pages(access: PartnerAccess, shown: Pages, asking: Asking) -> Blueprint:
    """Return the blueprint of these pages; `access` stands before every view of it."""
    routes = Blueprint("partner", __name__)
    routes.before_request(access.admit)
    routes.add_url_rule("/partner", "partner", OverviewPage(shown, asking).show)
    client = ClientPageView(shown, asking)
    routes.add_url_rule("/partner/client", "partner_client", client.show)
    editing: tuple[tuple[str, str, _Editing], ...] = (
        ("secret", "secret", SecretPage(access, shown, asking)),
        ("addresses", "network", AddressesPage(shown, asking)),
    )
    for path, name, page in editing:
        url = f"/partner/{path}"
        routes.add_url_rule(url, f"partner_{name}", page.show)
        routes.add_url_rule(url, f"change_partner_{name}", page.submit, methods=["POST"])
    return routes

"""/account/privacy: what the person decided, and what they can ask for."""

from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.privacy.allowed import Allowed
from authserver.account.views import Pages


class PrivacyPage:
    """Shows the page."""

    def __init__(self, pages: Pages, *, allowed: Allowed) -> None:
        """Take what reads the record of consents."""
        self._pages = pages
        self._allowed = allowed

    def show(self) -> Response:
        """Show the page."""
        return self._pages.render("account/privacy.html", decisions=self._allowed.of(visitor()))

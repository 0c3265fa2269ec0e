"""/api/v1/docs: the API's description for people, who can try it with their own session.

Everybody may read it. Whoever is signed in gets the name of that session for the page's calls.
"""

from flask import Blueprint, g, render_template, url_for
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.admin.caller import API
from authserver.admin.rest.lane import DOCUMENT, PAGE


class DocumentationPage:
    """Shows the description."""

    def __init__(self, access: Access) -> None:
        """Take what knows who is signed in."""
        self._access = access

    def routes(self) -> Blueprint:
        """Return the blueprint of this page."""
        routes = Blueprint("api", __name__)
        routes.add_url_rule(f"{API}{PAGE}", "docs", self.show)
        return routes

    def show(self) -> Response:
        """Show the page: without anybody, too."""
        self._access.admit()
        live = visitor().session if "visitor" in g else None
        page = render_template(
            "console/documentation.html",
            session_id=live.id if live else "",
            who=live.user.email if live else "",
            document_url=DOCUMENT.strip("/"),  # beside this page
            console_url=url_for("console.home"),
            sign_in_url=url_for("console.home"),
        )
        return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})

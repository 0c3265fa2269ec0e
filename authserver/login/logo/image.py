"""/login/logo/<logo_id>: a client's logo, for whoever was given its URL."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from authserver.clients.logos.service import Logos
from authserver.core import web
from authserver.core.problems import NotFound

_HEADERS = {
    # Another logo has another URL; one that was taken away is gone within the day.
    "Cache-Control": "public, max-age=86400",
    "Content-Disposition": 'inline; filename="logo.webp"',
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


class LogoImage:
    """Gives logos out."""

    def __init__(self, logos: Logos) -> None:
        """Take what keeps logos."""
        self._logos = logos

    def routes(self) -> Blueprint:
        """Return the blueprint, named `logos`."""
        routes = Blueprint("logos", __name__)
        routes.add_url_rule("/login/logo/<logo_id>", "image", self.show)
        return routes

    def show(self, logo_id: str) -> Response:
        """Return a logo. Raises NotFound."""
        found = self._logos.find(logo_id, tenant_id=request.environ[web.ISSUER].tenant_id)
        if found is None:
            raise NotFound("There is no such logo.", detail="unknown id")
        return Response(found, headers=_HEADERS, mimetype="image/webp")

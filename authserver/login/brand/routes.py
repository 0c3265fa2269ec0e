"""/login/brand/<colour>.css and /login/brand/logo/<logo_id>.<form>: looks, for every page."""

import re
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.core.database.engine import Database
from authserver.core.problems import NotFound
from authserver.tenants.branding import service
from authserver.tenants.branding.policy import stylesheet
from authserver.tenants.branding.service import SHOWN_HEIGHT, Form
from authserver.tenants.snapshot import TenantSnapshot

_COLOUR = re.compile(r"[0-9a-f]{6}")
_SCOPES = {"page": ":root", "preview": ".brand-preview"}
_YEAR = "public, max-age=31536000, immutable"
_LOGO = {
    # Another logo has another URL; one that was taken away is gone within the day.
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


@dataclass(frozen=True)
class Look:
    """How the pages of a tenant look: the URLs of its stylesheet and logo, if it has them."""

    stylesheet: str | None
    logo: str | None
    logo_width: int | None
    logo_height: int = SHOWN_HEIGHT

    @classmethod
    def of(cls, tenant: TenantSnapshot) -> "Look":
        """Return a tenant's."""
        colour, logo = tenant.accent, tenant.logo_id
        return cls(
            url_for("brand.colours", scope="page", colour=colour[1:]) if colour else None,
            url_for("brand.logo", logo_id=logo, form=Form.WEBP.value) if logo else None,
            tenant.logo_width,
        )


class BrandFiles:
    """Gives stylesheets and logos out."""

    def __init__(self, database: Database) -> None:
        """Take where logos are."""
        self._database = database

    def routes(self) -> Blueprint:
        """Return the blueprint, named `brand`."""
        routes = Blueprint("brand", __name__)
        routes.add_url_rule("/login/brand/<scope>/<colour>.css", "colours", self.colours)
        routes.add_url_rule("/login/brand/logo/<logo_id>.<form>", "logo", self.logo)
        return routes

    def colours(self, scope: str, colour: str) -> Response:
        """Return the stylesheet of a colour. Raises NotFound."""
        if scope not in _SCOPES or not _COLOUR.fullmatch(colour):
            raise NotFound("There is no such stylesheet.", detail="no colour")
        text = stylesheet(f"#{colour}", scope=_SCOPES[scope])
        return Response(text, headers={"Cache-Control": _YEAR}, mimetype="text/css")

    def logo(self, logo_id: str, form: str) -> Response:
        """Return a logo. Raises NotFound."""
        if form not in set(Form):
            raise NotFound("There is no such logo.", detail="no form")
        issuer = request.environ[web.ISSUER]
        found = service.find(self._database, logo_id, Form(form), tenant_id=issuer.tenant_id)
        if found is None:
            raise NotFound("There is no such logo.", detail="unknown id")
        shown = {"Content-Disposition": f'inline; filename="logo.{form}"'}
        return Response(found, headers={**_LOGO, **shown}, mimetype=f"image/{form}")

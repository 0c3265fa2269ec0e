"""/account/picture: the person's picture, given, taken away, and shown to who knows its URL."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.views import Pages
from authserver.accounts.pictures.service import Pictures
from authserver.core import web
from authserver.core.images.making import Flaw, UnfitPicture
from authserver.core.problems import NotFound

FIELD = "picture"
_HEADERS = {
    # Another picture has another URL; one that was taken away is gone within the day.
    "Cache-Control": "private, max-age=86400",
    "Content-Disposition": 'inline; filename="picture.webp"',
    # An application shows what its `picture` claim names. The URL is all that gives access.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


class PicturePage:
    """Takes a picture, and takes it away again."""

    def __init__(self, pages: Pages, pictures: Pictures) -> None:
        """Take what keeps pictures."""
        self._pages = pages
        self._pictures = pictures

    def show(self) -> Response:
        """Show the picture and the form."""
        return self._page()

    def submit(self) -> Response:
        """Keep the file that was sent, or take the picture away."""
        who = visitor()
        if request.form.get("do") == "remove":
            if self._pictures.remove(who.tenant_id, who.id, actor=who.actor):
                flash(_("Your picture was removed."))
            return redirect(url_for("account.profile"), code=303)
        file = request.files.get(FIELD)
        try:
            data = b"" if file is None else file.read()
            self._pictures.change(who.tenant_id, who.id, data, actor=who.actor)
        except UnfitPicture as unfit:
            return self._page(error=_said(unfit.flaw), status=unfit.status)
        flash(_("Your picture was saved."))
        return redirect(url_for("account.profile"), code=303)

    def image(self, picture_id: str) -> Response:
        """Return a picture. Raises NotFound."""
        found = self._pictures.find(picture_id, tenant_id=request.environ[web.ISSUER].tenant_id)
        if found is None:
            raise NotFound("There is no such picture.", detail="unknown id")
        return Response(found, headers=_HEADERS, mimetype="image/webp")

    def _page(self, *, error: str = "", status: int = 200) -> Response:
        return self._pages.render(
            "account/picture.html", status=status, error=error, back_url=url_for("account.profile")
        )


def _said(flaw: Flaw) -> str:
    return {
        Flaw.MISSING: str(_("Choose a picture first.")),
        Flaw.TOO_LARGE: str(_("This file is larger than 2 MB. Choose a smaller one.")),
        Flaw.TOO_MANY_PIXELS: str(
            _("This picture has too many pixels. Choose one of at most 4096 by 4096.")
        ),
        Flaw.NOT_A_PICTURE: str(_("This is no picture in the format PNG, JPEG or WebP.")),
    }[flaw]

"""/account/privacy/export: where the mailed link leads. The file is given out once, to its person.

Opening the page changes nothing: mail scanners follow links, and are not signed in anyway.
"""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.privacy.copies import OwnCopies
from authserver.account.views import Pages

_NAME = "personal-data.zip"


class ExportPage:
    """Gives a copy out."""

    def __init__(self, access: Access, pages: Pages, *, copies: OwnCopies) -> None:
        """Take what knows copies."""
        self._access = access
        self._pages = pages
        self._copies = copies

    def show(self) -> Response:
        """Show the button, after a fresh sign-in. Raises NotFound."""
        token = request.args.get("about")
        if token is None:
            return redirect(url_for("account.privacy"), code=303)
        if again := self._access.ask_again(token):
            return again
        self._copies.check(visitor(), token)
        return self._pages.render("account/privacy/export.html", token=token)

    def submit(self) -> Response:
        """Give the file out. Raises NotFound the second time."""
        token = request.form.get("about", "")
        if again := self._access.ask_again(token or None):
            return again
        answer = Response(self._copies.take(visitor(), token), mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{_NAME}"'
        return answer

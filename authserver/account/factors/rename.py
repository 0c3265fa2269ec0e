"""/account/factors/rename: an authenticator app gets another name."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.factors.tools import REFUSED, Tools, app_view
from authserver.passkeys.names import UnfitFactorName


class RenamePage:
    """Renames an app."""

    def __init__(self, tools: Tools) -> None:
        """Take what the pages of the factors have in common."""
        self._tools = tools

    def show(self) -> Response:
        """Show the form with the present name. Raises NotFound."""
        about = request.args.get("about")
        return (
            redirect(url_for("account.security"), code=303) if about is None else self._page(about)
        )

    def submit(self) -> Response:
        """Keep the new name. Raises NotFound."""
        about, name = request.form.get("about", ""), request.form.get("name", "")
        try:
            self._tools.write(
                lambda transaction, who: self._tools.own.rename(transaction, who, about, name=name)
            )
        except UnfitFactorName:
            return self._page(about, typed=name)
        flash(_("The app was renamed."))
        return redirect(url_for("account.security"), code=303)

    def _page(self, about: str, *, typed: str | None = None) -> Response:
        app = app_view(self._tools.owned().app(about))
        wrong = _("Choose a name of at most 60 characters, without invisible ones.")
        return self._tools.render(
            "account/factors/rename.html",
            status=200 if typed is None else REFUSED,
            app=app,
            typed=app.name if typed is None else typed,
            error=None if typed is None else wrong,
        )

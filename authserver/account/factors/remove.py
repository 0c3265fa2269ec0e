"""/account/factors/remove: an authenticator app goes, if another one stays or none is demanded."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.factors.tools import Tools, app_view
from authserver.mfa.own.values import LastFactor
from authserver.mfa.policy import may_remove


class RemovePage:
    """Removes an app."""

    def __init__(self, tools: Tools) -> None:
        """Take what the pages of the factors have in common."""
        self._tools = tools

    def show(self) -> Response:
        """Ask whether it shall go, or say why it cannot. Raises NotFound."""
        about = request.args.get("about")
        return (
            redirect(url_for("account.security"), code=303) if about is None else self._page(about)
        )

    def submit(self) -> Response:
        """Take the app away. Raises NotFound."""
        about, going_on = request.form.get("about", ""), self._tools.access.going_on()
        try:
            gone = self._tools.write(
                lambda transaction, who: self._tools.own.remove(
                    transaction, who, about, keep=going_on
                )
            )
        except LastFactor as last:
            return self._page(about, status=last.status)
        flash(
            _("The app was removed. Everything else that was signed in was signed out.")
            if gone.left
            else _("You have no second factor any more. Everything else was signed out.")
        )
        return self._tools.access.renamed(redirect(url_for("account.security"), code=303), going_on)

    def _page(self, about: str, *, status: int = 200) -> Response:
        owned = self._tools.owned()
        app, left = app_view(owned.app(about)), owned.factors - 1
        return self._tools.render(
            "account/factors/remove.html",
            status=status,
            app=app,
            last=not left,
            may=may_remove(left=left, mandatory=owned.mandatory),
            add_url=url_for("account.add_factor"),
        )

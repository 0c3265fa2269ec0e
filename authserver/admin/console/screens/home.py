"""/console: where people arrive."""

from flask import redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.console.frame import Console


class Home:
    """Sends people to the first screen that is theirs."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def show(self) -> Response:
        """Go to the first link of the navigation, or say that there is none."""
        parts = self._console.navigation.parts()
        if parts:
            return redirect(parts[0].entries[0].url, code=303)
        return self._console.page("console/nothing.html", title=_("Nothing to administer"))

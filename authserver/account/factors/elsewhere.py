"""What a guest account does not have: its person signs in with the home account, in its tenant."""

from functools import wraps

from flask import request, url_for
from werkzeug.wrappers import Response

from authserver.account.access import View, visitor
from authserver.account.views import AccountView, Pages
from authserver.accounts import directory
from authserver.core.database.engine import Database

_REFUSED = 403


class Elsewhere:
    """Stands before pages that a guest account has no use for."""

    def __init__(self, pages: Pages, database: Database) -> None:
        """Take what finds the home account."""
        self._pages = pages
        self._database = database

    def home(self) -> AccountView | None:
        """Return the account that this one signs in with, None where it is its own."""
        home_user_id = visitor().person.home_user_id
        if home_user_id is None:
            return None
        with self._database.read() as view:
            user = directory.home_of(view, home_user_id)
        if user is None:
            return AccountView("", "", "", "")
        return AccountView("", user.name, user.email, self._pages.tenant(user.tenant_id))

    def guard(self, view: View) -> View:
        """Return a view that a guest is told of, and where it is instead."""

        @wraps(view)
        def guarded() -> Response:
            home = self.home()
            if home is None:
                return view()
            return self._pages.render(
                "account/elsewhere.html",
                status=200 if request.method == "GET" else _REFUSED,
                home=home,
                back_url=url_for("account.security"),
            )

        return guarded

"""/account/tenants: the organisations of a person, and which account these pages act for."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.views import AccountView, Pages
from authserver.accounts import directory
from authserver.core.database.engine import Database


class TenantsPage:
    """Lists the accounts of this browser and the person's guest accounts; switches."""

    def __init__(self, access: Access, pages: Pages, database: Database) -> None:
        """Take what knows accounts."""
        self._access = access
        self._pages = pages
        self._database = database

    def show(self) -> Response:
        """Show the lists."""
        who = visitor()
        home = who.person.home_user_id or who.id
        with self._database.read() as view:
            found = directory.guests_of(view, home)
        here = {one.user.id for one in (who.session, *who.others)}
        guests = [
            AccountView("", user.name, user.email, self._pages.tenant(user.tenant_id))
            for user in found
            if user.id not in here
        ]
        return self._pages.render(
            "account/tenants.html",
            guests=guests,
            sign_in_url=url_for("login.password", to="overview"),
        )

    def submit(self) -> Response:
        """Let these pages act for another account of this browser. Raises NotFound."""
        self._access.choose(request.form.get("switch", ""))
        return redirect(url_for("account.overview"), code=303)

"""/partner/addresses: from where a client may call."""

from collections.abc import Sequence

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.views import Pages
from authserver.admin.api.clients.shown import AddressShown, ClientShown
from authserver.admin.console.asking import Asking
from authserver.admin.console.words import of_problem
from authserver.core.problems import NotFound, Problem
from authserver.partner.access import check_may
from authserver.partner.client import client_url, path_of

_UNFIT = 422


class AddressesPage:
    """Edits the list of allowed addresses."""

    def __init__(self, pages: Pages, asking: Asking) -> None:
        """Take the frame, and what asks for operations."""
        self._pages = pages
        self._asking = asking

    def show(self) -> Response:
        """Show the list, to edit. Raises MayNot, NotFound."""
        check_may(self._asking, "change_client")
        client, version = self._asking.read("read_client", ClientShown, path_of())
        return self._form(client, client.ip_allowlist, version=version)

    def submit(self) -> Response:
        """Store the list; what cannot be is said beside it. Raises NotFound."""
        check_may(self._asking, "change_client")
        path = path_of()
        client, version = self._asking.read("read_client", ClientShown, path)
        lines = [line.strip() for line in request.form.get("addresses", "").splitlines()]
        typed = [line for line in lines if line]
        read = request.form.get("version", "")
        try:
            self._asking.ask(
                "change_client",
                path,
                given={"ip_allowlist": typed},
                version=int(read) if read.isascii() and read.isdigit() else -1,
            )
        except NotFound:
            raise
        except Problem as problem:
            return self._form(client, typed, version=version, wrong=of_problem(problem))
        flash(_("The list of allowed addresses was changed."))
        return redirect(client_url(client.id), code=303)

    def _form(
        self, client: ClientShown, typed: Sequence[str], *, version: int, wrong: str = ""
    ) -> Response:
        address, _version = self._asking.read("check_client_address", AddressShown, path_of())
        return self._pages.render(
            "partner/addresses.html",
            status=_UNFIT if wrong else 200,
            client=client,
            typed="\n".join(typed),
            version=version,
            wrong=wrong,
            address=address,
            back_url=client_url(client.id),
        )

"""/partner/secret: a new secret, shown this once; and the end of one that works."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.views import Pages, moment
from authserver.admin.api.clients.shown import ClientShown, SecretCreated, SecretList
from authserver.admin.console.asking import Asking
from authserver.core.ids import new_secret
from authserver.core.problems import Problem
from authserver.partner.access import PartnerAccess, check_may
from authserver.partner.client import client_url, live, path_of

OVERLAPS = (24, 7 * 24, 0)  # hours


class SecretPage:
    """Makes a client a new secret, and ends old ones. Whoever does it has just signed in."""

    def __init__(self, access: PartnerAccess, pages: Pages, asking: Asking) -> None:
        """Take who asks people to sign in again, the frame, and what asks for operations."""
        self._access = access
        self._pages = pages
        self._asking = asking

    def show(self) -> Response:
        """Ask how the present secret ends. Raises MayNot, NotFound."""
        check_may(self._asking, "rotate_secret")
        path = path_of()
        client, _version = self._asking.read("read_client", ClientShown, path)
        secrets, _version = self._asking.read("list_secrets", SecretList, path)
        if again := self._access.ask_again(client.id):
            return again
        return self._pages.render(
            "partner/secret.html",
            client=client,
            secrets=live(secrets),
            overlaps=OVERLAPS,
            once=new_secret(),
            back_url=client_url(client.id),
        )

    def submit(self) -> Response:
        """Make the new secret, or end the one that is named. Raises Problem."""
        check_may(self._asking, "rotate_secret")
        path = path_of()
        if again := self._access.ask_again(path["client_id"]):
            return again
        ended = request.form.get("end")
        if ended:
            self._asking.ask("revoke_secret", {**path, "secret_id": ended})
            flash(_("The secret has ended, and with it the tokens that it fetched."))
            return redirect(client_url(path["client_id"]), code=303)
        return self._rotate(path)

    def _rotate(self, path: dict[str, str]) -> Response:
        client, _version = self._asking.read("read_client", ClientShown, path)
        asked = request.form.get("overlap", "")
        hours = int(asked) if asked in {str(one) for one in OVERLAPS} else OVERLAPS[0]
        once = request.form.get("once", "")
        try:
            reply = self._asking.ask(
                "rotate_secret", path, given={"overlap_hours": hours}, once=once
            )
        except Problem as problem:
            flash(problem.description, "error")
            return redirect(client_url(client.id), code=303)
        made = reply.content
        if not isinstance(made, SecretCreated):
            flash(_("This form was sent already: the secret was shown then."), "error")
            return redirect(client_url(client.id), code=303)
        return self._pages.render(
            "partner/secret_made.html",
            client=client,
            secret=made.client_secret,
            until=moment(made.previous_until) if made.previous_until else None,
            back_url=client_url(client.id),
        )

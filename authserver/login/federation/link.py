"""/login/federation/link: a provider has proved somebody whom no account here is connected to.

One page, whether or not an account has the address. Whoever signs in next at this entry, in this
browser, is connected; "not now" forgets it.
"""

from typing import Any

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from authserver.federation.offered import Offers
from authserver.login.entry import OFFERED
from authserver.login.mfa.half import SecondHalf


class LinkPage:
    """Says how to go on, and lets people leave it."""

    def __init__(self, half: SecondHalf, offers: Offers) -> None:
        """Take what knows the entries, and what is offered there."""
        self._half = half
        self._offers = offers

    def show(self) -> Response:
        """Show the page, or go on where nothing is offered any more."""
        entry = self._half.entries.load()
        if entry.offer is None:
            return redirect(entry.url("login.password"), code=303)
        place: dict[str, Any] = dict(entry.place)
        return entry.page(
            "login/federation/link.html",
            sign_in_url=entry.url("login.password"),
            register_url=url_for("joining.register", **place) if entry.registers else None,
        )

    def submit(self) -> Response:
        """Forget what is offered, and go on with the sign-in where it stands."""
        entry = self._half.entries.load()
        if entry.offer is not None:
            self._half.tools.database.write(lambda tx: self._offers.decline(tx, entry.hop))
        session.pop(OFFERED, None)
        return self._half.back(entry)

"""Who the partner's pages are for: asked before every view."""

from flask import g
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.admin.console.asking import Asking
from authserver.admin.console.visitor import caller
from authserver.admin.rest.desk import admit
from authserver.core.problems import NotFound
from authserver.partner.partners import Partners


def check_may(asking: Asking, does: str) -> None:
    """Raise MayNot unless the person may ask for the operation."""
    admit(asking.operation(does), caller())


class PartnerAccess:
    """Admits people to these pages."""

    def __init__(self, access: Access, partners: Partners) -> None:
        """Take what admits people to the account's pages."""
        self._access = access
        self._partners = partners
        self.ask_again = access.ask_again

    def admit(self) -> Response | None:
        """Find out who it is, and what they may do. Raises NotFound, OtherAccount."""
        away = self._access.admit()
        if away is not None:
            return away
        who = visitor()
        found = self._partners.of(who.session, who.actor)
        if found is None:
            raise NotFound("There is nothing of this name.")
        g.caller = found
        return None

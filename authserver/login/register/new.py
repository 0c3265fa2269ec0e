"""/login/register/new: who followed the link chooses a name and a password."""

from flask import request
from werkzeug.wrappers import Response

from authserver.links.newcomers import Newcomer, UnfitNewcomer
from authserver.links.service import LinkClosed
from authserver.login.recover.mailed import Hop, MailedSteps
from authserver.login.register.documents import Documents
from authserver.registration.completion import Completion

CLOSED = "login/register/closed.html"


class NewAccountPage:
    """Makes the account. Nobody is signed in by it."""

    def __init__(self, steps: MailedSteps, completion: Completion, documents: Documents) -> None:
        """Take what makes accounts, and what people agree to with that."""
        self._steps = steps
        self._completion = completion
        self._documents = documents

    def show(self) -> Response:
        """Show the form. The link stays as good as it was."""
        return self._steps.arrive(CLOSED) or self._page(self._steps.hop())

    def submit(self) -> Response:
        """Make the account, or say what is missing."""
        hop = self._steps.hop()
        newcomer = Newcomer(request.form.get("name", ""), request.form.get("password", ""))
        try:
            self._make(hop, newcomer)
        except UnfitNewcomer as unfit:
            return self._page(hop, name=newcomer.name, unfit=unfit, status=unfit.status)
        except LinkClosed:
            return self._steps.closed(CLOSED)
        return self._steps.done("registered", "joining.registered")

    def _make(self, hop: Hop, newcomer: Newcomer) -> None:
        agreed = self._documents.agreed(self._completion.look(hop.token, hop.issuer).house)
        self._completion.complete(
            hop.token, newcomer, issuer=hop.issuer, actor=hop.actor, agreed=agreed
        )

    def _page(
        self, hop: Hop, *, name: str = "", unfit: UnfitNewcomer | None = None, status: int = 200
    ) -> Response:
        try:
            proved = self._completion.look(hop.token, hop.issuer)
        except LinkClosed:
            return self._steps.closed(CLOSED)
        return self._steps.show_newcomer(
            "login/register/new.html",
            proved.house.slug,
            status=status,
            organization=proved.house.name,
            email=proved.email,
            rules=proved.house.rules,
            name=name,
            name_refused=unfit is not None and unfit.name_refused,
            strength=unfit.strength if unfit else None,
            terms_url=self._documents.terms,
            policy_url=self._documents.policy,
        )

"""/login/contact/confirm: who reads the mail of a mailbox lets it be the security contact."""

from werkzeug.wrappers import Response

from authserver.audit.contacts.links import ContactLinkClosed
from authserver.audit.contacts.service import TrailContacts
from authserver.login.recover.mailed import MailedSteps

CLOSED = "login/contact/closed.html"
DONE = "contact"


class ConfirmContactPage:
    """Takes the proof."""

    def __init__(self, steps: MailedSteps, contacts: TrailContacts) -> None:
        """Take what names contacts."""
        self._steps = steps
        self._contacts = contacts

    def show(self) -> Response:
        """Show the button. The link stays as good as it was."""
        if moved := self._steps.arrive(CLOSED):
            return moved
        hop = self._steps.hop()
        try:
            offered = self._contacts.look(hop.token, issuer=hop.issuer)
        except ContactLinkClosed:
            return self._steps.closed(CLOSED)
        return self._steps.show_newcomer(
            "login/contact/confirm.html",
            offered.organization.slug,
            organization=offered.organization.name,
            address=offered.address,
            before=offered.before,
        )

    def submit(self) -> Response:
        """Let the mailbox be the contact."""
        hop = self._steps.hop()
        try:
            self._contacts.confirm(hop.token, issuer=hop.issuer, actor=hop.actor)
        except ContactLinkClosed:
            return self._steps.closed(CLOSED)
        return self._steps.done(DONE, "login.contact_named")

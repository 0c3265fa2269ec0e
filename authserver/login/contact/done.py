"""/login/contact/done: says that the mailbox is the security contact now."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from authserver.login.contact.confirm import DONE
from authserver.login.recover.mailed import MailedSteps


class ContactNamedPage:
    """Says that it is done: there is nothing else to do."""

    def __init__(self, steps: MailedSteps) -> None:
        """Take what knows what was done in this browser."""
        self._steps = steps

    def show(self) -> Response | str:
        """Show it; where nothing was done, there is nothing to say."""
        if self._steps.what_was_done() != DONE:
            return redirect(url_for("login.home"), code=303)
        return render_template("login/contact/done.html")

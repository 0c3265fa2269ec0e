"""/login/invitation/done: says that somebody joined, and leads on to the sign-in."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from authserver.login.recover.mailed import MailedSteps

DONE = {"invited": False, "invited_guest": True}  # what was done, and whether as a guest


class InvitedPage:
    """Says that it is done. The sign-in still asks for everything that it asks for."""

    def __init__(self, steps: MailedSteps) -> None:
        """Take what knows what was done in this browser."""
        self._steps = steps

    def show(self) -> Response | str:
        """Show the way to sign in; where nothing was done, there is nothing to say."""
        done = self._steps.what_was_done()
        if done not in DONE:
            return redirect(url_for("login.home"), code=303)
        return render_template(
            "login/invitation/done.html",
            guest=DONE[done],
            continue_url=self._steps.way_on(),
        )

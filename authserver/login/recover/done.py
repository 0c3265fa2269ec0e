"""/login/recover/done: says what a mailed link did, and leads back to the sign-in."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from authserver.login.recover.mailed import MailedSteps

DONE = frozenset({"password", "unlocked", "email", "kept"})  # what has this page


class DonePage:
    """Says that it is done. The sign-in still asks for everything that it asks for."""

    def __init__(self, steps: MailedSteps) -> None:
        """Take what knows what was done in this browser."""
        self._steps = steps

    def show(self) -> Response | str:
        """Show what was done; where nothing was, a mail can be asked for."""
        done = self._steps.what_was_done()
        if done not in DONE:
            return redirect(url_for("login.recover"), code=303)
        # Who changed the address may still be signed in here: the page asks whoever is not.
        own = url_for("account.overview") if done == "email" else ""
        return render_template(
            "login/recover/done.html",
            done=done,
            continue_url=self._steps.way_on(own),
        )

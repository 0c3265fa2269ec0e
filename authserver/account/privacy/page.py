"""/account/privacy: what the person decided, and the copy of their data that they can ask for."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.privacy.allowed import Allowed
from authserver.account.privacy.copies import OwnCopies
from authserver.account.views import Pages, Question
from authserver.core.problems import Conflict, NotFound

COPY = "copy"


class PrivacyPage:
    """Shows the page, and has a copy made."""

    def __init__(
        self, access: Access, pages: Pages, *, allowed: Allowed, copies: OwnCopies
    ) -> None:
        """Take what reads the record of consents, and what knows copies."""
        self._access = access
        self._pages = pages
        self._allowed = allowed
        self._copies = copies

    def show(self) -> Response:
        """Show the page, or ask whether to have a copy made. Raises NotFound."""
        about = request.args.get("about")
        if about is None:
            return self._pages.render(
                "account/privacy.html",
                decisions=self._allowed.of(visitor()),
                copy=self._copies.latest(visitor()),
            )
        _known(about)
        return self._access.ask_again(about) or self._pages.confirm(_question())

    def submit(self) -> Response:
        """Have a copy made. Raises NotFound."""
        about = _known(request.form.get("about", ""))
        if again := self._access.ask_again(about):
            return again
        try:
            self._copies.ask(visitor())
        except Conflict:
            flash(_("A copy is being made already."), "error")
        else:
            flash(_("The copy is being made. You get a mail with its link."))
        return redirect(url_for("account.privacy"), code=303)


def _known(about: str) -> str:
    if about != COPY:
        raise NotFound("There is no such thing to ask for.", detail=about)
    return about


def _question() -> Question:
    return Question(
        _("Get a copy of your data?"),
        _(
            "Everything that is stored about you is put into one file, with a signature. The link"
            " comes by mail, works once within 24 hours, and asks you to sign in again."
        ),
        _("Make the copy"),
        COPY,
        grave=False,
    )

"""/account/privacy: what the person decided, their copy of their data, and their erasure."""

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.privacy.allowed import Allowed
from authserver.account.privacy.copies import OwnCopies
from authserver.account.privacy.erasing import OwnErasure, last_administrator
from authserver.account.views import Pages, Question
from authserver.core.problems import Conflict, NotFound, Refused

COPY, ERASE, KEEP = "copy", "erase", "keep"


class PrivacyPage:
    """Shows the page, and has a copy made."""

    def __init__(
        self,
        access: Access,
        pages: Pages,
        *,
        allowed: Allowed,
        copies: OwnCopies,
        erasure: OwnErasure,
    ) -> None:
        """Take what reads the record of consents, and what knows copies and erasures."""
        self._access = access
        self._pages = pages
        self._allowed = allowed
        self._copies = copies
        self._erasure = erasure

    def show(self) -> Response:
        """Show the page, or ask whether it is really wanted. Raises NotFound."""
        about = request.args.get("about")
        if about is None:
            return self._pages.render(
                "account/privacy.html",
                decisions=self._allowed.of(visitor()),
                copy=self._copies.latest(visitor()),
                erasure=self._erasure.now(visitor()),
            )
        question = _questions().get(about)
        if question is None:
            raise NotFound("There is no such thing to ask for.", detail=about)
        return self._access.ask_again(about) or self._pages.confirm(question)

    def submit(self) -> Response:
        """Have a copy made, an erasure begun or called off. Raises NotFound."""
        about = request.form.get("about", "")
        acts = {COPY: self._copy, ERASE: self._ask_to_erase, KEEP: self._keep}
        act = acts.get(about)
        if act is None:
            raise NotFound("There is no such thing to ask for.", detail=about)
        # Calling an erasure off gives nobody anything, and nobody should be held up.
        if about != KEEP and (again := self._access.ask_again(about)):
            return again
        act()
        return redirect(url_for("account.privacy"), code=303)

    def _copy(self) -> None:
        try:
            self._copies.ask(visitor())
        except Conflict:
            flash(_("A copy is being made already."), "error")
        else:
            flash(_("The copy is being made. You get a mail with its link."))

    def _ask_to_erase(self) -> None:
        try:
            self._erasure.ask(visitor())
        except Refused:
            flash(last_administrator(), "error")
        except Conflict:
            flash(_("The deletion was asked for already."), "error")
        else:
            flash(_("We sent you a mail. Open the link in it to say it a second time."))

    def _keep(self) -> None:
        try:
            self._erasure.cancel(visitor())
        except (NotFound, Conflict):
            flash(_("There is nothing to be called off any more."), "error")
        else:
            flash(_("The deletion was called off. Everything stays as it is."))


def _questions() -> Mapping[str, Question]:
    copy = Question(
        _("Get a copy of your data?"),
        _(
            "Everything that is stored about you is put into one file, with a signature. The link"
            " comes by mail, works once within 24 hours, and asks you to sign in again."
        ),
        _("Make the copy"),
        COPY,
        grave=False,
    )
    erase = Question(
        _("Delete your account?"),
        _(
            "You get a mail with a link, and say it a second time there. Then your account and"
            " everything that is stored about you is deleted when the waiting time is over. Nobody"
            " can bring it back: get a copy of your data before."
        ),
        _("Send me the link"),
        ERASE,
    )
    return {COPY: copy, ERASE: erase}

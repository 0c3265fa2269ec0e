"""/account/factors/trust: a browser is trusted no more."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.factors.tools import Tools
from authserver.account.views import Question, device_in_words
from authserver.core.problems import NotFound
from authserver.mfa.trust.service import Trust


class TrustPage:
    """Ends the trust in a browser. It takes no new sign-in: it gives nobody anything."""

    def __init__(self, tools: Tools, trust: Trust) -> None:
        """Take what knows the trusted browsers."""
        self._tools = tools
        self._trust = trust

    def show(self) -> Response:
        """Ask whether to end it. Raises NotFound."""
        about, user = request.args.get("about"), visitor().session.user
        if about is None:
            return redirect(url_for("account.security"), code=303)
        with self._tools.database.read() as view:
            known = {one.id: one.device for one in self._trust.of(view, user, None)}
        if about not in known:
            raise NotFound("There is no such trusted device.", detail=about)
        question = Question(
            _("Trust %(device)s no more?", device=device_in_words(known[about])),
            _("The next sign-in there takes a code again. Nobody is signed out."),
            _("End the trust"),
            about,
        )
        return self._tools.render("account/factors/trust.html", question=question)

    def submit(self) -> Response:
        """End it. Raises NotFound."""
        about = request.form.get("about", "")
        ended = self._tools.write(
            lambda transaction, who: self._trust.end(transaction, who.user, about, by=who.by)
        )
        if not ended:
            raise NotFound("There is no such trusted device.", detail=about)
        flash(_("The device is not trusted any more."))
        return redirect(url_for("account.security"), code=303)

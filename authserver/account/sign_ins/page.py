"""/account/sign-ins: which providers are linked; another one is connected, one disconnected."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.sign_ins.own import LinkedView, Section, SignIns, WayView
from authserver.account.views import Pages
from authserver.core import log, web
from authserver.core.problems import NotFound, Unavailable
from authserver.federation.connectors.base import UpstreamDown
from authserver.federation.identities import LastWayIn

_logger = log.get("federation")


class SignInsPage:
    """Lists them, asks before one ends or begins, and does it. Both take a fresh sign-in."""

    def __init__(self, access: Access, pages: Pages, *, own: SignIns, passkeys: bool) -> None:
        """Take what knows the linked sign-ins; `passkeys`: there can be some at this host."""
        self._access = access
        self._pages = pages
        self._own = own
        self._passkeys = passkeys

    def show(self) -> Response:
        """Show the list, or the question about what `about` names. Raises NotFound."""
        section, about = self._section(), request.args.get("about")
        if about is None:
            return self._pages.render(
                "account/sign_ins.html", section=section, back_url=url_for("account.security")
            )
        chosen = _named(section, about)
        if again := self._access.ask_again(about):
            return again
        return self._unlinking(chosen) if isinstance(chosen, LinkedView) else self._linking(chosen)

    def submit(self) -> Response:
        """Disconnect what `about` names, or leave for its provider. Raises NotFound."""
        about = request.form.get("about", "")
        chosen = _named(self._section(), about)
        if again := self._access.ask_again(about):
            return again
        return self._unlink(chosen) if isinstance(chosen, LinkedView) else self._leave(chosen)

    def _section(self) -> Section:
        section = self._own.section(visitor())
        if section is None:
            raise NotFound("There are no linked sign-ins here.", detail="a guest account")
        return section

    def _unlink(self, linked: LinkedView) -> Response:
        going_on = self._access.going_on()
        try:
            self._own.unlink(linked.id, keep=going_on)
        except LastWayIn as last:
            return self._unlinking(linked, status=last.status)
        flash(
            _(
                "%(provider)s is disconnected. Everything else was signed out.",
                provider=linked.provider,
            )
        )
        return self._access.renamed(redirect(url_for("account.sign_ins"), code=303), going_on)

    def _leave(self, way: WayView) -> Response:
        try:
            url = self._own.leave(way.id)
        except UpstreamDown as down:
            _logger.info(
                "upstream",
                code="down",
                connection=way.id,
                detail=str(down),
                correlation_id=request.environ[web.CORRELATION_ID],
            )
            return self._linking(way, down=True)
        return self._pages.render("account/sign_ins/away.html", url=url, provider=way.provider)

    def _unlinking(self, linked: LinkedView, *, status: int = 200) -> Response:
        return self._pages.render(
            "account/sign_ins/unlink.html",
            status=status,
            linked=linked,
            may=self._own.may_unlink(linked.id),
            password_url=url_for("account.password"),
            passkey_url=url_for("account.passkeys", about="new") if self._passkeys else None,
        )

    def _linking(self, way: WayView, *, down: bool = False) -> Response:
        status = Unavailable.status if down else 200
        return self._pages.render("account/sign_ins/link.html", status=status, way=way, down=down)


def _named(section: Section, about: str) -> LinkedView | WayView:
    known: dict[str, LinkedView | WayView] = {one.id: one for one in section.linked}
    known |= {one.id: one for one in section.ways}
    if about in known:
        return known[about]
    raise NotFound("There is no such linked sign-in.", detail=about)

"""/login/invitation: who followed the link joins the tenant, with a new account or as a guest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.core.clock import Clock
from authserver.core.problems import Refused
from authserver.invitations.acceptance import Acceptance
from authserver.invitations.offers import Offer
from authserver.links.newcomers import Agreed, Newcomer, UnfitNewcomer
from authserver.links.service import LinkClosed
from authserver.login.invitation.words import in_words
from authserver.login.recover.mailed import Hop, MailedSteps
from authserver.login.register.documents import Documents
from authserver.login.views import account_view
from authserver.oauth.authorize.endpoint import current_browser
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.names import TenantNames

RECENT = timedelta(minutes=5)
CLOSED = "login/invitation/closed.html"
HOME = "home"  # the field that names the session of whoever comes as a guest


@dataclass(frozen=True)
class Taking:
    """What accepts, and what people agree to with that."""

    acceptance: Acceptance
    documents: Documents


class InvitationPage:
    """Takes an invitation. Nobody is signed in by it."""

    def __init__(
        self,
        steps: MailedSteps,
        taking: Taking,
        *,
        sessions: SessionService,
        cookies: CookiePolicy,
        clock: Clock,
        names: TenantNames,
    ) -> None:
        """Take what accepts, what people agree to, and what knows who is signed in."""
        self._steps = steps
        self._acceptance, self._documents = taking.acceptance, taking.documents
        self._sessions = sessions
        self._cookies = cookies
        self._clock = clock
        self._names = names

    def show(self) -> Response:
        """Show what the invitation is to. The link stays as good as it was."""
        return self._steps.arrive(CLOSED) or self._page(self._steps.hop())

    def submit(self) -> Response:
        """Join, or say what is missing."""
        hop = self._steps.hop()
        if request.form.get(HOME):
            return self._as_guest(hop)
        newcomer = Newcomer(request.form.get("name", ""), request.form.get("password", ""))
        try:
            self._acceptance.accept(
                hop.token, newcomer, issuer=hop.issuer, actor=hop.actor, agreed=self._agreed(hop)
            )
        except UnfitNewcomer as unfit:
            return self._page(hop, name=newcomer.name, unfit=unfit, status=unfit.status)
        except LinkClosed:
            return self._steps.closed(CLOSED)
        return self._steps.done("invited", "joining.invited")

    def _as_guest(self, hop: Hop) -> Response:
        """Join with an account of another tenant, whose person signed in just now."""
        live = {session.id: session for session in self._live()}
        chosen = live.get(request.form[HOME])
        if chosen is None:
            return redirect(url_for("joining.invitation"), code=303)
        if not _is_recent(chosen, self._clock.now()):
            again = url_for("login.password", to="invitation", account=chosen.id)
            return redirect(again, code=303)
        try:
            self._acceptance.accept_as_guest(
                hop.token,
                chosen.user.id,
                issuer=hop.issuer,
                actor=hop.actor,
                agreed=self._agreed(hop),
            )
        except (LinkClosed, Refused):
            return self._steps.closed(CLOSED)
        return self._steps.done("invited_guest", "joining.invited")

    def _agreed(self, hop: Hop) -> Agreed:
        """Return what notes what was agreed to. Raises LinkClosed."""
        return self._documents.agreed(self._acceptance.look(hop.token, hop.issuer).house)

    def _page(
        self, hop: Hop, *, name: str = "", unfit: UnfitNewcomer | None = None, status: int = 200
    ) -> Response:
        try:
            offer = self._acceptance.look(hop.token, hop.issuer)
        except LinkClosed:
            return self._steps.closed(CLOSED)
        live = self._live()
        home = self._home(offer, live)
        platform = request.environ[web.ISSUER].tenant is None
        return self._steps.show_newcomer(
            "login/invitation.html",
            offer.house.slug,
            status=status,
            organization=offer.house.name,
            inviter=offer.inviter,
            email=offer.email,
            roles=[in_words(role) for role in offer.roles],
            rules=offer.house.rules,
            name=name,
            name_refused=unfit is not None and unfit.name_refused,
            strength=unfit.strength if unfit else None,
            home=account_view(home.user, self._names) if home else None,
            home_id=home.id if home else None,
            sign_in_url=url_for("login.password", to="invitation") if platform else None,
            none_fits=bool(live),
            terms_url=self._documents.terms,
            policy_url=self._documents.policy,
        )

    def _live(self) -> list[LiveSession]:
        browser = current_browser(self._cookies)
        issuer = request.environ[web.ISSUER].url
        return self._sessions.present(browser.session_token, issuer)

    def _home(self, offer: Offer, live: list[LiveSession]) -> LiveSession | None:
        """Return the session whose account may come as a guest, if one of the browser's may."""
        fitting = (
            session
            for session in live
            if self._acceptance.may_come_as_guest(offer, session.user.id)
        )
        return next(fitting, None)


def _is_recent(session: LiveSession, now: datetime) -> bool:
    return now - session.auth_time <= RECENT

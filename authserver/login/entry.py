"""Why somebody is at the sign-in page: for a client that waits, or for a page of our own.

A client's request is pending and bound to the browser. A page of ours needs nothing stored: `to`
names it in a closed list, `about` is an id of that page, and the way back is built from both; no
URL is ever taken from the request. `account` names a session of this browser whose person is asked
once more.

A sign-in that is only half done belongs to its entry (`hop`): to the pending request, or to the
page of ours, in either case in one browser. It is good for no other.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request, session, url_for
from werkzeug.wrappers import Response

from authserver.accounts.directory import Audience
from authserver.clients.registered import RegisteredClient
from authserver.core import web
from authserver.core.ids import fingerprint
from authserver.core.net.browsers import Device, describe
from authserver.federation.offered import Offered
from authserver.login.step import Steps, handle_of, open_tenant, pending_of, show
from authserver.login.views import offer_view
from authserver.mfa.claims import Claimed
from authserver.mfa.partial import Hop
from authserver.oauth.authorize.accounts.choice import Account
from authserver.oauth.authorize.answer import form_action_source
from authserver.oauth.authorize.endpoint import HANDLE, current_browser
from authserver.oauth.authorize.flow import Browser, Situation
from authserver.oauth.authorize.pending import FlowClosed
from authserver.oauth.levels import wanted_level
from authserver.sessions.models import PASSWORD
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.resolve import Issuer

# What a sign-in without a client may lead to: a name in the URL, and the endpoint it stands for.
DESTINATIONS = {
    name: f"account.{name}"
    for name in (
        "overview",
        "profile",
        "email",
        "picture",
        "sessions",
        "api_keys",
        "applications",
        "tenants",
        "privacy",
        "privacy_export",
        "erasure",
        "security",
        "password",
        "add_factor",
        "rename_factor",
        "remove_factor",
        "backup_codes",
        "end_trust",
        "passkeys",
        "sign_ins",
    )
} | {"console": "console.back"}
DESTINATIONS |= {
    name: f"partner.{name}"
    for name in ("partner", "partner_client", "partner_secret", "partner_network")
}
# Pages of a mailed link, whose token waits in the browser meanwhile.
LINKED = {"invitation": "joining.invitation"}
OFFERED = "offered"  # a key of the flow cookie
TO, ABOUT, AGAIN = "to", "about", "account"
_ABOUT = re.compile(r"[a-z0-9_]{1,40}")
_MARK = 20  # characters that tell browsers apart in a hop's id, which has 40


@dataclass(frozen=True)
class Entry:
    """Who may sign in here, what the form carries, and where it leads.

    `may_trust` says that a browser's trust may stand in for a second factor: never where somebody
    is to prove anew who they are, or to prove more. `again` is the session whose person is asked
    once more, `chosen` the account that was chosen for a client and needs a new sign-in: nobody
    else's will do. `anew`: who signs in proves it again, whatever is open already. `offered`: a
    provider proved somebody in this browser who is to be linked by a sign-in; `offer` says who,
    where it was at this entry. `device` is the browser in words.
    """

    issuer: Issuer
    browser: Browser
    audience: Audience
    back: str
    place: tuple[tuple[str, str], ...]
    hop: Hop
    client: RegisteredClient | None = None
    organization: str | None = None
    email: str = ""
    form_action: str = "'self'"
    again: LiveSession | None = None
    chosen: Account | None = None
    second_factor: bool = False
    may_trust: bool = False
    anew: bool = False
    offered: bool = False
    offer: Offered | None = None
    situation: Situation | None = None
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        """Put the browser into words, before any job needs them."""
        object.__setattr__(self, "device", describe(self.browser.actor.user_agent))

    @property
    def claimed(self) -> Claimed | None:
        """Return what names a sign-in that is half done here, if the browser brings anything."""
        token = self.browser.partial_token
        return Claimed(token, self.hop) if token else None

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page of this entry. Its form may lead to the client, by way of redirects."""
        return show(
            template,
            status=status,
            form_action=self.form_action,
            place=self.place,
            client=self.client,
            offer=offer_view(self.offer),
            **context,
        )

    def url(self, endpoint: str, **more: str) -> str:
        """Return the URL of another page of this entry."""
        values: dict[str, Any] = {**dict(self.place), **more}
        return url_for(endpoint, **values)

    @property
    def registers(self) -> bool:
        """Tell whether somebody without an account may make one here."""
        return self.registers_in is not None

    @property
    def registers_in(self) -> str | None:
        """Return the id of the tenant in which somebody without an account may make one here."""
        tenant = open_tenant(self.issuer, self.client)
        return tenant.id if tenant and not (self.again or self.chosen) else None

    @property
    def proves_anew(self) -> bool:
        """Tell whether a provider has to ask the person again, too.

        So it has of who is signed in already and is to prove more: an open session there is none.
        """
        return self.anew or (self.second_factor and self.browser.session_token is not None)

    @property
    def several_tenants(self) -> bool:
        """Tell whether people of more than one tenant may sign in."""
        tenants = self.audience.tenants
        return tenants is None or len(tenants) > 1


def note_offer() -> None:
    """Let the browser's sign-ins look for what is offered: the others have nothing to look for."""
    session[OFFERED] = True


class Entries:
    """Finds the entry that a request of the sign-in page belongs to."""

    def __init__(
        self,
        steps: Steps,
        sessions: SessionService,
        instance: Callable[[], str],
        *,
        offered: Callable[[Hop], Offered | None],
    ) -> None:
        """Take what knows flows and sessions; `instance` is the installation's id for the trail.

        `offered` finds what a provider has proved at a hop.
        """
        self._steps = steps
        self._sessions = sessions
        self._instance = instance
        self._offered = offered

    def load(self) -> Entry:
        """Return the entry that the request names. Raises FlowClosed."""
        return self.of(request.values)

    def of(self, place: Mapping[str, str]) -> Entry:
        """Return the entry that a place names: what a form carries. Raises FlowClosed."""
        wanted = place.get(TO, "")
        endpoint = DESTINATIONS.get(wanted) or LINKED.get(wanted)
        if HANDLE in place or endpoint is None:
            situation = self._steps.load(place.get(HANDLE))
            return self._with_offer(_for_client(situation, self._chosen(situation)))
        return self._with_offer(self._for_page(endpoint, place))

    def _with_offer(self, entry: Entry) -> Entry:
        """Return the entry with what is offered there, looked for only where something was."""
        if session.get(OFFERED) is not True:
            return entry
        return replace(entry, offered=True, offer=self._offered(entry.hop))

    def _chosen(self, situation: Situation) -> Account | None:
        wanted = pending_of(situation).choice.account_id
        if wanted is None:
            return None
        accounts = self._steps.flow.accounts(situation)
        return next((account for account in accounts if account.id == wanted), None)

    def visit(self) -> Entry:
        """Return the entry of a page that people also come to when nothing waits for them.

        Where the request names nothing that is open, it serves whoever the issuer is for.
        """
        try:
            return self.load()
        except FlowClosed:
            issuer: Issuer = request.environ[web.ISSUER]
            browser = current_browser(self._steps.cookies)
            return Entry(
                issuer=issuer,
                browser=browser,
                audience=self._audience(issuer.tenant_id),
                back=url_for("login.home"),
                place=(),
                hop=_hop("", browser),
            )

    def _audience(self, tenant_id: str | None) -> Audience:
        return Audience(tenant_id, (tenant_id,)) if tenant_id else Audience(self._instance(), None)

    def _for_page(self, endpoint: str, place: Mapping[str, str]) -> Entry:
        issuer: Issuer = request.environ[web.ISSUER]
        browser = current_browser(self._steps.cookies)
        known = self._again(issuer, browser, place.get(AGAIN))
        tenant_id = known.tenant_id if known else issuer.tenant_id
        about = place.get(ABOUT, "")
        fitting = about if _ABOUT.fullmatch(about) else None
        carried = {TO: place[TO], ABOUT: fitting, AGAIN: known.id if known else None}
        return Entry(
            issuer=issuer,
            browser=browser,
            audience=self._audience(tenant_id),
            back=url_for(endpoint, about=fitting),
            place=tuple((name, value) for name, value in carried.items() if value),
            hop=_hop(place[TO], browser),
            email=known.user.email if known else "",
            again=known,
            may_trust=known is None,
            anew=known is not None,
            # From there one comes only to open a guest account whose tenant demands it.
            second_factor=endpoint == "account.tenants" and fitting is not None,
        )

    def _again(self, issuer: Issuer, browser: Browser, wanted: str | None) -> LiveSession | None:
        """Return the session of this browser whose person is asked once more, if it is one."""
        if not wanted:
            return None
        live = self._sessions.present(browser.session_token, issuer.url)
        return next((session for session in live if session.id == wanted), None)


def _for_client(situation: Situation, chosen: Account | None) -> Entry:
    client, asked = situation.client, situation.request
    handle, more = handle_of(situation), wanted_level(asked.acr_values) > PASSWORD
    anew = "login" in asked.prompt or asked.max_age is not None
    served = (chosen.user.tenant_id,) if chosen else client.tenants_served
    return Entry(
        issuer=situation.issuer,
        browser=situation.browser,
        audience=Audience(client.tenant.id, served),
        back=url_for("oauth.authorize", flow=handle),
        place=((HANDLE, handle),),
        hop=Hop(pending_of(situation).id, situation.browser.flow_token),
        client=client,
        organization=None if chosen else asked.organization,
        email=chosen.user.email if chosen else asked.login_hint or "",
        chosen=chosen,
        situation=situation,
        form_action=f"'self' {form_action_source(asked.redirect_uri)}",
        second_factor=more,
        may_trust=not more and not anew,
        anew=anew,
    )


def _hop(page: str, browser: Browser) -> Hop:
    """Return what a half sign-in for a page of ours belongs to.

    The browser is in the id, as it is in that of a pending request: somebody else who knows the
    password has a row of their own, and cannot use up the guesses of the person.
    """
    mark = fingerprint(browser.flow_token, "own_page").hex()[:_MARK]
    return Hop(f"page:{page}:{mark}", browser.flow_token)

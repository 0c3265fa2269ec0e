"""Where an authorization stands: what is asked, in which browser, and what is due next."""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.audit.events import Actor
from authserver.clients.registered import RegisteredClient
from authserver.mfa.claims import Claimed
from authserver.mfa.partial import Hop
from authserver.oauth.authorize.accounts.choice import UNDECIDED, Account, Picked
from authserver.oauth.authorize.accounts.present import Question
from authserver.oauth.authorize.accounts.remembered import NOTHING, Remembered
from authserver.oauth.authorize.next_step import Step
from authserver.oauth.authorize.outgoing.answers import Destination
from authserver.oauth.authorize.pending import Pending
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.tenants.resolve import Issuer


@dataclass(frozen=True)
class Browser:
    """What identifies the browser: its session cookie, and the value that flows are bound to.

    `partial_token` names a sign-in of which the password is done, `device_token` the browser to
    accounts that know it, `trust_token` to those that trust it; `remembered` reads which accounts
    were used last. Everything is read while the request is at hand: a job knows none (decision
    0010), because the thread of another request may run it.
    """

    session_token: str | None
    flow_token: str
    actor: Actor
    partial_token: str | None = None
    device_token: str | None = None
    trust_token: str | None = None
    remembered: Callable[[], Remembered] = lambda: NOTHING


@dataclass(frozen=True)
class GoTo:
    """The person has a page to see first."""

    step: Step
    handle: str


@dataclass(frozen=True)
class Situation:
    """An authorization on its way."""

    issuer: Issuer
    client: RegisteredClient
    request: AuthorizationRequest
    browser: Browser
    pending: Pending | None

    @property
    def destination(self) -> Destination:
        """Return where the client's answer goes."""
        return Destination.of(self.issuer, self.client, self.request)

    @property
    def claimed(self) -> Claimed | None:
        """Return what names a partial sign-in in this flow and this browser, if anything does."""
        token, waiting = self.browser.partial_token, self.pending
        if token is None or waiting is None:
            return None
        return Claimed(token, Hop(waiting.id, self.browser.flow_token))

    @property
    def question(self) -> Question:
        """Return the question which account is meant."""
        return Question(
            issuer=self.issuer.url,
            client=self.client,
            request=self.request,
            choice=self.pending.choice if self.pending else UNDECIDED,
            session_token=self.browser.session_token,
            remembered=self.browser.remembered,
        )


@dataclass(frozen=True)
class Due:
    """What has to be done before there is an answer, and for which account."""

    step: Step
    picked: Picked

    @property
    def to_open(self) -> Account | None:
        """Return the guest account that is to be opened first, if it is."""
        account = self.picked.account
        if self.step not in {Step.CONSENT, Step.ISSUE_CODE} or account is None:
            return None
        return None if account.opened else account

    @property
    def fixed(self) -> str | None:
        """Return the account that a sign-in has to be for, if it is not for anybody."""
        account = self.picked.account
        return account.id if account and self.picked.fixed and self.step is Step.SIGN_IN else None

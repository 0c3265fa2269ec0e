"""From an authorization request to a code: begin, go to a page, come back, answer."""

from dataclasses import dataclass, replace
from datetime import timedelta

from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.mfa.service import SecondFactors
from authserver.oauth.authorize import codes, consents, pending
from authserver.oauth.authorize.accounts.choice import UNDECIDED, Account, Picked
from authserver.oauth.authorize.accounts.present import PresentAccounts
from authserver.oauth.authorize.accounts.situation import Browser, Due, GoTo, Situation
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.incoming.taking import IncomingRequests
from authserver.oauth.authorize.next_step import (
    Consented,
    Halfway,
    Progress,
    Step,
    next_step,
)
from authserver.oauth.authorize.outgoing.answers import Answers
from authserver.oauth.authorize.pending import FlowClosed, Pending
from authserver.oauth.authorize.repeats import Repeat, Repeats
from authserver.oauth.device.deciding import Decisions
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.oauth.levels import classes
from authserver.sessions.service import LiveSession
from authserver.tenants.resolve import Issuer

__all__ = ["AuthorizationFlow", "Browser", "GoTo", "Known", "Situation"]


@dataclass(frozen=True)
class Known:
    """What a request is looked up in: who asks, a browser's accounts, what was seen lately."""

    requests: IncomingRequests
    answers: Answers
    accounts: PresentAccounts
    repeats: Repeats
    factors: SecondFactors
    devices: Decisions


class AuthorizationFlow:
    """Drives an authorization from wherever it stands."""

    def __init__(
        self,
        database: Database,
        known: Known,
        *,
        trail: Trail,
        clock: Clock,
        lives: tuple[timedelta, timedelta],
    ) -> None:
        """Take what is read and written; `lives` are those of a flow and of a code."""
        self._database = database
        self._requests, self._answers = known.requests, known.answers
        self._accounts = known.accounts
        self._repeats, self._factors = known.repeats, known.factors
        self._devices = known.devices
        self._trail = trail
        self._clock = clock
        self._flow_life, self._code_life = lives

    def begin(self, issuer: Issuer, form: Form, browser: Browser) -> ClientAnswer | GoTo:
        """Take a new request. Raises UnknownClient or UnregisteredRedirectUri, for a page."""
        taken = self._take(issuer, form, browser)
        return self._advance(taken) if isinstance(taken, Situation) else taken

    def at_once(self, issuer: Issuer, form: Form, browser: Browser) -> ClientAnswer | None:
        """Answer a new request unless that takes a page: then None, and nothing was written.

        Raises as `begin` does.
        """
        taken = self._take(issuer, form, browser)
        outcome = self._next(taken) if isinstance(taken, Situation) else taken
        return outcome if isinstance(outcome, ClientAnswer) and outcome.asks is None else None

    def _take(self, issuer: Issuer, form: Form, browser: Browser) -> Situation | ClientAnswer:
        taken = self._requests.take(issuer, form)
        if isinstance(taken, ClientAnswer):
            return taken
        return Situation(issuer, taken.client, taken.request, browser, None)

    def begin_for_device(self, situation: Situation) -> ClientAnswer | GoTo:
        """Take a request that a device made: the same steps, and always a page (RFC 8628)."""
        return self._advance(situation)

    def resume(self, issuer: Issuer, handle: str, browser: Browser) -> ClientAnswer | GoTo:
        """Go on with a pending request after a page did its step. Raises FlowClosed."""
        return self._advance(self.open(issuer, handle, browser))

    def open(self, issuer: Issuer, handle: str, browser: Browser) -> Situation:
        """Return where a pending request of this browser stands. Raises FlowClosed."""
        now = self._clock.now()
        with self._database.read() as view:
            found = pending.load(view, handle, issuer=issuer, browser=browser.flow_token, now=now)
        client = self._requests.client(issuer, found.client_id)
        if client is None or not client.usable:
            raise FlowClosed(detail="the client is gone or disabled")
        return Situation(issuer, client, found.request, browser, found)

    def _advance(self, situation: Situation) -> ClientAnswer | GoTo:
        outcome = self._next(situation)
        guest = outcome.to_open if isinstance(outcome, Due) else None
        if guest is not None:
            self._accounts.open(situation.question, guest, situation.browser.actor)
            outcome = self._next(situation)
        if isinstance(outcome, ClientAnswer):
            return outcome
        return GoTo(outcome.step, self._handle(situation, outcome.fixed))

    def _next(self, situation: Situation) -> ClientAnswer | Due:
        picked = self._accounts.pick(situation.question)
        try:
            step = self._decide(situation, picked)
        except OAuthError as error:
            return self._refuse(situation, error)
        session = picked.account.opened if picked.account else None
        if step is Step.ISSUE_CODE and session is not None:
            decide = self._devices.approve if situation.request.device else self._issue_code
            return decide(situation, session)
        return Due(step, picked)

    def account(self, situation: Situation) -> LiveSession | None:
        """Return the session of the account that is meant, if it has one."""
        account = self._accounts.pick(situation.question).account
        return account.opened if account else None

    def accounts(self, situation: Situation) -> list[Account]:
        """Return the accounts that the person may choose from."""
        return self._accounts.of(situation.question)

    def _decide(self, situation: Situation, picked: Picked) -> Step:
        account = picked.account
        waiting, client, now = situation.pending, situation.client, self._clock.now()
        if waiting and waiting.denied:
            raise OAuthError("access_denied", "the person refused")
        consented = Consented()
        if account:
            party = consents.Party(account.user.tenant_id, account.id, client)
            session = account.opened
            in_this_flow = bool(waiting and session and waiting.consented_by == session.id)
            with self._database.read() as view:
                consented = consents.find(view, party, in_this_flow=in_this_flow)
        progress = Progress(
            auth_time=account.auth_time if account else None,
            level=account.proof.level if account else 0,
            halfway=self._halfway(situation),
            began_at=waiting.began_at if waiting else None,
            consented=consented,
            consent_needed=not client.first_party,
            now=now,
            must_choose=picked.ask,
            signed_in_here=waiting is not None and waiting.choice.person_id is not None,
            demanded=account.demanded if account else 0,
            takes_newcomers=client.takes_newcomers,
            classes=classes(account.proof.level, account.proof.amr) if account else (),
        )
        return next_step(situation.request, progress)

    def _halfway(self, situation: Situation) -> Halfway | None:
        claimed = situation.claimed
        if claimed is None:
            return None
        with self._database.read() as view:
            found = self._factors.find(view, claimed)
        return Halfway.of(found) if found else None

    def _handle(self, situation: Situation, fixed: str | None) -> str:
        waiting = situation.pending
        if waiting is None:
            return self._stored(situation, fixed).handle
        if fixed and waiting.choice.account_id != fixed:
            self._database.write(lambda transaction: pending.fix(transaction, waiting, fixed))
        return waiting.handle

    def _stored(self, situation: Situation, fixed: str | None) -> Pending:
        now = self._clock.now()
        new = pending.NewPending(
            client=situation.client,
            request=situation.request,
            issuer=situation.issuer.url,
            browser=situation.browser.flow_token,
            began_at=now,
            expires_at=now + self._flow_life,
            account_id=fixed,
        )
        return self._database.write(lambda transaction: pending.create(transaction, new))

    def _issue_code(self, situation: Situation, account: LiveSession) -> ClientAnswer:
        now, client, request = self._clock.now(), situation.client, situation.request
        new = codes.NewCode(
            tenant_id=account.tenant_id,
            issuer=situation.issuer.url,
            user_id=account.user.id,
            session_id=account.id,
            client_tenant_id=client.tenant.id,
            client_id=client.id,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            nonce=request.nonce,
            scope=request.scope,
            resources=request.resources,
            claims=request.claims,
            created_at=now,
            expires_at=now + min(self._code_life, client.code_life),
            dpop_jkt=request.dpop_jkt,
        )
        events = [
            self._event(EventType.CODE_ISSUED, situation, account),
            *(_warning(situation, one) for one in self._repeats.count(client.id, request, now)),
        ]

        def job(transaction: Transaction) -> str:
            if situation.pending:
                pending.answer(transaction, situation.pending, now)
            for event in events:
                self._trail.record(transaction, event)
            return codes.issue(transaction, new)

        answer = self._answers.code(situation.destination, self._database.write(job))
        chose = situation.pending is not None and situation.pending.choice != UNDECIDED
        return replace(answer, chosen=(client.id, account.user.id)) if chose else answer

    def _refuse(self, situation: Situation, error: OAuthError) -> ClientAnswer:
        if situation.request.device:
            return self._devices.deny(situation)
        waiting, now = situation.pending, self._clock.now()
        if waiting:
            self._database.write(lambda transaction: pending.answer(transaction, waiting, now))
        return self._answers.error(situation.destination, error, acted=waiting is not None)

    def _event(self, type_: EventType, situation: Situation, account: LiveSession) -> Event:
        by = situation.browser.actor
        actor = Actor(ActorKind.USER, account.user.id, by.correlation_id, by.address, by.user_agent)
        return Event(
            type_,
            account.tenant_id,
            actor,
            resource=f"client:{situation.client.id}",
            facts={"scope": situation.request.scope, "session": account.id},
        )


def _warning(situation: Situation, repeat: Repeat) -> Event:
    """Return the event about a client's constant value: the client's own, whoever signs in."""
    client = situation.client
    return Event(
        EventType.CHALLENGE_REPEATED,
        client.tenant.id,
        Actor(ActorKind.CLIENT, client.id, situation.browser.actor.correlation_id),
        resource=f"client:{client.id}",
        facts={"parameter": repeat.parameter, "times": repeat.times},
    )

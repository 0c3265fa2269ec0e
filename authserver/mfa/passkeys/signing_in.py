"""Signing in with a passkey: alone, or after a password; and setting the first one up there.

A passkey alone is both factors at once: the device that holds the key, and what unlocked it. It
goes through the same gate as every other sign-in (TOP-07): a partial sign-in that is begun and
proved in one job, and ends in `SecondFactors.complete`. The lockout of passwords is none here.
"""

from dataclasses import dataclass, replace

from authserver.accounts import directory
from authserver.accounts.directory import Audience, Guest, UserSnapshot
from authserver.accounts.standing import Account, lock_account, move_on
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.mfa import partial as partials
from authserver.mfa.claims import Checked, Claimed
from authserver.mfa.partial import Hop, Partial
from authserver.mfa.passkeys import notices
from authserver.mfa.passkeys.tools import Tools
from authserver.mfa.policy import Method
from authserver.passkeys import challenges, credentials
from authserver.passkeys.challenges import Bound, Purpose
from authserver.passkeys.credentials import Known
from authserver.passkeys.party import read
from authserver.passkeys.policy import Counted, amr_of
from authserver.passkeys.values import Answer, AnswerRefused


@dataclass(frozen=True)
class Attempt:
    """A browser's answer, from somebody whom nobody knows yet. `organization` is a slug."""

    audience: Audience
    organization: str | None
    hop: Hop
    answer: str
    by: Actor


@dataclass(frozen=True)
class Begun:
    """A sign-in that a passkey proved; `guest` is the account it is for, if it is not at home."""

    claimed: Claimed
    guest: UserSnapshot | None


@dataclass(frozen=True)
class _Admitted:
    """Whose passkey it is, the person's row held; nothing is verified yet."""

    known: Known
    account: Account
    guest: UserSnapshot | None


class _Refused(Exception):  # noqa: N818  an outcome
    """Why an attempt is refused, and whose it was if that may stand in a trail."""

    def __init__(self, reason: str, known: Known | None = None) -> None:
        super().__init__(reason)
        self.known = known


class PasskeySignIn:
    """Asks for passkeys and checks them. An actor is who acts, from where."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools

    @property
    def usable(self) -> bool:
        """Tell whether this installation can have passkeys at all."""
        return self._tools.party.usable

    def ask(self, transaction: Transaction, hop: Hop) -> str:
        """Return the options for whoever has a passkey of this server, as JSON."""
        challenge = challenges.issue(transaction, _anybody(hop), now=self._tools.now())
        return self._tools.party.request(challenge)

    def enter(self, transaction: Transaction, attempt: Attempt) -> Begun | None:
        """Begin a sign-in that is proved; None for every refusal, whatever its reason."""
        try:
            admitted = self._admitted(transaction, attempt)
        except _Refused as refused:
            self._failed(transaction, attempt, refused)
            return None
        known, account = admitted.known, admitted.account
        user = account.user
        stranger = replace(attempt.by, kind=ActorKind.ANONYMOUS, principal=user.tenant_id)
        answer, now = read(attempt.answer), self._tools.now()
        right = self._tools.guessing.attempt(
            transaction,
            account,
            Method.PASSKEY,
            compare=lambda: self._proves(transaction, known, answer, user=user, by=stranger),
            by=stranger,
            now=now,
        )
        if not right:
            return None
        claimed = self._tools.factors.begin(transaction, account, attempt.hop, factor_due=True)
        transaction.flush()
        partial = self._tools.factors.find(transaction, claimed)
        if partial is None:
            raise LookupError("a partial sign-in of this very transaction")
        person = replace(attempt.by, kind=ActorKind.USER, principal=user.id)
        amr = amr_of(synced=known.synced)
        self._tools.factors.prove(transaction, partial, Method.PASSKEY, by=person, amr=amr)
        return Begun(claimed, admitted.guest)

    def ask_second(self, transaction: Transaction, claimed: Claimed) -> str | None:
        """Return the options for the passkeys of somebody whose password was right."""
        partial = self._tools.factors.find(transaction, claimed)
        if partial is None or partial.proven_at or not partial.has_passkey:
            return None
        bound = _person(Purpose.SECOND_FACTOR, claimed, partial)
        challenge = challenges.issue(transaction, bound, now=self._tools.now())
        known = credentials.ids_of(transaction, partial.user)
        return self._tools.party.request(challenge, known=known)

    def check(self, transaction: Transaction, claimed: Claimed, text: str, *, by: Actor) -> Checked:
        """Check a passkey as the second factor, if there may still be an attempt."""
        partial = self._tools.factors.locked(transaction, claimed)
        if partial is None or partial.proven_at or not partial.has_passkey:
            return Checked(None)
        used: list[Known] = []
        stranger = replace(by, kind=ActorKind.ANONYMOUS, principal=partial.user.tenant_id)

        def compare() -> bool:
            used.clear()
            used.extend(self._second(transaction, claimed, partial, text=text, by=stranger))
            return bool(used)

        right = self._tools.guessing.attempt(
            transaction,
            partial,
            Method.PASSKEY,
            compare=compare,
            by=stranger,
            now=self._tools.now(),
        )
        if right:
            amr = (*partial.first.amr, *amr_of(synced=used[0].synced))
            self._tools.factors.prove(transaction, partial, Method.PASSKEY, by=by, amr=amr)
        return Checked(partial, right)

    def ask_set_up(self, transaction: Transaction, claimed: Claimed) -> str | None:
        """Return the options for the first factor of somebody whose password was right.

        None where nothing is to be set up: a second one is not for who knows only the password.
        """
        partial = self._tools.factors.locked(transaction, claimed)
        if partial is None or not partial.may_set_up:
            return None
        bound = _person(Purpose.SET_UP, claimed, partial)
        return self._tools.offer(transaction, partial.user, bound)

    def set_up(
        self, transaction: Transaction, claimed: Claimed, text: str, *, by: Actor
    ) -> Checked:
        """Let a new passkey count. Every other session and token of the person ends."""
        partial = self._tools.factors.locked(transaction, claimed)
        if partial is None or not partial.may_set_up:
            return Checked(None)
        bound = _person(Purpose.SET_UP, claimed, partial)
        made = self._tools.take(transaction, partial.user, text, bound=bound, by=by)
        if made is None:
            return Checked(partial)
        moved = move_on(transaction, partial.user)
        partials.change(transaction, partial, user_epoch=moved.security_epoch)
        amr = (*partial.first.amr, *amr_of(synced=made.synced))
        self._tools.factors.prove(transaction, partial, Method.PASSKEY, by=by, amr=amr)
        return Checked(partial, right=True)

    def _admitted(self, transaction: Transaction, attempt: Attempt) -> _Admitted:
        try:
            answer = read(attempt.answer)
        except AnswerRefused as error:
            raise _Refused("unreadable") from error
        bound, now = _anybody(attempt.hop), self._tools.now()
        if not challenges.claim(transaction, answer.challenge, bound, now=now):
            raise _Refused("challenge")
        named = credentials.find(transaction, answer.credential_id)
        if named is None:
            raise _Refused("unknown")
        at_home = _serves(attempt, named)
        guests = [] if at_home else _guests(transaction, attempt, named)
        if not (at_home or guests):
            raise _Refused("elsewhere")
        account = lock_account(transaction, named.tenant_id, named.user_id)
        known = credentials.find(transaction, answer.credential_id)
        if account is None or known is None:
            raise _Refused("unknown")
        if barred := _barred(account):
            raise _Refused(barred, known)
        if answer.handle != known.handle:
            raise _Refused("handle", known)
        # Of several, the person chooses: no address was typed that names one.
        return _Admitted(known, account, guests[0] if len(guests) == 1 else None)

    def _second(
        self,
        transaction: Transaction,
        claimed: Claimed,
        partial: Partial,
        *,
        text: str,
        by: Actor,
    ) -> list[Known]:
        """Return the passkey of the person that the answer proves, or nothing."""
        bound, user = _person(Purpose.SECOND_FACTOR, claimed, partial), partial.user
        try:
            answer = read(text)
        except AnswerRefused:
            return []
        if not challenges.claim(transaction, answer.challenge, bound, now=self._tools.now()):
            return []
        known = credentials.find(transaction, answer.credential_id)
        if known is None or (known.tenant_id, known.user_id) != (user.tenant_id, user.id):
            return []
        if answer.handle is not None and answer.handle != known.handle:
            return []
        proved = self._proves(transaction, known, answer, user=user, by=by)
        return [known] if proved else []

    def _proves(
        self,
        transaction: Transaction,
        known: Known,
        answer: Answer,
        *,
        user: UserSnapshot,
        by: Actor,
    ) -> bool:
        """Verify the answer and note the use; a counter that went back is told of."""
        tools = self._tools
        try:
            used = tools.party.used(answer, known.public_key, synced=known.synced)
        except AnswerRefused:
            return False
        if credentials.use(transaction, known, used, now=tools.now()):
            return True
        counted = Counted(known.sign_count, used.sign_count)
        if counted.went_back:
            facts = {"before": counted.before, "now": counted.now}
            tools.record(
                transaction, EventType.PASSKEY_REPEATED, user, by=by, about=known.id, facts=facts
            )
            tools.send(transaction, notices.repeated(user, known.name, by, now=tools.now()))
        return False

    def _failed(self, transaction: Transaction, attempt: Attempt, refused: _Refused) -> None:
        known = refused.known
        tenant_id = known.tenant_id if known else attempt.audience.owner
        event = Event(
            EventType.SIGN_IN_FAILED,
            tenant_id,
            replace(attempt.by, kind=ActorKind.ANONYMOUS, principal=tenant_id),
            subject=known.user_id if known else None,
            facts={"method": Method.PASSKEY.value, "reason": str(refused)},
        )
        self._tools.reports.trail.record(transaction, event)


def _barred(account: Account) -> str | None:
    """Return why nobody may sign in with an account; guests do it at home (decision 0022)."""
    reasons = (
        (account.disabled, "disabled"),
        (account.suspended, "suspended"),
        (account.user.home_user_id is not None, "guest"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _serves(attempt: Attempt, account: Known | Guest) -> bool:
    """Tell whether the sign-in may be for an account of that tenant."""
    tenants, organization = attempt.audience.tenants, attempt.organization
    if tenants is not None and account.tenant_id not in tenants:
        return False
    return organization is None or organization == account.slug


def _guests(transaction: Transaction, attempt: Attempt, known: Known) -> list[UserSnapshot]:
    """Return the person's guest accounts that the sign-in may be for: those that can be used."""
    guests = directory.guests_of(transaction, known.user_id)
    return [guest.user for guest in guests if _serves(attempt, guest)]


def _anybody(hop: Hop) -> Bound:
    return Bound(Purpose.SIGN_IN, hop.browser, hop.pending_id)


def _person(purpose: Purpose, claimed: Claimed, partial: Partial) -> Bound:
    return Bound(purpose, claimed.hop.browser, claimed.hop.pending_id, partial.user.id)

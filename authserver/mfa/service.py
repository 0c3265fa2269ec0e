"""Second factors: set up, proved at the sign-in, taken away.

Everything here is part of somebody else's job and commits nothing. What is being signed in to, and
what a session is, stay with the caller.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Label

from authserver.accounts.attempts.values import SignInRequest
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.accounts.standing import Account, move_on
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.values.reasons import check_reason
from authserver.mfa import authenticators, backup_codes, notices, statements, totp
from authserver.mfa import partial as partials
from authserver.mfa.claims import Checked, Claimed, Gone
from authserver.mfa.guessing import Guessing
from authserver.mfa.left import is_mandatory
from authserver.mfa.notices import Reports
from authserver.mfa.own.ending import end_all
from authserver.mfa.partial import BY_PASSWORD, Begun, First, Hop, Partial, Proof
from authserver.mfa.policy import CODE, FEDERATED, Method, is_due
from authserver.mfa.trust.service import Trust
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Numbers

MAX_CODE = 64  # characters; more is not even looked at
UPSTREAM = "upstream"  # beside the methods: what proved it was a provider


class SecondFactors:
    """Decides about second factors. An actor is who acts, from where."""

    def __init__(
        self,
        guessing: Guessing,
        *,
        reports: Reports,
        keyring: Keyring,
        clock: Clock,
        numbers: Numbers,
    ) -> None:
        """Take what it works with; `numbers` say how long a partial sign-in lives."""
        self._guessing = guessing
        self._reports = reports
        self._keyring = keyring
        self._clock = clock
        self._numbers = numbers
        self.trust = Trust(reports, keyring=keyring, clock=clock)

    @property
    def facts(self) -> tuple[Label[Any], ...]:
        """Return what a sign-in has to know of the person, to be read with the account.

        A factor that comes moves the account's epoch; one that went is asked for in vain.
        """
        return (statements.HAS_FACTOR.label("has_factor"), Tenant.mfa_required.label("mandatory"))

    def is_due(self, transaction: Transaction, account: Account, request: SignInRequest) -> bool:
        """Tell whether the person needs more than a password."""
        has_factor, token = account.also["has_factor"], request.trust_token
        return is_due(
            has_factor=has_factor,
            mandatory=account.also["mandatory"],
            asked=request.second_factor,
            trusted=has_factor and self.trust.holds(transaction, account.user, token),
        )

    def is_due_of(self, transaction: Transaction, guest: UserSnapshot) -> bool:
        """Tell whether a guest account needs more than its home account's password."""
        return is_mandatory(transaction, guest)

    def begin(
        self,
        transaction: Transaction,
        account: Account,
        hop: Hop,
        *,
        factor_due: bool,
        first: First = BY_PASSWORD,
    ) -> Claimed:
        """Begin a partial sign-in after the first proof; return what names it."""
        now, life = self._clock.now(), self._numbers.of(account.tightened).second_factor_time
        begun = Begun(now, life, factor_due, first)
        return Claimed(partials.begin(transaction, account, hop, begun=begun), hop)

    def find(self, transaction: Transaction, claimed: Claimed) -> Partial | None:
        """Return the partial sign-in, None where it is over, or of another browser or flow."""
        return partials.find(transaction, claimed.token, claimed.hop, now=self._clock.now())

    def check(
        self, transaction: Transaction, claimed: Claimed, method: Method, *, code: str, by: Actor
    ) -> Checked:
        """Compare a code of the person's factors, if they may still guess."""
        partial = self.locked(transaction, claimed)
        if partial is None or partial.proven_at or not partial.has_factor:
            return Checked(None)
        compare = {Method.TOTP: self._claim_totp, Method.BACKUP_CODE: self._claim_backup_code}
        right = self._guess(
            transaction,
            partial,
            method,
            compare=lambda: compare[method](transaction, partial.user, code[:MAX_CODE]),
            by=by,
        )
        if right:
            self._accepted(transaction, partial, method, by=by)
        return Checked(partial, right)

    def set_up(self, transaction: Transaction, claimed: Claimed) -> bytes | None:
        """Return the seed of the app that is being set up, the same as long as it is.

        None where nothing is to be set up: a second app is not for who knows only the password.
        """
        partial = self.locked(transaction, claimed)
        if partial is None or not partial.may_set_up:
            return None
        if partial.factor_id:
            return authenticators.seed_of(
                transaction, partial.user, partial.factor_id, keyring=self._keyring
            )
        seed = totp.new_seed()
        factor_id = authenticators.begin(
            transaction, partial.user, seed=seed, keyring=self._keyring, now=self._clock.now()
        )
        partials.change(transaction, partial, factor_id=factor_id)
        return seed

    def confirm(
        self, transaction: Transaction, claimed: Claimed, *, code: str, by: Actor
    ) -> Checked:
        """Let the app count if the code is its. Every other session and token of the person ends.

        They were had with a password alone, or before this app was there.
        """
        partial = self.locked(transaction, claimed)
        if partial is None or not partial.may_set_up or not partial.factor_id:
            return Checked(None)
        factor_id, now = partial.factor_id, self._clock.now()
        right = self._guess(
            transaction,
            partial,
            Method.TOTP,
            compare=lambda: authenticators.confirm(
                transaction,
                partial.user,
                factor_id,
                code=code[:MAX_CODE],
                keyring=self._keyring,
                now=now,
            ),
            by=by,
        )
        if right:
            moved = move_on(transaction, partial.user)
            partials.change(transaction, partial, user_epoch=moved.security_epoch)
            resource = f"factor:{factor_id}"
            self._reports.record(
                transaction, EventType.FACTOR_ADDED, partial.user, by=by, resource=resource
            )
            self._reports.send(transaction, notices.factor_added(partial.user, by, now))
            self.prove(transaction, partial, Method.TOTP, by=by)
        return Checked(partial, right)

    def complete(
        self, transaction: Transaction, claimed: Claimed, *, kept: bool, by: Actor
    ) -> Partial | None:
        """End the partial sign-in because everything is proved: the session is the caller's.

        `kept`: the person says that the new backup codes are kept; they count from now on, even
        where a new password is still missing. None where something is.
        """
        partial = self.locked(transaction, claimed)
        if partial is None or (partial.factor_due and partial.proven_at is None):
            return None
        user = partial.user
        if partial.sealed_codes:
            if not kept:
                return None
            backup_codes.keep(transaction, user, self._clock.now())
            partials.change(transaction, partial, sealed_codes=None)
        if partial.change_due:
            return None
        partials.finish(transaction, partial)
        facts: dict[str, object] = {"second_factor": partial.proven_by} if partial.proven_by else {}
        came_by, resource = partial.first.identity_id, None
        if came_by is not None:
            facts, resource = {"first": list(partial.first.amr), **facts}, f"identity:{came_by}"
        self._reports.record(
            transaction, EventType.SIGN_IN_SUCCEEDED, user, by=by, resource=resource, facts=facts
        )
        return partial

    def reset(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, by: Actor, reason: str
    ) -> Gone:
        """Take every factor and backup code away; return how many factors there were.

        Sessions, tokens and partial sign-ins end, counters begin anew, the person gets a mail. The
        reason is for the trail. Raises NotFound, UnfitReason.
        """
        private = {"reason": check_reason(reason)}
        user, now = snapshot(get(transaction, tenant_id, user_id)), self._clock.now()
        partials.lock(transaction, user)
        ended = end_all(transaction, user)
        for factor_id in ended.apps:
            self._reports.record(
                transaction, EventType.FACTOR_REMOVED, user, by=by, resource=f"factor:{factor_id}"
            )
        move_on(transaction, user)
        event, facts = EventType.FACTORS_RESET, ended.facts
        record = Event(event, tenant_id, by, subject=user_id, facts=facts, private=private)
        self._reports.trail.record(transaction, record)
        self._reports.send(transaction, notices.factors_reset(user, now))
        return Gone(len(ended.apps), len(ended.passkeys))

    def locked(self, transaction: Transaction, claimed: Claimed) -> Partial | None:
        """Return what `find` does, with the person's row held until the end."""
        return partials.locked(transaction, claimed.token, claimed.hop, now=self._clock.now())

    def _guess(
        self,
        transaction: Transaction,
        partial: Partial,
        method: Method,
        *,
        compare: Callable[[], bool],
        by: Actor,
    ) -> bool:
        # Somebody who has proved only a password is not known to be the person.
        stranger = replace(by, kind=ActorKind.ANONYMOUS, principal=partial.user.tenant_id)
        now = self._clock.now()
        return self._guessing.attempt(
            transaction, partial, method, compare=compare, by=stranger, now=now
        )

    def _claim_totp(self, transaction: Transaction, user: UserSnapshot, code: str) -> bool:
        now = self._clock.now()
        return authenticators.claim(transaction, user, code=code, keyring=self._keyring, now=now)

    def _claim_backup_code(self, transaction: Transaction, user: UserSnapshot, code: str) -> bool:
        return backup_codes.claim(
            transaction,
            user,
            typed=code,
            keyring=self._keyring,
            now=self._clock.now(),
        )

    def _accepted(
        self, transaction: Transaction, partial: Partial, method: Method, *, by: Actor
    ) -> None:
        user = partial.user
        if method is Method.BACKUP_CODE:
            left = backup_codes.left(transaction, user)
            facts = {"left": left}
            self._reports.record(transaction, EventType.BACKUP_CODE_USED, user, by=by, facts=facts)
            message = notices.backup_code_used(user, by, left=left, now=self._clock.now())
            self._reports.send(transaction, message)
        self.prove(transaction, partial, method, by=by)

    def prove(
        self,
        transaction: Transaction,
        partial: Partial,
        method: Method,
        *,
        by: Actor,
        amr: tuple[str, ...] = (),
    ) -> None:
        """Remember the proof; who has no backup code left is given new ones with it.

        `amr` is all that is proved now, where that is not the first proof and a code.
        """
        user, now = partial.user, self._clock.now()
        codes: tuple[str, ...] = ()
        if not backup_codes.left(transaction, user):
            codes = backup_codes.renew(
                transaction, user, self._reports, keyring=self._keyring, by=by, now=now
            )
        proof = Proof(method.value, now, amr or (*partial.first.amr, *CODE))
        partials.prove(transaction, partial, proof, codes=codes)

    def prove_upstream(self, transaction: Transaction, partial: Partial) -> None:
        """Remember that the provider itself asked for a second factor, and is trusted in that.

        Nothing of ours was used: there are no backup codes that could stand in for it.
        """
        proof = Proof(UPSTREAM, self._clock.now(), (*FEDERATED, "mfa"))
        partials.prove(transaction, partial, proof, codes=())

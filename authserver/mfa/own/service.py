"""A signed-in person's own apps: listed, added, renamed, removed; backup codes made anew.

Everything here is part of somebody else's job and commits nothing. The caller has made sure that
the person has just proved who they are, with what they have, and says by `keep` which session goes
on where all the others end (decision 0018).
"""

from dataclasses import replace

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import hold_open
from authserver.audit.events import EventType
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.mfa import authenticators, backup_codes, notices, totp
from authserver.mfa.authenticators import SetUp
from authserver.mfa.left import factors_left, is_mandatory
from authserver.mfa.notices import Reports
from authserver.mfa.own import sheets
from authserver.mfa.own.changes import Changes, Kind, Loss
from authserver.mfa.own.values import Added, Keep, NewApp, Owned, Present
from authserver.mfa.policy import CODE, MOST_APPS, Method
from authserver.mfa.service import MAX_CODE
from authserver.passkeys.names import check_name
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Numbers

APP = Kind(
    "factor",
    authenticators.all_of,
    authenticators.remove,
    EventType.FACTOR_REMOVED,
    notices.factor_removed,
)


class OwnFactors:
    """Changes the apps and codes of the person who asks."""

    def __init__(
        self,
        changes: Changes,
        reports: Reports,
        *,
        keyring: Keyring,
        clock: Clock,
        numbers: Numbers,
    ) -> None:
        """Take what it works with; `numbers` say how many first codes of an app may be wrong."""
        self._changes = changes
        self._reports = reports
        self._keyring = keyring
        self._clock = clock
        self._numbers = numbers

    def of(self, transaction: Transaction, user: UserSnapshot) -> Owned:
        """Return what the person has."""
        return Owned(
            apps=tuple(authenticators.listed(transaction, user)),
            factors=factors_left(transaction, user),
            codes_left=backup_codes.left(transaction, user),
            mandatory=is_mandatory(transaction, user),
        )

    def set_up(self, transaction: Transaction, who: Present) -> bytes:
        """Return the seed of the app that is being set up here, the same as long as it is.

        Raises Conflict where there are too many, Refused.
        """
        user = hold_open(transaction, who.user)
        if len(authenticators.all_of(transaction, user)) >= MOST_APPS:
            raise Conflict(
                said(
                    "There are %(most_apps)s authenticator apps, which is the most.",
                    most_apps=MOST_APPS,
                )
            )
        begun = self._begun(transaction, who)
        if begun is not None:
            return begun.seed
        seed = totp.new_seed()
        authenticators.begin(
            transaction,
            user,
            seed=seed,
            keyring=self._keyring,
            now=self._clock.now(),
            session_id=who.session_id,
        )
        return seed

    def confirm(self, transaction: Transaction, who: Present, new: NewApp, *, keep: Keep) -> Added:
        """Let the app count if the code is its.

        With the first factor everything that was signed in by less ends, with another one if the
        person wants it. Whoever has no backup code gets ten. Raises UnfitFactorName, Refused.
        """
        name, who = _name(new.name), replace(who, user=hold_open(transaction, who.user))
        begun = self._begun(transaction, who)
        if begun is None or len(authenticators.all_of(transaction, who.user)) >= MOST_APPS:
            return Added.CLOSED
        if not self._is_its(transaction, who.user, begun, code=new.code):
            self._wrong(transaction, who, begun)
            return Added.WRONG_CODE
        authenticators.rename(transaction, who.user, begun.id, name=name)
        self._record(transaction, EventType.FACTOR_ADDED, who, factor_id=begun.id)
        gain = self._changes.added(transaction, who, CODE, ends_others=new.ends_others, keep=keep)
        self._tell(transaction, who, "factor_added" if gain.first else "another_factor_added")
        return Added.DONE_WITH_CODES if gain.codes else Added.DONE

    def rename(self, transaction: Transaction, who: Present, factor_id: str, *, name: str) -> None:
        """Give an app another name. Raises UnfitFactorName, NotFound, Refused."""
        clean, user = _name(name), hold_open(transaction, who.user)
        if self.of(transaction, user).app(factor_id).name == clean:
            return
        authenticators.rename(transaction, user, factor_id, name=clean)
        self._record(transaction, EventType.FACTOR_RENAMED, who, factor_id=factor_id)
        self._tell(transaction, who, "factor_renamed")

    def remove(self, transaction: Transaction, who: Present, factor_id: str, *, keep: Keep) -> Loss:
        """Take an app away; everything else that is signed in ends.

        Raises LastFactor, NotFound, Refused.
        """
        return self._changes.remove(transaction, who, factor_id, kind=APP, keep=keep)

    def renew_codes(self, transaction: Transaction, who: Present) -> None:
        """Make ten new backup codes and lay them out; the old ones are void at once.

        Raises NotFound for somebody without a factor, Refused.
        """
        user = hold_open(transaction, who.user)
        if not factors_left(transaction, user):
            raise NotFound("There is no second factor that backup codes could stand in for.")
        self._changes.make_codes(transaction, who)
        self._tell(transaction, who, "backup_codes_renewed")

    def new_codes(self, transaction: Transaction, who: Present) -> tuple[str, ...]:
        """Return the new backup codes that are laid out here, nothing if none are."""
        return sheets.read(transaction, who, now=self._clock.now())

    def put_away(self, transaction: Transaction, who: Present) -> None:
        """Show the new backup codes no more: the person has them."""
        sheets.close(transaction, who.user)

    def _begun(self, transaction: Transaction, who: Present) -> SetUp | None:
        return authenticators.being_set_up(
            transaction, who.user, who.session_id, keyring=self._keyring, now=self._clock.now()
        )

    def _is_its(
        self, transaction: Transaction, user: UserSnapshot, begun: SetUp, *, code: str
    ) -> bool:
        return authenticators.confirm(
            transaction,
            user,
            begun.id,
            code=code[:MAX_CODE],
            keyring=self._keyring,
            now=self._clock.now(),
        )

    def _wrong(self, transaction: Transaction, who: Present, begun: SetUp) -> None:
        """Count it here alone: who sets an app up must not lock the sign-in by it."""
        own = transaction.tenant(who.user.tenant_id).scalars(select(Tenant.tightened)).one()
        most = self._numbers.of(own).second_factor_flow_attempts
        authenticators.count_guess(transaction, who.user, begun, most=most)
        facts = {"method": Method.TOTP.value, "reason": "wrong_first_code"}
        self._reports.record(
            transaction, EventType.FACTOR_REFUSED, who.user, by=who.by, facts=facts
        )

    def _record(
        self, transaction: Transaction, event: EventType, who: Present, *, factor_id: str
    ) -> None:
        self._reports.record(
            transaction, event, who.user, by=who.by, resource=f"factor:{factor_id}"
        )

    def _tell(self, transaction: Transaction, who: Present, template: str) -> None:
        message = notices.changed(who.user, template, who.by, now=self._clock.now())
        self._reports.send(transaction, message)


def _name(typed: str) -> str:
    return check_name(typed) or authenticators.NAME

"""A person's own passkeys: added, renamed and taken away by who is signed in, and just was.

The first factor of a person, and the end of any, ends every other session and token (decision 0012,
ASVS 7.4.3): what was had without the one, or with the other, is not to live on. The session that
did it goes on, by `keep`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import hold_open, move_on
from authserver.audit.events import Actor, EventType
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound, Refused
from authserver.mfa import backup_codes
from authserver.mfa.left import factors_left, is_mandatory
from authserver.mfa.own.values import LastFactor
from authserver.mfa.passkeys import notices
from authserver.mfa.passkeys.tools import Tools
from authserver.mfa.policy import may_remove
from authserver.mfa.trust.service import forget_all
from authserver.passkeys import credentials
from authserver.passkeys.challenges import Bound, Purpose
from authserver.passkeys.credentials import Listed
from authserver.passkeys.policy import MOST, amr_of, clean_name

# Runs inside the transaction, with the person as they are after everything of theirs ended.
Keep = Callable[[Transaction, UserSnapshot], None]
_PASSWORD = "pwd"  # noqa: S105  a word of RFC 8176


@dataclass(frozen=True)
class Owner:
    """Who acts: the account, its session, and a secret of the browser that this is in."""

    user: UserSnapshot
    session_id: str
    browser: str
    by: Actor


@dataclass(frozen=True)
class Added:
    """A new passkey, and backup codes that are to be shown once, if there were none."""

    passkey: Listed
    codes: tuple[str, ...]


class OwnPasskeys:
    """Changes a person's passkeys. Part of somebody else's job: it commits nothing."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools

    @property
    def usable(self) -> bool:
        """Tell whether this installation can have passkeys at all."""
        return self._tools.party.usable

    def of(self, transaction: Transaction, user: UserSnapshot) -> list[Listed]:
        """Return the person's passkeys."""
        return credentials.all_of(transaction, user.tenant_id, user.id)

    def offer(self, transaction: Transaction, owner: Owner) -> str | None:
        """Return the options for another passkey, as JSON; None where there are enough."""
        user = hold_open(transaction, owner.user)
        return self._tools.offer(transaction, user, _bound(owner))

    def add(
        self,
        transaction: Transaction,
        owner: Owner,
        answer: str,
        *,
        keep: Callable[[tuple[str, ...]], Keep],
    ) -> Added | None:
        """Store what the browser made; None if it is refused. Raises Refused.

        `keep` is given what the session has proved when this is the first factor.
        """
        user = hold_open(transaction, owner.user)
        first = factors_left(transaction, user) == 0
        made = self._tools.take(transaction, user, answer, bound=_bound(owner), by=owner.by)
        if made is None:
            return None
        forget_all(transaction, user)
        if first:
            user = move_on(transaction, user)
            keep((_PASSWORD, *amr_of(synced=made.synced)))(transaction, user)
        has_codes = backup_codes.left(transaction, user) > 0
        codes = () if has_codes else self._tools.factors.renew_codes(transaction, user, by=owner.by)
        return Added(made, codes)

    def keep_codes(self, transaction: Transaction, owner: Owner) -> None:
        """Let backup codes count that were shown: their owner has kept them. Raises Refused."""
        user = hold_open(transaction, owner.user)
        backup_codes.keep(transaction, user, self._tools.now())

    def rename(self, transaction: Transaction, owner: Owner, passkey_id: str, *, name: str) -> str:
        """Call a passkey something else and return the name. Raises NotFound, Refused."""
        user, wanted = hold_open(transaction, owner.user), clean_name(name)
        if not wanted:
            raise Refused("A passkey needs a name.")
        if not credentials.rename(transaction, user, passkey_id, name=wanted):
            raise NotFound("There is no such passkey.", detail=passkey_id)
        self._tools.record(
            transaction, EventType.PASSKEY_RENAMED, user, by=owner.by, about=passkey_id
        )
        now = self._tools.now()
        self._tools.send(transaction, notices.renamed(user, wanted, owner.by, now=now))
        return wanted

    def may_remove(self, transaction: Transaction, user: UserSnapshot, passkey_id: str) -> bool:
        """Tell whether a passkey may go, or is the last factor where one is demanded."""
        mandatory = is_mandatory(transaction, user)
        left = factors_left(transaction, user, without=passkey_id)
        return may_remove(left=left, mandatory=mandatory)

    def remove(self, transaction: Transaction, owner: Owner, passkey_id: str, *, keep: Keep) -> str:
        """Take a passkey away and return its name. Raises NotFound, LastFactor, Refused."""
        user = hold_open(transaction, owner.user)
        if passkey_id not in credentials.ours_of(transaction, user):
            raise NotFound("There is no such passkey.", detail=passkey_id)
        if not self.may_remove(transaction, user, passkey_id):
            raise LastFactor("Your organization demands a second factor: add another one first.")
        name = credentials.remove(transaction, user, passkey_id) or ""
        if not factors_left(transaction, user):
            backup_codes.forget(transaction, user)
        forget_all(transaction, user)
        keep(transaction, move_on(transaction, user))
        self._tools.record(
            transaction, EventType.PASSKEY_REMOVED, user, by=owner.by, about=passkey_id
        )
        now = self._tools.now()
        self._tools.send(transaction, notices.removed(user, name, owner.by, now=now))
        return name

    @property
    def most(self) -> int:
        """Return how many passkeys a person may have."""
        return MOST


def _bound(owner: Owner) -> Bound:
    return Bound(Purpose.ADD, owner.browser, owner.session_id, owner.user.id)

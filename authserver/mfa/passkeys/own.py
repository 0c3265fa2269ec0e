"""A person's own passkeys: added, renamed and taken away by who is signed in, and just was.

What follows from a new one, and from the end of one, is the same as for every factor:
`mfa.own.changes` does it.
"""

from dataclasses import dataclass, replace

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import hold_open
from authserver.audit.events import EventType
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound, Refused
from authserver.mfa.own.changes import Changes, Kind, Loss
from authserver.mfa.own.values import Keep, Present
from authserver.mfa.passkeys import notices
from authserver.mfa.passkeys.tools import Tools
from authserver.passkeys import credentials
from authserver.passkeys.challenges import Bound, Purpose
from authserver.passkeys.credentials import Listed
from authserver.passkeys.names import check_name
from authserver.passkeys.policy import MOST, amr_of

PASSKEY = Kind(
    "passkey",
    credentials.ours_of,
    credentials.remove,
    EventType.PASSKEY_REMOVED,
    notices.removed,
)


@dataclass(frozen=True)
class Added:
    """A new passkey, and whether there are new backup codes to keep."""

    passkey: Listed
    codes: bool


class OwnPasskeys:
    """Changes a person's passkeys. Part of somebody else's job: it commits nothing."""

    def __init__(self, tools: Tools, changes: Changes) -> None:
        """Take what it works with."""
        self._tools = tools
        self._changes = changes

    @property
    def usable(self) -> bool:
        """Tell whether this installation can have passkeys at all."""
        return self._tools.party.usable

    def of(self, transaction: Transaction, user: UserSnapshot) -> list[Listed]:
        """Return the person's passkeys."""
        return credentials.all_of(transaction, user.tenant_id, user.id)

    def offer(self, transaction: Transaction, who: Present) -> str | None:
        """Return the options for another passkey, as JSON; None where there are enough."""
        user = hold_open(transaction, who.user)
        return self._tools.offer(transaction, user, _bound(who))

    def add(
        self, transaction: Transaction, who: Present, answer: str, *, keep: Keep
    ) -> Added | None:
        """Store what the browser made; None if it is refused. Raises Refused."""
        who = replace(who, user=hold_open(transaction, who.user))
        made = self._tools.take(transaction, who.user, answer, bound=_bound(who), by=who.by)
        if made is None:
            return None
        methods = amr_of(synced=made.synced)
        gain = self._changes.added(transaction, who, methods, ends_others=False, keep=keep)
        return Added(made, gain.codes)

    def rename(self, transaction: Transaction, who: Present, passkey_id: str, *, name: str) -> str:
        """Call a passkey something else and return the name.

        Raises UnfitFactorName, NotFound, Refused.
        """
        user, wanted = hold_open(transaction, who.user), check_name(name)
        if not wanted:
            raise Refused("A passkey needs a name.")
        if not credentials.rename(transaction, user, passkey_id, name=wanted):
            raise NotFound("There is no such passkey.", detail=passkey_id)
        self._tools.record(
            transaction, EventType.PASSKEY_RENAMED, user, by=who.by, about=passkey_id
        )
        now = self._tools.now()
        self._tools.send(transaction, notices.renamed(user, wanted, who.by, now=now))
        return wanted

    def may_remove(self, transaction: Transaction, user: UserSnapshot, passkey_id: str) -> bool:
        """Tell whether a passkey may go."""
        return self._changes.may_remove(transaction, user, passkey_id)

    def remove(
        self, transaction: Transaction, who: Present, passkey_id: str, *, keep: Keep
    ) -> Loss:
        """Take a passkey away; everything else that is signed in ends.

        Raises NotFound, LastFactor, Refused.
        """
        return self._changes.remove(transaction, who, passkey_id, kind=PASSKEY, keep=keep)

    @property
    def most(self) -> int:
        """Return how many passkeys a person may have."""
        return MOST


def _bound(who: Present) -> Bound:
    return Bound(Purpose.ADD, who.browser, who.session_id, who.user.id)

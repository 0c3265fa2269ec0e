"""What the service of own factors takes and gives: who asks, what there is, what was typed."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.mfa.authenticators import App


class LastFactor(Conflict):
    """The tenant demands a second factor, and this is the last."""

    code = "last_factor"
    title = "The last second factor stays"


@dataclass(frozen=True)
class Present:
    """Who changes their factors: the account, its session, the browser's secret, from where."""

    user: UserSnapshot
    session_id: str
    browser: str
    by: Actor


class Keep(Protocol):
    """Lets the session of who asks go on where everything else of the account ends.

    Runs inside the transaction, with the person as they are afterwards; `methods` are given where
    the session has just proved a second factor, by these.
    """

    def __call__(
        self, transaction: Transaction, user: UserSnapshot, methods: tuple[str, ...] = ()
    ) -> None:
        """Take the session over."""


@dataclass(frozen=True)
class Owned:
    """What a person has: apps, and factors of any kind. `mandatory` is the tenant's rule."""

    apps: tuple[App, ...]
    factors: int
    codes_left: int
    mandatory: bool

    def app(self, factor_id: str) -> App:
        """Return one of the apps. Raises NotFound."""
        for one in self.apps:
            if one.id == factor_id:
                return one
        raise NotFound("There is no such authenticator app.", detail=factor_id)


@dataclass(frozen=True)
class NewApp:
    """What the person typed: the first code, a name, and whether all other sessions shall end."""

    code: str
    name: str = ""
    ends_others: bool = False


class Added(Enum):
    """What became of an app that was to be added."""

    CLOSED = auto()  # nothing was being set up any more
    WRONG_CODE = auto()
    DONE = auto()
    DONE_WITH_CODES = auto()  # and there are new backup codes to keep

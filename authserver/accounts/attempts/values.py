"""What goes into an attempt to sign in with a password, and what may come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Label

from authserver.accounts.attempts.throttle import Throttle
from authserver.accounts.directory import Audience, UserSnapshot
from authserver.accounts.policy import Refusal
from authserver.accounts.standing import Account
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import Problem


@dataclass(frozen=True)
class SignInRequest:
    """What the person typed, and where. `organization` is a slug, or None.

    `actor` is who asks as far as known: anonymous, with address and user agent. `second_factor`
    says that the client asks for more than a password, `trust_token` names a browser in which a
    password may be enough: None where it is not, whatever the browser shows.
    """

    audience: Audience
    email: str
    password: str
    actor: Actor
    organization: str | None = None
    device_token: str | None = None
    second_factor: bool = False
    trust_token: str | None = None


@dataclass(frozen=True)
class Admitted:
    """Somebody whose password was right, and their account, held until the end of the transaction.

    `guest` is the account that the address led by, where that is not the one of the password.
    """

    account: Account
    guest: UserSnapshot | None = None
    factor_due: bool = False

    @property
    def user(self) -> UserSnapshot:
        """Return the person."""
        return self.account.user

    @property
    def is_half(self) -> bool:
        """Tell whether a second factor or a new password is still due: nobody is signed in yet."""
        return self.factor_due or self.account.change_required


class SignInRefused(Problem):
    """The one refusal: which of the reasons it was stands in the log and the trail alone."""

    status = 401
    code = "sign_in_refused"
    title = "The sign-in was refused"

    def __init__(self, refusal: Refusal) -> None:
        """Keep the reason for the log."""
        super().__init__(
            "The email address or the password is wrong, or the account cannot be used now.",
            detail=refusal.value,
        )


class Demand(Protocol):
    """Whether more than a password is needed."""

    @property
    def facts(self) -> Sequence[Label[Any]]:
        """Return what it wants to know of `User` and `Tenant`: columns of `Account.also`."""
        ...

    def is_due(self, transaction: Transaction, account: Account, request: SignInRequest) -> bool:
        """Tell whether the person needs more than a password for what is asked."""
        ...

    def is_due_of(self, transaction: Transaction, guest: UserSnapshot) -> bool:
        """Tell whether a guest account needs more than its home account's password."""
        ...


@dataclass(frozen=True)
class Around:
    """What happens around an attempt.

    `demand` knows who needs more than a password; `throttle` refuses what comes too often.
    """

    demand: Demand
    throttle: Throttle

"""Whose account a code will be for. Pure: the accounts that fit and the wishes in, one out.

Never one that was not meant: it is the only one that fits, or the person, the client or an earlier
choice named it; else the person is asked. Whether the sign-in of that account is good enough is
decided afterwards, by next_step.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from authserver.accounts.directory import UserSnapshot
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.sessions.models import PASSWORD, SECOND_FACTOR
from authserver.sessions.service import LiveSession

ANOTHER = "another"  # instead of an account's id: none of those that are signed in


@dataclass(frozen=True)
class Choice:
    """What the person did in this very flow.

    `account_id` is the account that they chose, `person_id` the home account that signed in.
    """

    account_id: str | None = None
    person_id: str | None = None


UNDECIDED = Choice()


@dataclass(frozen=True)
class Account:
    """An account of this browser. `mfa_required` is the rule of a guest's tenant.

    `session` is its own; a guest without one can be opened from `home`, the session of its home
    account. One of the two is there.
    """

    user: UserSnapshot
    session: LiveSession | None
    home: LiveSession | None = None
    mfa_required: bool = False

    @property
    def id(self) -> str:
        """Return the account's id."""
        return self.user.id

    @property
    def person_id(self) -> str:
        """Return the home account of the person."""
        return self.user.home_user_id or self.user.id

    @property
    def proof(self) -> LiveSession:
        """Return the sign-in that counts: for a guest the one at home, when that is newer."""
        own, home = self.session, self.home
        if own is None:
            if home is None:
                raise ValueError("an account without any sign-in")
            return home
        newer = home is not None and home.level >= own.level and home.auth_time > own.auth_time
        return home if home and newer else own

    @property
    def opened(self) -> LiveSession | None:
        """Return the account's own session, None if it is to be opened first, or again."""
        return self.session if self.proof is self.session else None

    @property
    def demanded(self) -> int:
        """Return the level that a sign-in has to have before the account can be opened."""
        return SECOND_FACTOR if self.mfa_required else PASSWORD

    @property
    def auth_time(self) -> datetime:
        """Return when the person signed in."""
        return self.proof.auth_time


@dataclass(frozen=True)
class Wishes:
    """What says which account is meant. `remembered` is asked for one of several, by id.

    `named`: the client said whom it means, and only theirs are there to pick from.
    """

    choice: Choice
    must_ask: bool
    hint: str | None
    remembered: Callable[[Sequence[str]], str | None]
    named: bool = False


@dataclass(frozen=True)
class Picked:
    """The account; without one, whether the person is to choose.

    `fixed` says that a sign-in is for this very account: there is more than one to mistake it for.
    """

    account: Account | None = None
    ask: bool = False
    fixed: bool = False

    @classmethod
    def of(cls, account: Account, among: Sequence[Account]) -> Self:
        """Return the account that was picked from some."""
        return cls(account, fixed=len(among) > 1 or account.user.home_user_id is not None)


def pick(accounts: Sequence[Account], wishes: Wishes) -> Picked:
    """Return the account that is meant, or that the person is to be asked, or nothing."""
    chosen, person_id = wishes.choice.account_id, wishes.choice.person_id
    if chosen == ANOTHER:
        return Picked()
    if chosen is not None:
        found = next((one for one in accounts if one.id == chosen), None)
        # What was chosen is gone: no other takes its place unasked.
        return Picked.of(found, accounts) if found else Picked(ask=bool(accounts))
    fitting = [one for one in accounts if person_id in {None, one.person_id}]
    if not fitting:
        return Picked()
    signed_in_here = person_id is not None
    if len(fitting) == 1 and (signed_in_here or not wishes.must_ask):
        picked = Picked.of(fitting[0], accounts)
        return replace(picked, fixed=picked.fixed or wishes.named)
    if wishes.must_ask:
        return Picked(ask=True)
    found = _named(fitting, wishes)
    return Picked.of(found, accounts) if found else Picked(ask=True)


def _named(fitting: Sequence[Account], wishes: Wishes) -> Account | None:
    """Return the account that the hint or an earlier choice names. The hint is the newer word."""
    hinted = [one for one in fitting if _is(one.user.email, wishes.hint)] or fitting
    if len(hinted) == 1:
        return hinted[0]
    remembered = wishes.remembered([one.id for one in hinted])
    return next((one for one in hinted if one.id == remembered), None)


def _is(email: str, hint: str | None) -> bool:
    if hint is None:
        return False
    try:
        return parse_email(hint.strip()).canonical == parse_email(email).canonical
    except InvalidEmail:
        return False

"""What comes next in a sign-in: decided here alone, from saved state.

Pure: the request, what is known of the person, and the time go in; one step comes out. Pages
never route to one another, they come back here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Self

from authserver.mfa.partial import Partial
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.oauth.errors import OAuthError
from authserver.oauth.levels import wanted_level


class Step(Enum):
    """What the person, or the client, sees next."""

    SIGN_IN = auto()
    SECOND_FACTOR = auto()
    SET_UP_FACTOR = auto()
    KEEP_BACKUP_CODES = auto()
    CHANGE_PASSWORD = auto()
    CONSENT = auto()
    ISSUE_CODE = auto()


@dataclass(frozen=True)
class Consented:
    """What the person allowed this client before, or just now in this very flow."""

    scope: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    in_this_flow: bool = False

    def covers(self, request: AuthorizationRequest) -> bool:
        """Tell whether nothing new is asked for."""
        return set(request.scope) <= self.scope and set(request.resources) <= self.resources


@dataclass(frozen=True)
class Halfway:
    """The password of a sign-in in this very flow was right, and it is no session yet."""

    has_factor: bool
    factor_due: bool
    proven: bool
    codes: bool
    change_due: bool

    @classmethod
    def of(cls, partial: Partial) -> Self:
        """Return how far a partial sign-in is."""
        return cls(
            has_factor=partial.has_factor,
            factor_due=partial.factor_due,
            proven=partial.proven_at is not None,
            codes=partial.sealed_codes is not None,
            change_due=partial.change_due,
        )


@dataclass(frozen=True)
class Progress:
    """How far the sign-in is. `auth_time` is None, and `level` 0, when nobody is signed in.

    `began_at` is None for a request that has seen no page yet.
    """

    auth_time: datetime | None
    level: int
    halfway: Halfway | None
    began_at: datetime | None
    consented: Consented
    consent_needed: bool
    now: datetime


def next_step(request: AuthorizationRequest, progress: Progress) -> Step:
    """Return the next step. Raises OAuthError where `prompt=none` forbids asking."""
    if progress.halfway is not None:
        return second_half(progress.halfway)
    if _must_sign_in(request, progress):
        if "none" in request.prompt:
            raise OAuthError("login_required", "nobody is signed in, or not recently enough")
        return Step.SIGN_IN
    if _must_consent(request, progress):
        if "none" in request.prompt:
            raise OAuthError("consent_required", "the person has not allowed this yet")
        return Step.CONSENT
    return Step.ISSUE_CODE


def second_half(halfway: Halfway) -> Step:
    """Return what is next once the password was right, whatever is being signed in to.

    A password is changed only by who has proved everything else. Where nothing is missing, the
    session was begun in the job that gave the last thing: what is left begins anew.
    """
    if halfway.factor_due and not halfway.proven:
        return Step.SECOND_FACTOR if halfway.has_factor else Step.SET_UP_FACTOR
    if halfway.codes:
        return Step.KEEP_BACKUP_CODES
    return Step.CHANGE_PASSWORD if halfway.change_due else Step.SIGN_IN


def _must_sign_in(request: AuthorizationRequest, progress: Progress) -> bool:
    # Stepping up begins with the password: only who is certainly the person may set a factor up.
    if progress.auth_time is None or progress.level < wanted_level(request.acr_values):
        return True
    if progress.began_at is not None and progress.auth_time >= progress.began_at:
        return False
    if request.prompt & {"login", "select_account"}:
        return True
    if request.max_age is None:
        return False
    return progress.now - progress.auth_time > timedelta(seconds=request.max_age)


def _must_consent(request: AuthorizationRequest, progress: Progress) -> bool:
    if progress.consented.in_this_flow:
        return False
    if "consent" in request.prompt:
        return True
    return progress.consent_needed and not progress.consented.covers(request)

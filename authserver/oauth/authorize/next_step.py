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
from authserver.tokens.people.scopes import of_scopes


class Step(Enum):
    """What the person, or the client, sees next."""

    CREATE_ACCOUNT = auto()
    CHOOSE_ACCOUNT = auto()
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
    claims: frozenset[str] = frozenset()
    in_this_flow: bool = False

    def covers(self, request: AuthorizationRequest) -> bool:
        """Tell whether nothing new is asked for."""
        if not (set(request.scope) <= self.scope and set(request.resources) <= self.resources):
            return False
        named = request.named_claims
        return not named or named <= self.claims.union(of_scopes(tuple(self.scope)))


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

    `began_at` is None for a request that has seen no page yet. `must_choose` says that the person
    has to say which account is meant, `signed_in_here` that they signed in in this very flow;
    `demanded` is the level that the account's tenant demands; `takes_newcomers` that somebody may
    make an account for this client; `classes` are those of the sign-in.
    """

    auth_time: datetime | None
    level: int
    halfway: Halfway | None
    began_at: datetime | None
    consented: Consented
    consent_needed: bool
    now: datetime
    must_choose: bool = False
    signed_in_here: bool = False
    demanded: int = 0
    takes_newcomers: bool = False
    classes: tuple[str, ...] = ()

    @property
    def signed_in_since(self) -> bool:
        """Tell whether the person has signed in since the request came."""
        if self.began_at is None or self.auth_time is None:
            return False
        return self.auth_time >= self.began_at


def next_step(request: AuthorizationRequest, progress: Progress) -> Step:
    """Return the next step. Raises OAuthError where `prompt=none` forbids asking."""
    if progress.halfway is not None:
        return second_half(progress.halfway)
    if _must_register(request, progress):
        return Step.CREATE_ACCOUNT
    if progress.must_choose:
        return _choose(request, progress)
    if _must_sign_in(request, progress):
        if "none" in request.prompt:
            raise OAuthError("login_required", "nobody is signed in, or not recently enough")
        _check_use_of_signing_in(request, progress)
        return Step.SIGN_IN
    if _must_consent(request, progress):
        if "none" in request.prompt:
            raise OAuthError("consent_required", "the person has not allowed this yet")
        return Step.CONSENT
    return Step.ISSUE_CODE


def _must_register(request: AuthorizationRequest, progress: Progress) -> bool:
    """Tell whether an account is to be made first (Initiating User Registration via OIDC 1.0).

    Where nobody can make one, it is a sign-in like any other; who has one may sign in instead.
    """
    if "create" not in request.prompt or not progress.takes_newcomers:
        return False
    return not (progress.signed_in_here or progress.signed_in_since)


def _choose(request: AuthorizationRequest, progress: Progress) -> Step:
    """Let the person choose: on a page, or by whom they sign in as where they must do that anyway.

    OpenID Connect Core section 3.1.2.6.
    """
    if "none" in request.prompt:
        raise OAuthError("account_selection_required", "there is more than one account")
    must_sign_in = "login" in request.prompt and not progress.signed_in_here
    if must_sign_in and "select_account" not in request.prompt:
        return Step.SIGN_IN
    return Step.CHOOSE_ACCOUNT


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
    essential = request.claims.essential_acr is not None
    wished = 0 if essential else wanted_level(request.acr_values)
    if progress.auth_time is None or progress.level < max(wished, progress.demanded):
        return True
    if not _meets(request, progress):
        return True
    if progress.signed_in_since:
        return False
    if "login" in request.prompt:
        return True
    if request.max_age is None:
        return False
    return progress.now - progress.auth_time > timedelta(seconds=request.max_age)


def _check_use_of_signing_in(request: AuthorizationRequest, progress: Progress) -> None:
    """Refuse where a sign-in in this very flow did not give what a hint or `claims` demands.

    Another would not either (OpenID Connect Core sections 3.1.2.2 and 5.5.1.1).
    """
    if not progress.signed_in_here:
        return
    if progress.auth_time is None and request.meant is not None:
        raise OAuthError("login_required", "somebody else signed in than is meant")
    if progress.auth_time is not None and not _meets(request, progress):
        raise OAuthError("unmet_authentication_requirements", "the sign-in is of another acr")


def _meets(request: AuthorizationRequest, progress: Progress) -> bool:
    demanded = request.claims.essential_acr
    return demanded is None or not set(demanded).isdisjoint(progress.classes)


def _must_consent(request: AuthorizationRequest, progress: Progress) -> bool:
    if progress.consented.in_this_flow:
        return False
    if "consent" in request.prompt:
        return True
    return progress.consent_needed and not progress.consented.covers(request)

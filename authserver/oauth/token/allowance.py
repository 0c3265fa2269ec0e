"""What a client may still have, and under which reason a refusal is counted."""

from collections.abc import Callable, Mapping

from authserver.core.database.engine import Transaction
from authserver.core.limits.buckets import Verdict, told
from authserver.oauth.errors import OAuthError
from authserver.oauth.token.checks import AddressRefusedError
from authserver.oauth.token.request import TokenRequest
from authserver.usage import quotas
from authserver.usage.policy import Quota, Refusal, verdicts

Settle = Callable[[Transaction], bool]
Settled = Callable[[Transaction], tuple[Verdict, ...] | None]

# No refusals: the client is to come again, and it gets what it asked for.
_ON_THE_WAY = frozenset({"authorization_pending", "use_dpop_nonce"})
_REASONS: Mapping[str, Refusal] = {
    "invalid_client": Refusal.AUTHENTICATION,
    "slow_down": Refusal.RATE,
    "unauthorized_client": Refusal.GRANT,
    "unsupported_grant_type": Refusal.GRANT,
    "invalid_grant": Refusal.GRANT,
    "access_denied": Refusal.GRANT,
    "expired_token": Refusal.GRANT,
    "invalid_scope": Refusal.SCOPE,
    "invalid_target": Refusal.RESOURCE,
    "invalid_dpop_proof": Refusal.PROOF,
    "invalid_request": Refusal.REQUEST,
}


class QuotaSpentError(OAuthError):
    """The client has had all that it may have in this day or month."""


def settling(request: TokenRequest, settle: Settle) -> Settled:
    """Return the job that settles a token and takes it from the client's quota, if it has one.

    The job gives what is left of the quota; None where nothing was issued, and so nothing taken.
    """
    quota = request.client.quota
    if quota is None:
        return lambda transaction: () if settle(transaction) else None
    return lambda transaction: _within(transaction, request, settle, quota=quota)


def refusal_of(error: OAuthError) -> Refusal | None:
    """Return why a client got no token, None where it was only put off."""
    if error.code in _ON_THE_WAY:
        return None
    if isinstance(error, QuotaSpentError):
        return Refusal.QUOTA
    if isinstance(error, AddressRefusedError):
        return Refusal.ADDRESS
    return _REASONS.get(error.code, Refusal.OTHER)


def _within(
    transaction: Transaction, request: TokenRequest, settle: Settle, *, quota: Quota
) -> tuple[Verdict, ...] | None:
    mine, now = (request.client.tenant.id, request.client.id), request.now
    allowed = quotas.spend(transaction, *mine, quota=quota, now=now)
    used = quotas.spent(transaction, *mine, now=now)
    left = verdicts(quota, used, now, allowed=allowed)
    if not allowed:
        limits = (request.rate, *left) if request.rate else left
        raise QuotaSpentError(
            "slow_down", "the quota of this client is used up", headers=told(limits)
        )
    if settle(transaction):
        return tuple(left)
    quotas.give_back(transaction, *mine)
    return None

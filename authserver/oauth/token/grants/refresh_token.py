"""refresh_token: rotated exactly once (RFC 6749 section 6, RFC 9700 section 4.14.2)."""

from datetime import timedelta

from authserver.audit.events import EventType
from authserver.core.database.engine import Transaction
from authserver.oauth import scopes
from authserver.oauth.errors import OAuthError
from authserver.oauth.token.grants.base import Grant
from authserver.tokens import families, refresh
from authserver.tokens.authorization import Authorization, Confirmation, TokenSet
from authserver.tokens.families import Family
from authserver.tokens.refresh import Presented, Standing, Successor


def _refuse(detail: str) -> OAuthError:
    return OAuthError("invalid_grant", "the refresh token is not valid", detail=detail)


class RefreshTokenGrant(Grant):
    """Bound to client, issuer, scope and resources of the family it belongs to."""

    _presented: Presented

    @property
    def _token(self) -> str:
        return self.request.form.need("refresh_token")

    async def authorize(self) -> Authorization | bytes:
        """Return the renewed authorization, or the answer of the token's first use."""
        token = self._token
        with self.tools.database.read() as view:
            presented = refresh.find(view, token, self.request.now)
        if presented is None:
            raise _refuse("unknown")
        self._check_binding(presented)
        presented = presented.within(self._longest())
        self._presented = presented
        standing = presented.standing(self.request.now, self.tools.refresh_grace)
        if standing is Standing.REUSED:
            await self.end_family(presented, EventType.REFRESH_REUSED)
            raise _refuse("reused after the grace time")
        if presented.family is None or standing is Standing.EXPIRED:
            raise _refuse("the family has ended, or the token expired")
        if standing is Standing.JUST_USED:
            return self._given_before(presented, token)
        return self._renewed(presented.family)

    def _longest(self) -> timedelta:
        """Return how long a family may live by what the client's tenant says now."""
        return self.request.client.tenant.refresh_life(self.tools.refresh_absolute)

    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Rotate; False when another request rotated first or the family has just ended."""
        token, now, presented = self._token, self.request.now, self._presented
        if authorization.sign_in is None:
            raise ValueError("a refresh continues a sign-in")
        expires_at = min(now + self.tools.refresh_idle, authorization.sign_in.expires_at)
        if not self._bound(transaction, presented):
            return False
        successor = Successor(issued, authorization.bound_to, expires_at)
        rotated = refresh.rotate(transaction, presented, token, successor=successor, now=now)
        if rotated:
            event = self.family_event(presented, EventType.TOKENS_REFRESHED)
            self.tools.trail.record(transaction, event)
        return rotated

    def _bound(self, transaction: Transaction, presented: Presented) -> bool:
        """Bind a family at the first proof for it; False when it was bound in the meantime."""
        shown, family = self.request.bound_to, presented.family
        if shown is None or family is None or family.bound_to is not None:
            return True
        return families.bind(
            transaction, shown, tenant_id=presented.tenant_id, family_id=presented.family_id
        )

    def _given_before(self, presented: Presented, token: str) -> bytes:
        answer = refresh.stored_answer(presented, token, self.request.bound_to)
        if answer is None:
            raise _refuse("used a moment ago with another key")
        return answer

    def _check_binding(self, presented: Presented) -> None:
        request = self.request
        if presented.client_id != request.client.id or presented.issuer != request.issuer.url:
            raise _refuse("presented by another client or at another issuer")
        if presented.family:
            self._check_key(presented.family.bound_to)

    def _check_key(self, bound_to: Confirmation | None) -> None:
        """Refuse another key of a public client, and whoever shows none any more.

        A confidential client's refresh tokens are bound by its authentication, and it may go over
        to a new key (RFC 9449 section 5); back to tokens that are good without one, it may not.
        """
        shown = self.request.bound_to
        if bound_to is None or shown == bound_to:
            return
        if shown is None or self.request.client.is_public or shown.method != bound_to.method:
            raise _refuse("presented without the key it is bound to")

    def _renewed(self, family: Family) -> Authorization:
        request = self.request
        kept = [one for one in family.resources if one in request.client.audiences]
        if family.resources and not kept:
            raise _refuse("the client may not ask for these resources any more")
        resources = scopes.narrow_resources(request.resources, kept)
        # What the client was registered for then, and is not any more, no renewal brings back.
        allowed = [scope for scope in family.scope if scope in request.client.scopes]
        return Authorization(
            issuer=request.issuer,
            client=request.client,
            scope=scopes.narrow(request.scope, allowed),
            audience=scopes.audience(
                resources or kept, request.client.audiences, request.issuer.url
            ),
            person=family.person,
            sign_in=family.sign_in,
            refreshable=True,
        )

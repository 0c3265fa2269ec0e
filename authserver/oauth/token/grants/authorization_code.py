"""authorization_code: redeemed once, by whom it was issued to (RFC 6749 section 4.1.3)."""

from authserver.audit.events import Event, EventType
from authserver.clients.policy import issues_refresh_token
from authserver.core.database.engine import Transaction
from authserver.oauth import scopes
from authserver.oauth.authorize import codes, pkce
from authserver.oauth.authorize.codes import FoundCode
from authserver.oauth.errors import OAuthError
from authserver.oauth.levels import acr_of, met
from authserver.oauth.token.grants.base import Grant
from authserver.tokens import families, refresh
from authserver.tokens.authorization import Authorization, Confirmation, SignIn, TokenSet


def _refuse(detail: str) -> OAuthError:
    return OAuthError("invalid_grant", "the authorization code is not valid", detail=detail)


class AuthorizationCodeGrant(Grant):
    """Bound to client, issuer, redirect URI, PKCE challenge, session, nonce and resources.

    Presented wrongly it is refused and stays good, five times; presented rightly a second time
    it ends everything that came of it.
    """

    _found: FoundCode

    async def authorize(self) -> Authorization:
        """Return what the person allowed this client."""
        with self.tools.database.read() as view:
            found = codes.find(view, self.request.form.need("code"), now=self.request.now)
        if found is None:
            raise _refuse("unknown")
        try:
            self._check_binding(found)
        except OAuthError as refused:
            await self._count_failure(found, refused.detail)
            raise
        return await self.redeemed(found)

    async def redeemed(self, found: FoundCode) -> Authorization:
        """Return what a code gives that was presented by whom it was issued to."""
        self._found = found
        if found.used_at is not None:
            await self.end_family(found, EventType.CODE_REPLAYED)
            raise _refuse("used before")
        self._check_life(found)
        return self._authorization(found)

    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Use the code up and store its family."""
        now, sign_in, found = self.request.now, authorization.sign_in, self._found
        if sign_in is None:
            raise ValueError("a code is about somebody who signed in")
        if not codes.claim(transaction, found, now):
            return False
        families.create(
            transaction,
            authorization,
            scope=found.scope,
            resources=found.resources,
            now=now,
        )
        if issued.refresh_token:
            expires_at = min(now + self.tools.refresh_idle, sign_in.expires_at)
            refresh.begin(
                transaction,
                issued.refresh_token,
                tenant_id=found.tenant_id,
                family_id=found.family_id,
                now=now,
                expires_at=expires_at,
            )
        self.tools.trail.record(transaction, self.family_event(found, EventType.TOKENS_ISSUED))
        return True

    def _check_binding(self, found: FoundCode) -> None:
        request = self.request
        if found.client_id != request.client.id or found.issuer != request.issuer.url:
            raise _refuse("presented by another client or at another issuer")
        if request.form.get("redirect_uri") != found.redirect_uri:
            raise _refuse("redirect_uri differs")
        shown = request.bound_to
        if found.dpop_jkt is not None and shown != Confirmation.of_key(found.dpop_jkt):
            raise _refuse("presented without the key it is bound to")
        verifier, challenge = request.form.get("code_verifier"), found.code_challenge
        if verifier is None and challenge is None:
            return
        if verifier is None or challenge is None:
            raise _refuse("code_verifier without code_challenge, or the other way round")
        if not (pkce.is_verifier(verifier) and pkce.matches(verifier, challenge)):
            raise _refuse("code_verifier does not match")

    def _check_life(self, found: FoundCode) -> None:
        if self.request.now >= found.expires_at:
            raise _refuse("expired")
        if found.failed_attempts >= codes.MAX_FAILED_ATTEMPTS:
            raise _refuse("presented wrongly too often")
        if not found.live:
            raise _refuse("the person or the session is no longer good")

    def _authorization(self, found: FoundCode) -> Authorization:
        request, client = self.request, self.request.client
        offline = scopes.OFFLINE_ACCESS in found.scope
        resources = scopes.narrow_resources(request.resources, found.resources)
        return Authorization(
            issuer=request.issuer,
            client=client,
            scope=found.scope,
            audience=scopes.audience(
                resources or found.resources, client.audiences, request.issuer.url
            ),
            person=found.person,
            sign_in=SignIn(
                family_id=found.family_id,
                session_id=found.session_id,
                auth_time=found.auth_time,
                acr=acr_of(found.level, found.amr),
                amr=found.amr,
                nonce=found.nonce,
                expires_at=request.now + client.tenant.refresh_life(self.tools.refresh_absolute),
                offline=offline,
                home_epoch=found.home_epoch,
                claims=found.claims,
                demanded_acr=met(found.claims.essential_acr, found.level, found.amr),
            ),
            refreshable="refresh_token" in client.grant_types
            and issues_refresh_token(client.kind, found.scope),
            id_token=scopes.OPENID in found.scope,
        )

    async def _count_failure(self, found: FoundCode, reason: str) -> None:
        event = Event(
            EventType.CODE_REFUSED,
            found.tenant_id,
            self.request.actor(),
            subject=found.user_id,
            resource=f"client:{found.client_id}",
            facts={"reason": reason},
        )

        def job(transaction: Transaction) -> None:
            codes.count_failure(transaction, found)
            self.tools.trail.record(transaction, event)

        await self.tools.database.stored(job)

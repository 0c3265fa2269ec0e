"""jwt-bearer: the word of an issuer that the client's tenant trusts (RFC 7523 section 2.1)."""

from datetime import UTC, datetime

from authserver.audit.events import Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.oauth import scopes
from authserver.oauth.assertions import judging, people, service, statements
from authserver.oauth.assertions.judging import Vouched, refuse
from authserver.oauth.assertions.values import SubjectKind, Trusted
from authserver.oauth.errors import OAuthError
from authserver.oauth.exchange.policy import serves
from authserver.oauth.levels import acr_of
from authserver.oauth.token.grants.base import Grant, client_stands
from authserver.sessions import unseen
from authserver.sessions.models import PASSWORD, SECOND_FACTOR
from authserver.tokens import families
from authserver.tokens.authorization import Authorization, Person, SignIn, TokenSet


class JwtBearer(Grant):
    """Single-use, short, for us alone, and for what the issuer was registered for.

    About the client itself, or a person of its tenant: then as a sign-in by a provider, without a
    browser. Nothing can be asked of anybody here, so whatever would be asked is refused.
    """

    _trusted: Trusted
    _vouched: Vouched

    async def authorize(self) -> Authorization:
        """Return what the issuer vouches for; a refusal is in the trail."""
        try:
            return self._vouched_for()
        except OAuthError as refused:
            if refused.error == "invalid_grant":
                await self._record_refusal(refused.detail)
            raise

    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Use the assertion up and store what came of it."""
        client, now = authorization.client, self.request.now
        if not client_stands(transaction, client):
            return False
        use = {
            "tenant_id": client.tenant.id,
            "jti_hash": fingerprint(f"{self._trusted.issuer}\0{self._vouched.jti}", "grant jti"),
            "expires_at": self._vouched.expires_at + judging.SKEW,
        }
        if transaction.change(statements.USE_GRANT, use) != 1:
            refused = refuse("jti was used before")
            self.tools.trail.record(transaction, self._refusal(refused.detail))
            raise refused
        if authorization.person is not None:
            self._sign_in(transaction, authorization, authorization.person, now=now)
        self.tools.trail.record(transaction, self._event(authorization, issued))
        return True

    def _vouched_for(self) -> Authorization:
        request, assertion = self.request, self.request.form.need("assertion")
        if request.client.is_public:
            raise OAuthError("unauthorized_client", "a public client brings no assertions")
        tenant_id = request.client.tenant.id
        with self.tools.database.read() as view:
            trusted = service.find(view, tenant_id, judging.named_issuer(assertion))
        if trusted is None or request.client.id not in trusted.clients:
            raise refuse("the issuer is unknown, switched off, or not for this client")
        self._trusted = trusted
        self._vouched = judging.judge(
            assertion,
            trusted,
            self.tools.issuer_keys,
            audience=request.issuer.url,
            now=request.now,
        )
        allowed = [scope for scope in request.client.scopes if scope in trusted.scopes]
        authorization = Authorization(
            issuer=request.issuer,
            client=request.client,
            scope=scopes.narrow(request.scope, _without_people(allowed)),
            audience=scopes.audience(
                request.resources, request.client.audiences, request.issuer.url
            ),
        )
        return self._about(authorization, tenant_id)

    def _about(self, authorization: Authorization, tenant_id: str) -> Authorization:
        """Say whom the token is about: nobody where the client itself is meant."""
        trusted, vouched, now = self._trusted, self._vouched, self.request.now
        if trusted.subject is SubjectKind.CLIENT:
            if trusted.subjects.get(vouched.subject) != self.request.client.id:
                raise refuse("sub is another client's, or nobody's")
            return authorization
        if not serves(self.request.client, tenant_id):
            raise refuse("the client does not serve its own tenant")
        with self.tools.database.read() as view:
            person = people.find(view, tenant_id, trusted, vouched=vouched, now=now)
        amr = people.methods(trusted, vouched)
        level = SECOND_FACTOR if "mfa" in amr else PASSWORD
        ends_at = now + self.tools.assertion_life
        sign_in = SignIn(
            family_id=new_id("fam"),
            session_id=new_id("ses"),
            auth_time=datetime.fromtimestamp(int(now.timestamp()), UTC),
            acr=acr_of(level, amr),
            amr=amr,
            nonce=None,
            expires_at=ends_at,
            offline=True,
        )
        return authorization._replace(person=person, sign_in=sign_in, ends_at=ends_at)

    def _sign_in(
        self,
        transaction: Transaction,
        authorization: Authorization,
        person: Person,
        *,
        now: datetime,
    ) -> None:
        sign_in = authorization.sign_in
        if sign_in is None:
            raise ValueError("somebody is vouched for as having signed in")
        level = SECOND_FACTOR if "mfa" in sign_in.amr else PASSWORD
        begun = unseen.begin(
            transaction,
            unseen.Unseen(
                session_id=sign_in.session_id,
                tenant_id=person.tenant.id,
                user_id=person.id,
                issuer=authorization.issuer.url,
                level=level,
                amr=sign_in.amr,
                auth_time=sign_in.auth_time,
                user_epoch=person.security_epoch,
            ),
            now=now,
            expires_at=sign_in.expires_at,
        )
        if not begun:
            raise refuse("the account or its tenant was closed meanwhile")
        families.create(
            transaction,
            authorization,
            scope=authorization.scope,
            resources=authorization.audience,
            now=now,
        )

    def _event(self, authorization: Authorization, issued: TokenSet) -> Event:
        person = authorization.person
        return Event(
            EventType.ASSERTION_ACCEPTED,
            authorization.tenant.id,
            self.request.actor(),
            subject=person.id if person else None,
            resource=f"client:{authorization.client.id}",
            facts={
                "issuer": self._trusted.id,
                "jti": issued.jti,
                "scope": authorization.scope,
                "audience": authorization.audience,
            },
        )

    async def _record_refusal(self, reason: str) -> None:
        trail, event = self.tools.trail, self._refusal(reason)
        await self.tools.database.stored(lambda transaction: trail.record(transaction, event))

    def _refusal(self, reason: str) -> Event:
        client = self.request.client
        return Event(
            EventType.ASSERTION_REFUSED,
            client.tenant.id,
            self.request.actor(),
            resource=f"client:{client.id}",
            facts={"reason": reason},
        )


def _without_people(allowed: list[str]) -> list[str]:
    return [scope for scope in allowed if scope not in scopes.OPENID_SCOPES]

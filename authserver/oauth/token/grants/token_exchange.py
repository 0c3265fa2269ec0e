"""token-exchange: a token of somebody becomes a narrower one for the next service (RFC 8693)."""

from datetime import UTC, datetime

from authserver.audit.events import Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.oauth.errors import OAuthError
from authserver.oauth.exchange import policy, statements
from authserver.oauth.exchange.policy import Rule, refuse
from authserver.oauth.exchange.presented import Actor, PresentedTokens, Subject
from authserver.oauth.token.grants.base import Grant
from authserver.tokens import families
from authserver.tokens.authorization import Authorization, SignIn, TokenSet


class TokenExchange(Grant):
    """Never wider than the subject's token in scope, audience, roles or life, and ends with it.

    The new token's family names the subject's as its parent: whatever ends that one ends this.
    """

    _subject: Subject

    async def authorize(self) -> Authorization:
        """Return what may come of the subject's token."""
        self._check_parameters()
        with self.tools.database.read() as view:
            self._subject = subject = self._read_subject(view)
            rule = self._rule(view, subject)
            actor = self._read_actor(view)
            self._check_depth(view, subject)
        policy.check_bound(was=subject.bound, will_be=self.request.bound_to is not None)
        if subject.client_id != self.request.client.id:
            policy.check_names(subject.act, self.request.client)
        way = policy.choose_way(rule, has_actor=actor is not None)
        acting = actor.sub if actor else self.request.client.id
        return self._authorization(
            subject, rule, act=policy.next_act(way, acting, subject.act), actor=actor
        )

    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Store the new family; False when the subject's has ended meanwhile."""
        now, parent = self.request.now, self._subject.family.sign_in.family_id
        if authorization.person is None or authorization.sign_in is None:
            raise ValueError("an exchanged token is about somebody")
        if not families.is_live(transaction, parent, now):
            return False
        families.create(
            transaction,
            authorization,
            scope=authorization.scope,
            resources=authorization.audience,
            now=now,
            parent_id=parent,
        )
        event = Event(
            EventType.TOKEN_EXCHANGED,
            authorization.person.tenant.id,
            self.request.actor(),
            subject=authorization.person.id,
            resource=f"family:{authorization.sign_in.family_id}",
            facts={
                "token_of": self._subject.client_id,
                "parent": parent,
                "jti": issued.jti,
                "scope": authorization.scope,
                "audience": authorization.audience,
                "act": authorization.act,
            },
        )
        self.tools.trail.record(transaction, event)
        return True

    def _check_parameters(self) -> None:
        form = self.request.form
        for name in ("subject_token_type", "requested_token_type", "actor_token_type"):
            kind, most = form.get(name), policy.TOKEN_TYPES
            allowed = most[:1] if name == "requested_token_type" else most
            if kind is not None and kind not in allowed:
                raise OAuthError("invalid_request", f"the {name} is not supported")
        if (form.get("actor_token") is None) != (form.get("actor_token_type") is None):
            raise OAuthError("invalid_request", "actor_token and actor_token_type go together")

    @property
    def _presented(self) -> PresentedTokens:
        return PresentedTokens(self.tools.access_tokens, self.tools.clock)

    def _read_subject(self, view: Transaction) -> Subject:
        request, form = self.request, self.request.form
        token, kind = form.need("subject_token"), form.need("subject_token_type")
        if request.client.is_public:
            raise OAuthError("unauthorized_client", "a public client exchanges no tokens")
        subject = self._presented.subject(
            view, token, kind, issuer=request.issuer, client=request.client
        )
        if not policy.serves(request.client, subject.family.person.tenant.id):
            raise refuse("of a tenant that the client does not serve")
        return subject

    def _read_actor(self, view: Transaction) -> Actor | None:
        request, form = self.request, self.request.form
        token = form.get("actor_token")
        if token is None:
            return None
        kind = form.need("actor_token_type")
        return self._presented.actor(
            view, token, kind, issuer=request.issuer, client=request.client
        )

    def _rule(self, view: Transaction, subject: Subject) -> Rule:
        client = self.request.client
        wanted = {
            "tenant_id": client.tenant.id,
            "client_id": client.id,
            "subject_client_id": subject.client_id,
        }
        row = view.row(statements.FIND_RULE, wanted)
        if row is None:
            raise refuse("the client may not exchange tokens of this client")
        return Rule(tuple(row["audiences"]), frozenset(row["ways"]))

    def _check_depth(self, view: Transaction, subject: Subject) -> None:
        behind = families.depth(view, subject.family.sign_in.family_id)
        if max(behind, policy.depth(subject.act)) >= self.tools.exchange_depth:
            raise refuse("exchanged too often")

    def _authorization(
        self, subject: Subject, rule: Rule, *, act: policy.Act | None, actor: Actor | None
    ) -> Authorization:
        request, family = self.request, subject.family
        asked = (*request.resources, *request.form.all("audience"))
        person = family.person
        ends = min(subject.expires_at, actor.expires_at if actor else subject.expires_at)
        ends_at = min(datetime.fromtimestamp(ends, UTC), family.sign_in.expires_at)
        return Authorization(
            issuer=request.issuer,
            client=request.client,
            scope=policy.narrow_scope(request.scope, subject.scope, request.client),
            audience=policy.choose_audience(asked, subject.audience, rule),
            person=person._replace(roles=tuple(r for r in person.roles if r in subject.roles)),
            sign_in=_continued(family.sign_in, ends_at),
            act=act,
            ends_at=ends_at,
            issued_token_type=policy.ACCESS_TOKEN,
        )


def _continued(sign_in: SignIn, ends_at: datetime) -> SignIn:
    """Return the person's sign-in, in a family of its own that ends with the token."""
    return sign_in._replace(family_id=new_id("fam"), nonce=None, expires_at=ends_at)

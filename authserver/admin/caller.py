"""Who calls, and what they may do: found from the credential alone, anew for each call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from authserver.accounts.directory import UserSnapshot
from authserver.api_keys import form
from authserver.api_keys.holders import Holder, Holders
from authserver.audit.events import Actor, ActorKind
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.database.engine import Database, Transaction
from authserver.core.jose import InvalidToken
from authserver.core.problems import Problem
from authserver.core.values.said import said
from authserver.oauth.access_tokens import AccessTokens, ReadToken
from authserver.oauth.dpop.resource import SCHEME as DPOP
from authserver.oauth.dpop.resource import BoundTokens, Headers
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import MachineRequest
from authserver.roles.catalogue import Permission
from authserver.roles.lookup import permissions_of
from authserver.roles.policy import Grantor
from authserver.roles.service import RoleService
from authserver.tenants.models import Tenant
from authserver.tokens.authorization import Person

API = "/api/v1"
_INTERNAL = "internal"
_BEARER = "bearer"
_REALM = 'Bearer realm="authserver"'


class Unauthenticated(Problem):
    """No credential, or none that holds: all the same from outside (RFC 6750 section 3)."""

    status = 401
    code = "unauthenticated"
    title = "A valid access token or API key is needed"

    def __init__(
        self, detail: str, *, presented: bool, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take the reason for the log, and whether there was a credential at all.

        `headers` stand in for our challenge where the refusal has words of its own.
        """
        challenge = f'{_REALM}, error="invalid_token"' if presented else _REALM
        super().__init__(detail=detail, headers=headers or {"WWW-Authenticate": challenge})


class MayNot(Problem):
    """The caller is known and may not do this (RFC 6750 section 3.1)."""

    status = 403
    code = "insufficient_permission"
    title = "The permission is missing"


class NotRecent(Problem):
    """The session is good, and too old for this."""

    status = 403
    code = "recent_sign_in_needed"
    title = "Sign in again before this"


@dataclass(frozen=True)
class Caller:
    """A person or a client, with the permissions that its roles and its token or key have, both.

    `platform` says that it belongs to an internal tenant: it may see what is not of one tenant.
    `fresh`: whether a person whose session it is proved who they are just now; a token has that
    behind it. `headers` go with every answer to the call: the nonce of the next proof.
    """

    kind: str
    id: str
    tenant_id: str
    platform: bool
    permissions: frozenset[Permission]
    actor: Actor
    fresh: bool = True
    headers: Headers = ()

    @property
    def grantor(self) -> Grantor:
        """Return what the rules of roles ask for."""
        return Grantor(self.id, self.permissions)

    def check(self, permission: Permission | None) -> None:
        """Raise MayNot without the permission; None is for whoever is known."""
        if permission is not None and permission not in self.permissions:
            raise MayNot(said("This needs the permission %(value)s.", value=permission.value))

    def check_recent(self) -> None:
        """Raise NotRecent for a session whose person did not sign in just now."""
        if not self.fresh:
            raise NotRecent("Sign in again, with your second factor if you have one.")


def of_session(
    transaction: Transaction,
    roles: RoleService,
    user: UserSnapshot,
    *,
    actor: Actor,
    fresh: bool = True,
) -> Caller:
    """Return who looks at the console: what the person's roles allow now, no token between."""
    tenant = transaction.tenant(user.tenant_id).get_one(Tenant, user.tenant_id)
    return Caller(
        "user",
        user.id,
        user.tenant_id,
        platform=tenant.type == _INTERNAL,
        permissions=roles.permissions_of(transaction, user.tenant_id, user.id),
        actor=actor,
        fresh=fresh,
    )


class Callers:
    """Finds the caller of a request."""

    def __init__(
        self,
        tokens: AccessTokens,
        clients: Snapshots[str, RegisteredClient],
        keys: Holders,
        *,
        database: Database,
        bound: BoundTokens,
    ) -> None:
        """Take what reads tokens, whose they are, who holds keys, where roles are, what proves."""
        self._tokens = tokens
        self._clients = clients
        self._keys = keys
        self._database = database
        self._bound = bound

    def of(self, request: MachineRequest) -> Caller:
        """Return who calls. Raises Unauthenticated.

        The token is for this API: its audience is the API's URL at the issuer that made it. A bound
        token comes with its proof or its certificate; a key is a bearer's.
        """
        scheme, _, presented = request.authorization.partition(" ")
        scheme, presented = scheme.lower(), presented.strip()
        if scheme not in {_BEARER, DPOP} or not presented:
            raise Unauthenticated("no access token", presented=False)
        if form.is_key(presented) and scheme == _BEARER:
            return self._holder(request, presented)
        try:
            token = self._tokens.read(presented, request.issuer)
        except InvalidToken as error:
            raise Unauthenticated(str(error), presented=True) from error
        if f"{request.issuer.url}{API}" not in token.audience:
            raise Unauthenticated("the token is for another service", presented=True)
        headers = self._shown(request, token, presented=presented, scheme=scheme)
        found = self._client if token.origin.family_id is None else self._person
        return replace(found(request, token), headers=headers)

    def _shown(
        self, request: MachineRequest, token: ReadToken, *, presented: str, scheme: str
    ) -> Headers:
        """Refuse who does not show the key of a bound token (RFC 9449 section 7, RFC 8705 3)."""
        client = self._clients.get(token.client_id)
        if client is None:
            raise Unauthenticated("the client is gone", presented=True)
        try:
            return self._bound.check(request, client, token, presented=presented, scheme=scheme)
        except OAuthError as refused:
            reason = f"{refused.description} {refused.detail}".strip()
            raise Unauthenticated(reason, presented=True, headers=refused.headers) from refused

    def _holder(self, request: MachineRequest, key: str) -> Caller:
        """Return who holds a key: a typo is told without a look-up."""
        if not form.is_whole(key):
            raise Unauthenticated("an API key with a typo", presented=True)
        issuer = request.issuer.tenant_id
        holder = self._keys.find(key, issuer_tenant=issuer, address=request.address)
        if holder is None:
            raise Unauthenticated("no such key, or it holds no more, or not here", presented=True)
        kind, owner = _owner(holder)
        actor = replace(request.actor(kind, owner), via=f"api_key:{holder.key_id}")
        return Caller(
            kind,
            owner,
            holder.tenant_id,
            platform=holder.tenant_type == _INTERNAL,
            permissions=_named(holder.scopes),
            actor=actor,
        )

    def _person(self, request: MachineRequest, token: ReadToken) -> Caller:
        person, allowed = self._allowed(token)
        actor = request.actor(ActorKind.USER, person.id)
        return Caller(
            "user",
            person.id,
            person.tenant.id,
            platform=person.tenant.type == _INTERNAL,
            permissions=allowed & _named(token.scope),
            actor=actor,
        )

    def _allowed(self, token: ReadToken) -> tuple[Person, frozenset[Permission]]:
        """Return whom a token is about and what their roles allow, as of one moment."""
        with self._database.read() as view:
            found = self._tokens.person_seen(view, token)
            if found is None:
                raise Unauthenticated("what the token depends on has ended", presented=True)
            person, _ = found
            return person, permissions_of(view, person.tenant.id, person.roles)

    def _client(self, request: MachineRequest, token: ReadToken) -> Caller:
        client = self._clients.get(token.client_id)
        if client is None or not client.usable or not self._tokens.is_live(token):
            raise Unauthenticated("what the token depends on has ended", presented=True)
        actor = request.actor(ActorKind.CLIENT, client.id)
        return Caller(
            "client",
            client.id,
            client.tenant.id,
            platform=client.tenant.type == _INTERNAL,
            permissions=_named(token.scope),
            actor=actor,
        )


def _owner(holder: Holder) -> tuple[str, str]:
    if holder.user_id is not None:
        return "user", holder.user_id
    return "client", str(holder.client_id)


def _named(scope: tuple[str, ...]) -> frozenset[Permission]:
    """Return the permissions that scopes name: a scope of this API is a permission's name."""
    known = {permission.value: permission for permission in Permission}
    return frozenset(known[name] for name in scope if name in known)

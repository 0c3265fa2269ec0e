"""/tenants/{tenant_id}/initial-access-tokens: what lets clients register themselves (RFC 7591)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select

from authserver.admin.api.clients.given import Scopes
from authserver.admin.api.clients.holding import check_holds
from authserver.admin.api.clients.registry import ONE as CLIENT
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.clients.models import Client
from authserver.clients.registering.models import InitialAccessToken
from authserver.clients.registering.policy import LONGEST_LIFE, MOST_CLIENTS, NewInitialToken
from authserver.clients.registering.service import SelfRegistrations
from authserver.clients.registering.tokens import InitialTokens
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.roles.catalogue import Permission

_TAG = "client registration"
_ALL = "/tenants/{tenant_id}/initial-access-tokens"
_Kinds = Annotated[
    list[Literal["web", "spa", "native", "device", "service"]], Field(min_length=1, max_length=5)
]
_AS_STORED = (
    "id", "name", "clients_left", "statement_issuer", "created_at", "expires_at", "revoked_at",
)  # fmt: skip


class NewToken(Given):
    """What an initial access token allows: so many clients, of these kinds, with these scopes.

    By default of the kind web, with the scopes of OpenID Connect.
    """

    name: Annotated[str, Field(max_length=120)]
    clients: Annotated[int, Field(ge=1, le=MOST_CLIENTS)] = 1
    days: Annotated[int, Field(ge=1, le=LONGEST_LIFE.days)] = 30
    kinds: _Kinds | None = None
    scopes: Scopes | None = None
    vouched: bool = False
    statement_issuer: Annotated[str | None, Field(max_length=255)] = None
    statement_keys: dict[str, Any] | None = None


class TokenShown(Shown):
    """An initial access token; not the token itself."""

    id: str
    name: str
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    clients_left: int
    vouched: bool
    statement_issuer: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenCreated(TokenShown):
    """A new initial access token, shown this once."""

    initial_access_token: str


class TokenPage(Page[TokenShown]):
    """A page of initial access tokens."""


class TokensQuery(PageQuery):
    """Which tokens."""

    revoked: Annotated[bool | None, Field(strict=False)] = None


class RenewedToken(Shown):
    """A client's new registration access token, shown this once."""

    client_id: str
    registration_access_token: str


class Registrations:
    """Operations on what lets clients register, and look after themselves."""

    def __init__(
        self, tokens: InitialTokens, registrations: SelfRegistrations, cursors: Cursors
    ) -> None:
        """Take what keeps the tokens, and what makes cursors."""
        self._tokens = tokens
        self._registrations = registrations
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.CLIENTS_READ, Permission.CLIENTS_WRITE
        return (
            Operation(
                "GET", _ALL, Does.READ, read, self.list_initial_tokens,
                "List initial access tokens", _TAG, query=TokensQuery, shows=TokenPage,
            ),
            Operation(
                "POST", _ALL, Does.CREATE, write, self.create_initial_token,
                "Let clients register themselves", _TAG, body=NewToken, shows=TokenCreated,
                sensitive=True,
            ),
            Operation(
                "DELETE", f"{_ALL}/{{token_id}}", Does.CHANGE, write, self.revoke_initial_token,
                "Let nobody register with a token any more; clients that did stay", _TAG,
                shows=TokenShown,
            ),
            Operation(
                "POST", f"{CLIENT}/registration-token", Does.CREATE, write,
                self.renew_registration_token,
                "Give a client that registered itself another registration access token", _TAG,
                shows=RenewedToken, sensitive=True,
            ),
        )  # fmt: skip

    def list_initial_tokens(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, oldest first."""
        wanted, revoked = select(InitialAccessToken), call.query.revoked
        if revoked is not None:
            wanted = wanted.where(InitialAccessToken.revoked_at.is_not(None) == revoked)
        rows = Rows(transaction.tenant(call.path["tenant_id"]), wanted, _TAG)
        items, after = self._cursors.page(rows, call, by=[InitialAccessToken.id], show=_shown)
        return Reply(TokenPage(items=items, next_cursor=after))

    def create_initial_token(self, transaction: Transaction, call: Call) -> Reply:
        """Make a token and show it this once."""
        new: NewToken = call.body
        more = {} if new.scopes is None else {"scopes": tuple(new.scopes)}
        asked = NewInitialToken(
            tenant_id=call.path["tenant_id"],
            name=new.name,
            clients=new.clients,
            life=timedelta(days=new.days),
            kinds=tuple(new.kinds or ("web",)),
            vouches=new.vouched,
            statement_issuer=new.statement_issuer,
            statement_keys=new.statement_keys,
            **more,
        )
        check_holds(call.caller, asked.scopes)
        row, token = self._tokens.create(transaction, asked, actor=call.caller.actor)
        return Reply(TokenCreated(**_document(row), initial_access_token=token))

    def revoke_initial_token(self, transaction: Transaction, call: Call) -> Reply:
        """Take a token back."""
        row = self._tokens.revoke(
            transaction,
            call.path["tenant_id"],
            call.path["token_id"],
            actor=call.caller.actor,
        )
        return Reply(_shown(row))

    def renew_registration_token(self, transaction: Transaction, call: Call) -> Reply:
        """Give a client another token to look after itself with."""
        tenant_id, client_id = call.path["tenant_id"], call.path["client_id"]
        client = transaction.tenant(tenant_id).get(Client, client_id)
        if client is not None:
            check_holds(call.caller, client.scopes)
        token = self._registrations.renew_token(
            transaction, tenant_id, client_id, actor=call.caller.actor
        )
        if token is None:
            raise NotFound("There is no such client that registered itself.")
        return Reply(RenewedToken(client_id=client_id, registration_access_token=token))


def _shown(row: InitialAccessToken) -> TokenShown:
    return TokenShown(**_document(row))


def _document(row: InitialAccessToken) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _AS_STORED},
        "kinds": tuple(row.kinds),
        "scopes": tuple(row.scopes),
        "vouched": row.vouches,
    }

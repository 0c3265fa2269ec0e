"""Who may register how many clients of which kinds. Values in, decision out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authserver.clients.jwks import check_jwks
from authserver.clients.metadata.document import Granting
from authserver.clients.policy import PEOPLE_SCOPES, UnfitRegistration, check_scopes, find_kind
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.problems import Problem
from authserver.core.said import reason, said
from authserver.tenants.policy import ClientRegistration, check_display_name
from authserver.tenants.snapshot import TenantSnapshot

# A partner is somebody that an operator has a contract with.
KINDS = ("web", "spa", "native", "device", "service")
MOST_CLIENTS = 10_000
LONGEST_LIFE = timedelta(days=366)
_TRUST = ("statement_issuer", "statement_keys")
UNUSED_FOR = timedelta(days=90)


class NotAdmitted(Problem):
    """The token does not let its bearer do this; why is for the log."""

    status = 401
    code = "invalid_token"
    title = "The token is not valid here"


@dataclass(frozen=True)
class NewInitialToken:
    """What an initial access token is made from; `statement_keys` are a key set."""

    tenant_id: str
    name: str
    clients: int
    life: timedelta
    kinds: tuple[str, ...] = ("web",)
    scopes: tuple[str, ...] = tuple(sorted(PEOPLE_SCOPES))
    vouches: bool = False
    statement_issuer: str | None = None
    statement_keys: object = None

    def values(self) -> dict[str, Any]:
        """Return the columns of the same names. Raises UnfitRegistration, UnfitName."""
        if not 0 < self.clients <= MOST_CLIENTS:
            raise UnfitRegistration(
                said("A token is for 1 to %(most_clients)s clients.", most_clients=MOST_CLIENTS)
            )
        if not timedelta(0) < self.life <= LONGEST_LIFE:
            raise UnfitRegistration(
                said("A token lives for 1 to %(days)s days.", days=LONGEST_LIFE.days)
            )
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise UnfitRegistration(
                said("Clients that register are of the kinds %(kinds)s.", kinds=", ".join(KINDS))
            )
        return {
            "name": check_display_name(self.name),
            "kinds": list(dict.fromkeys(self.kinds)),
            "scopes": check_scopes(find_kind("web"), self.scopes),
            "clients_left": self.clients,
            "vouches": self.vouches,
            **self._trusted(),
        }

    def _trusted(self) -> dict[str, Any]:
        issuer, keys = self.statement_issuer, self.statement_keys
        if (issuer is None) != (keys is None):
            raise UnfitRegistration("Software statements are trusted by an issuer and its keys.")
        if issuer is None:
            return {"statement_issuer": None, "statement_keys": None}
        try:
            parse_uri(issuer)
        except InvalidUri as error:
            raise UnfitRegistration(
                said("The issuer %(issuer)r is refused: %(why)s.", issuer=issuer, why=reason(error))
            ) from error
        return {"statement_issuer": issuer, "statement_keys": check_jwks(keys)}


@dataclass(frozen=True)
class Admission:
    """An initial access token that was found, and the tenant whose it is."""

    token_id: str
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    clients_left: int
    vouches: bool
    statement_issuer: str | None
    statement_keys: Mapping[str, object] | None
    expires_at: datetime
    revoked_at: datetime | None
    tenant: TenantSnapshot

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Admission":
        """Read a row of FIND_INITIAL_TOKEN or FIND_REGISTRATION."""
        names = ("clients_left", "vouches", *_TRUST, "expires_at", "revoked_at")
        return cls(
            token_id=row["token_id"],
            kinds=tuple(row["token_kinds"]),
            scopes=tuple(row["token_scopes"]),
            tenant=TenantSnapshot.of(row, prefix="owner_"),
            **{name: row[f"token_{name}"] for name in names},
        )

    def check_issuer(self, issuer_tenant_id: str | None) -> None:
        """Raise NotAdmitted at another tenant's issuer, and while the tenant is suspended."""
        if issuer_tenant_id not in {None, self.tenant.id}:
            raise NotAdmitted(detail="the token is of another tenant")
        if self.tenant.suspended:
            raise NotAdmitted(detail="the tenant is suspended")

    def check_new(self, now: datetime) -> None:
        """Raise NotAdmitted unless one more client may register now."""
        if self.tenant.client_registration == ClientRegistration.CLOSED:
            raise NotAdmitted(detail="the tenant lets no client register")
        if self.revoked_at is not None or now >= self.expires_at:
            raise NotAdmitted(detail="the token is revoked or over")
        if self.clients_left < 1:
            raise NotAdmitted(detail="the token is used up")

    def granting(self, *, at_tenant_issuer: bool, more: tuple[str, ...] = ()) -> Granting:
        """Return what a client gets; `more` are scopes that it has already."""
        return Granting(
            tenant_id=self.tenant.id,
            kinds=self.kinds,
            scopes=tuple(dict.fromkeys((*self.scopes, *more))),
            pkce_required=self.tenant.client_registration != ClientRegistration.PKCE_OPTIONAL,
            at_tenant_issuer=at_tenant_issuer,
            vouched_for=self.vouches,
        )

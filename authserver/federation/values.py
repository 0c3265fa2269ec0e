"""What goes between a provider, the decision and the pages: frozen, checked once, at the edge."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from authserver.core.net.email import EmailAddress

_LONGEST_KEY, _LONGEST_LABEL = 255, 320  # characters


class Kind(StrEnum):
    """Which provider a connection leads to, and so which connector speaks with it."""

    GOOGLE = "google"
    GITHUB = "github"
    AZURE_AD = "azure_ad"
    OIDC = "oidc"


class Target(StrEnum):
    """What a provider's claim may become: a closed list, so that no mapping reaches further."""

    EMAIL = "email"
    EMAIL_VERIFIED = "email_verified"
    NAME = "name"
    LOCALE = "locale"
    ZONEINFO = "zoneinfo"
    GROUPS = "groups"


@dataclass(frozen=True)
class Connection:
    """A connection as requests need it; frozen, read anew for each decision.

    `tenant_id` is None for one of the platform. `name` is unique in its tenant, or the platform: it
    is what `idp_hint` says. `server` is the provider's base URL: the issuer of `oidc`, a GitHub
    Enterprise Server, a sovereign cloud of Entra; empty for the public one. `allowed` are the
    values of `hd` (google), `tid` (azure_ad) or organisations (github) that may come in, none: any.
    `link_only`: it signs nobody in, people may only connect it. `trusts_amr`: what the provider
    says of a second factor counts; only for a tenant's own.
    """

    id: str
    tenant_id: str | None
    kind: Kind
    name: str
    label: str
    client_id: str
    server: str = ""
    scopes: tuple[str, ...] = ()
    enabled: bool = True
    link_only: bool = False
    allowed: tuple[str, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    creates_people: bool = False
    default_roles: tuple[str, ...] = ()
    group_roles: Mapping[str, str] = field(default_factory=dict)
    trusts_amr: bool = False
    keeps_tokens: bool = False
    position: int = 0

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles that it can give, by the names that it has for them."""
        return (*self.default_roles, *self.group_roles.values())

    def with_roles(self, spelled: Mapping[str, str], gone: Collection[str]) -> "Connection":
        """Return it with other spellings of roles, and without those that are gone."""
        return replace(
            self,
            default_roles=tuple(
                spelled.get(role, role) for role in self.default_roles if role not in gone
            ),
            group_roles={
                group: spelled.get(role, role)
                for group, role in self.group_roles.items()
                if role not in gone
            },
        )


@dataclass(frozen=True)
class Identity:
    """What a provider said of a person, checked by the connector of its kind.

    With the connection, `issuer` and `subject` are the key: for Entra the issuer that holds the
    `tid`, and the `oid`; for GitHub its base URL and the numeric id. Everything else may change
    and identifies nobody. `email` is None where there is none that can be read strictly;
    `email_verified` is the provider's own word. `domain` is Google's `hd`, `tenant` Entra's `tid`.
    `label` is what people see of it: an address, or a user name.
    """

    issuer: str
    subject: str
    label: str
    email: EmailAddress | None = None
    email_verified: bool = False
    domain: str | None = None
    tenant: str | None = None
    name: str = ""
    locale: str | None = None
    zoneinfo: str | None = None
    groups: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()

    @property
    def is_fit(self) -> bool:
        """Tell whether the key can be stored, and so compared, as it is."""
        key = (self.issuer, self.subject)
        return all(0 < len(part) <= _LONGEST_KEY and "\0" not in part for part in key)

    @property
    def shown(self) -> str:
        """Return the label as it is kept: what cannot be seen has no place in a mail."""
        return "".join(filter(str.isprintable, self.label))[:_LONGEST_LABEL]


@dataclass(frozen=True)
class Tokens:
    """What a provider gave for its own APIs; `expires_in` in seconds, None where it did not say."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    scope: str = ""

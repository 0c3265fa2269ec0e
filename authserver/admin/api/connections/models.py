"""What callers say of a connection, and what they read of it."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from authserver.admin.rest.operation import Given, Shown
from authserver.federation.administration.trying import Verdict
from authserver.federation.values import Connection

Text = Annotated[str, Field(max_length=255)]
Texts = Annotated[list[Text], Field(max_length=100)]
Pairs = Annotated[dict[Text, Text | None], Field(max_length=100)]
Secret = Annotated[str, Field(max_length=2048)]


class ConnectionPatch(Given):
    """What to change of a connection: what is left out stays."""

    label: Annotated[str, Field(max_length=60)] = ""
    client_id: Text = ""
    scopes: Texts = Field(default_factory=list)
    link_only: bool = False
    allowed: Texts = Field(default_factory=list)
    claims: Pairs = Field(default_factory=dict)
    creates_people: bool = False
    default_roles: Texts = Field(default_factory=list)
    group_roles: Pairs = Field(default_factory=dict)
    trusts_amr: bool = False
    keeps_tokens: bool = False
    position: Annotated[int, Field(ge=0, le=999)] = 0

    def sent(self, present: Connection | None = None) -> dict[str, Any]:
        """Return what was sent, as a connection has it; pairs beside those that there are.

        Of pairs, null takes one away (RFC 7396).
        """
        given = {name: getattr(self, name) for name in self.model_fields_set & _FIELDS}
        for name in _PAIRS & given.keys():
            merged = {**(getattr(present, name) if present else {}), **given[name]}
            given[name] = {one: value for one, value in merged.items() if value is not None}
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in given.items()
        }


_PAIRS = frozenset({"claims", "group_roles"})
_FIELDS = frozenset(ConnectionPatch.model_fields)


class NewConnection(ConnectionPatch):
    """A connection to make: name, kind and server stay as they are made."""

    name: Annotated[str, Field(max_length=40)]
    kind: Literal["google", "github", "azure_ad", "oidc"]
    label: Annotated[str, Field(max_length=60)]
    client_id: Text
    server: Text = ""
    client_secret: Secret = ""
    enabled: bool = True


class SecretGiven(Given):
    """Another client secret, as the provider made it; empty for none."""

    client_secret: Secret


class ConnectionShown(Shown):
    """A connection; never its secret. `redirect_uris` are to be registered at the provider."""

    id: str
    name: str
    kind: str
    label: str
    enabled: bool
    client_id: str
    server: str
    scopes: tuple[str, ...]
    link_only: bool
    allowed: tuple[str, ...]
    claims: dict[str, str]
    creates_people: bool
    default_roles: tuple[str, ...]
    group_roles: dict[str, str]
    trusts_amr: bool
    keeps_tokens: bool
    position: int
    redirect_uris: tuple[str, ...]


class ConnectionEnded(ConnectionShown):
    """A connection that was changed, and what that ended."""

    ended_sign_ins: int
    signed_out: int


class ConnectionList(Shown):
    """Connections, in the order of their buttons."""

    items: tuple[ConnectionShown, ...]


class Unlinked(Shown):
    """How many people were unlinked now, and whether there are more."""

    unlinked: int
    more: bool


class ConnectionTried(Shown):
    """What came of a trial, and where people would be sent."""

    verdict: Verdict
    authorization_endpoint: str | None


def document(connection: Connection, uris: list[str]) -> dict[str, Any]:
    """Return the fields that are shown."""
    values = asdict(connection)
    del values["tenant_id"]
    return {**values, "kind": connection.kind.value, "redirect_uris": tuple(uris)}

"""Whom a provider knows, and the codes it gave for them."""

import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Person:
    """Somebody with an account at the provider. What does not exist there is not said.

    `claims` go into their ID tokens and UserInfo, over what the provider says itself. `emails` are
    GitHub's: (address, primary, verified). `organizations` are GitHub's, with the state of the
    membership. `tenant` is Entra's `tid`, `domain` Google's `hd`.
    """

    subject: str
    name: str = "Ada Lovelace"
    email: str = ""
    email_verified: bool = True
    user_name: str = ""
    domain: str | None = None
    tenant: str = ""
    emails: list[tuple[str, bool, bool]] | None = None
    organizations: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    denies: bool = False


@dataclass(frozen=True)
class Grant:
    """What somebody allowed: the authorization request, and when they proved who they are."""

    person: Person
    request: dict[str, str]
    auth_time: int

    @property
    def scopes(self) -> list[str]:
        return self.request.get("scope", "").split()


class Vault:
    """Codes and tokens of a provider, each for one grant. A code works once."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def keep(self, grant: Grant, prefix: str) -> str:
        """Return a new secret for a grant."""
        secret = prefix + secrets.token_urlsafe(16)
        self._grants[secret] = grant
        return secret

    def find(self, secret: str) -> Grant | None:
        return self._grants.get(secret)

    def take(self, secret: str) -> Grant | None:
        return self._grants.pop(secret, None)

"""An access token of a provider that is good now: refreshed there when it is asked for.

The provider is spoken with outside of any job. Who wants to refresh claims the row first, so that
of many processes one does: a refresh token may be good for one use, and a second one may be taken
for theft. The others wait for what that one stores, a few seconds at most.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, EventType
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import NotFound, Unavailable
from authserver.federation import connections
from authserver.federation.connectors.base import (
    Connector,
    GrantEnded,
    UpstreamDown,
    UpstreamRefused,
)
from authserver.federation.journeys import Connectors
from authserver.federation.tokens.vault import Kept, Vault
from authserver.federation.values import Tokens
from authserver.mfa.notices import Reports

_EARLY = timedelta(minutes=1)  # before its end a token is not given out any more
_REFRESHING = timedelta(minutes=1)  # more than a provider is waited for
_NOT_NOW = "The provider gives no token now: try again later."
_LOOK_EVERY, _LOOKS = 0.25, 40  # seconds, times


@dataclass(frozen=True)
class AccessToken:
    """What the provider's APIs take, and until when."""

    value: str = field(repr=False)
    scope: str
    expires_at: datetime | None


@dataclass(frozen=True)
class CurrentTokens:
    """Gives tokens to who acts for a person at their provider."""

    database: Database
    vault: Vault
    connectors: Connectors
    keyring: Keyring
    reports: Reports
    wait: Callable[[float], None] = time.sleep

    def of(
        self, user: UserSnapshot, identity_id: str, *, by: Actor, anew: bool = False
    ) -> AccessToken:
        """Return a good access token of an identity of the account; `anew`: another than is kept.

        Raises NotFound where the person has to sign in at the provider first, and Unavailable where
        the provider does not answer. Never call it in a job: it may take seconds.
        """
        before = self._kept(user, identity_id).updated_at if anew else None
        for _ in range(_LOOKS):
            kept = self._kept(user, identity_id)
            now = self.reports.clock.now()
            if kept.good_at(now + _EARLY) and kept.updated_at != before:
                return AccessToken(kept.access_token, kept.scope, kept.expires_at)
            if not kept.claimed_at(now) and (version := self._claim(kept, now)):
                self._refresh(kept, version, by=by)
            else:
                self.wait(_LOOK_EVERY)
        raise Unavailable(
            _NOT_NOW, detail="another process refreshes the provider's token for too long"
        )

    def _kept(self, user: UserSnapshot, identity_id: str) -> Kept:
        with self.database.read() as view:
            kept = self.vault.find(view, user, identity_id)
        if kept is None:
            raise NotFound("No tokens of this provider are kept.")
        return kept

    def _claim(self, kept: Kept, now: datetime) -> int | None:
        if kept.refresh_token is None:
            raise NotFound("The provider's token is over, and it gave none to refresh it by.")
        until = now + _REFRESHING
        return self.database.write(
            lambda transaction: self.vault.claim(transaction, kept, until=until, now=now)
        )

    def _refresh(self, kept: Kept, version: int, *, by: Actor) -> None:
        """Ask the provider, and store what it says."""
        try:
            tokens = self._connector(kept).refresh(kept.refresh_token or "")
        except GrantEnded as ended:
            self.database.write(lambda transaction: self._drop(transaction, kept, version, by=by))
            raise NotFound(
                "The provider gives no token until the person signs in there again.",
                detail=str(ended),
            ) from ended
        except BaseException as error:
            self.database.write(lambda transaction: self.vault.release(transaction, kept, version))
            if isinstance(error, UpstreamDown | UpstreamRefused):
                raise Unavailable(_NOT_NOW, detail=f"provider: {error}") from error
            raise
        self._store(kept, version, tokens)

    def _store(self, kept: Kept, version: int, tokens: Tokens) -> None:
        now = self.reports.clock.now()
        self.database.write(
            lambda transaction: self.vault.renew(transaction, kept, version, tokens=tokens, now=now)
        )

    def _connector(self, kept: Kept) -> Connector:
        with self.database.read() as view:
            connection = connections.find(view, kept.connection_id)
            if connection is None or not (connection.enabled and connection.keeps_tokens):
                raise NotFound("The connection keeps no tokens, or is switched off.")
            secret = connections.client_secret(view, connection.id, self.keyring)
        return self.connectors.of(connection, secret)

    def _drop(self, transaction: Transaction, kept: Kept, version: int, *, by: Actor) -> None:
        if self.vault.drop(transaction, kept, version):
            resource = f"identity:{kept.identity_id}"
            self.reports.record(
                transaction, EventType.PROVIDER_TOKENS_DROPPED, kept.user, by=by, resource=resource
            )

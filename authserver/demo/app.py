"""The authenticator app of the demo: the only one whose secret is known beforehand.

It exists nowhere else: the demo's data is loaded into a loopback issuer alone.
"""

from base64 import b32decode
from dataclasses import dataclass
from datetime import timedelta

import pyotp

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.demo.people import APP_SECRET
from authserver.mfa import authenticators

# The code that proves an app is used up: it is one of a minute ago, so that those of now are not.
_EARLIER = timedelta(minutes=1)


@dataclass(frozen=True)
class DemoApp:
    """Connects the app with an account."""

    trail: Trail
    keyring: Keyring
    clock: Clock

    def connect(self, transaction: Transaction, user: UserSnapshot, *, by: Actor) -> None:
        """Let the account have the app, as if its owner had scanned it and typed a code."""
        seed, moment = b32decode(APP_SECRET), self.clock.now() - _EARLIER
        app = authenticators.begin(transaction, user, seed=seed, keyring=self.keyring, now=moment)
        code = pyotp.TOTP(APP_SECRET).at(moment)
        authenticators.confirm(transaction, user, app, code=code, keyring=self.keyring, now=moment)
        event = Event(
            EventType.FACTOR_ADDED, user.tenant_id, by, subject=user.id, resource=f"factor:{app}"
        )
        self.trail.record(transaction, event)

"""Devices that ask: what they are given, and the browser in which their code is entered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import Problem, Unavailable
from authserver.oauth.authorize.accounts.situation import Situation
from authserver.oauth.authorize.pending import BROWSER
from authserver.oauth.device import codes, statements
from authserver.oauth.device.guessing import Guesses
from authserver.oauth.token.request import TokenRequest
from authserver.tenants.service import instance_of

DEVICE_CODE = "device_code"
_TABLE = "device_authorizations"
_TRIES = 3


class UnknownUserCode(Problem):
    """The code is wrong, over, or was entered elsewhere: all the same from outside."""

    code = "unknown_user_code"
    title = "This code is not valid"


@dataclass(frozen=True)
class Rules:
    """How long a code lives, and how often a device may ask."""

    life: timedelta
    interval: timedelta


@dataclass(frozen=True)
class Given:
    """What a device is given, in clear, this once."""

    device_code: str
    user_code: str


@dataclass(frozen=True)
class Waiting:
    """A device that waits, as its row says."""

    id: str
    tenant_id: str
    client_id: str
    issuer: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    address: bytes | None  # encrypted
    interval: timedelta
    polls: int
    polled_at: datetime | None
    created_at: datetime
    expires_at: datetime
    denied_at: datetime | None
    device_code_hash: bytes


class Devices:
    """Keeps devices. `keys` make the hashes of user codes, the active one first."""

    def __init__(  # noqa: PLR0913  what stores, what hashes, what records
        self,
        database: Database,
        guesses: Guesses,
        rules: Rules,
        *,
        keys: Sequence[bytes],
        keyring: Keyring,
        trail: Trail,
        clock: Clock,
    ) -> None:
        """Take what stores, counts and records."""
        self._database = database
        self._guesses = guesses
        self.rules = rules
        self._keys = keys
        self._keyring = keyring
        self._trail = trail
        self._clock = clock

    def request(
        self, transaction: Transaction, asked: TokenRequest, *, scope: Sequence[str]
    ) -> Given:
        """Store a device that asks, and return its codes."""
        for _ in range(_TRIES):
            given = Given(f"dc_{new_secret()}", codes.new_user_code())
            if self._stored(transaction, asked, given, scope=scope):
                return given
        raise Unavailable("Please try again.", detail="no user code is free")

    def _stored(
        self, transaction: Transaction, asked: TokenRequest, given: Given, *, scope: Sequence[str]
    ) -> bool:
        device_id, client, now = new_id("dev"), asked.client, asked.now
        place = Place(_TABLE, "address", device_id)
        values = {
            "id": device_id,
            "tenant_id": client.tenant.id,
            "device_code_hash": fingerprint(given.device_code, DEVICE_CODE),
            "user_code_hash": codes.hashes(given.user_code, self._keys)[0],
            "client_id": client.id,
            "issuer": asked.issuer.url,
            "scope": list(scope),
            "resources": list(asked.resources),
            "address": self._keyring.encrypt_text(asked.address, place),
            "interval": int(self.rules.interval.total_seconds()),
            "created_at": now,
            "expires_at": now + self.rules.life,
        }
        if transaction.change(statements.INSERT_DEVICE, values) != 1:
            return False
        event = Event(
            EventType.DEVICE_REQUESTED,
            client.tenant.id,
            asked.actor(),
            resource=f"device:{device_id}",
            facts={"scope": list(scope), "resources": list(asked.resources)},
        )
        self._trail.record(transaction, event)
        return True

    def enter(self, text: str, *, issuer: str, browser: str, actor: Actor) -> Waiting:
        """Return the device whose code somebody typed, from now on of their browser alone.

        Raises UnknownUserCode or TooManyUserCodes; wrong ones are counted, whatever is wrong.
        """
        now, code = self._clock.now(), codes.typed(text)

        def job(transaction: Transaction) -> Waiting:
            last = self._guesses.count(transaction, actor.address, now)
            found = self._claimed(transaction, code, issuer=issuer, browser=browser, now=now)
            if found is None:
                if last:
                    self._record_closed(transaction, actor)
                raise UnknownUserCode(detail="unknown, over, or of another browser or issuer")
            self._guesses.forgive(transaction, actor.address)
            event = device_event(
                EventType.DEVICE_CODE_ENTERED, found.tenant_id, found.id, actor=actor
            )
            self._trail.record(transaction, event)
            return found

        return self._database.write(job)

    def of(self, situation: Situation) -> Waiting | None:
        """Return the device that a sign-in is for, if it is for one."""
        device_id = situation.request.device
        if device_id is None:
            return None
        wanted = {"of_tenant": situation.client.tenant.id, "device_id": device_id}
        with self._database.read() as view:
            row = view.row(statements.FIND_DEVICE, wanted)
        return _read(row) if row else None

    def place_of(self, waiting: Waiting) -> str:
        """Return the address that a device asked from."""
        return self._keyring.decrypt_text(waiting.address, Place(_TABLE, "address", waiting.id))

    def _claimed(
        self,
        transaction: Transaction,
        code: str | None,
        *,
        issuer: str,
        browser: str,
        now: datetime,
    ) -> Waiting | None:
        found = self._of_user_code(transaction, code) if code else None
        if found is None or found.issuer != issuer:
            return None
        values = {
            "of_tenant": found.tenant_id,
            "device_id": found.id,
            "of_browser": browser_hash(browser),
            "now": now,
        }
        return found if transaction.change(statements.CLAIM_DEVICE, values) == 1 else None

    def _of_user_code(self, transaction: Transaction, code: str) -> Waiting | None:
        for stored in codes.hashes(code, self._keys):
            row = transaction.row(statements.DEVICE_OF_USER_CODE, {"code_hash": stored})
            if row is not None:
                return _read(row)
        return None

    def _record_closed(self, transaction: Transaction, actor: Actor) -> None:
        instance = instance_of(transaction)
        event = Event(EventType.DEVICE_CODES_REFUSED, instance, replace(actor, principal=instance))
        self._trail.record(transaction, event)


def find(transaction: Transaction, device_code: str) -> Waiting | None:
    """Look a device up by its code."""
    wanted = {"code_hash": fingerprint(device_code, DEVICE_CODE)}
    row = transaction.row(statements.DEVICE_OF_DEVICE_CODE, wanted)
    return _read(row) if row else None


def note_poll(
    transaction: Transaction, waiting: Waiting, *, now: datetime, interval: timedelta
) -> bool:
    """Note that a device asked; False where it asked at the same moment from elsewhere."""
    values = {
        "of_tenant": waiting.tenant_id,
        "device_id": waiting.id,
        "seen_polls": waiting.polls,
        "now": now,
        "next_interval": int(interval.total_seconds()),
    }
    return transaction.change(statements.NOTE_POLL, values) == 1


def device_event(type_: EventType, tenant_id: str, device_id: str, *, actor: Actor) -> Event:
    """Return an event about a device; somebody who is nobody yet acts as their tenant's."""
    actor = replace(actor, principal=actor.principal or tenant_id)
    return Event(type_, tenant_id, actor, resource=f"device:{device_id}")


def _read(row: dict[str, Any]) -> Waiting:
    return Waiting(
        **{name: row[name] for name in _AS_STORED},
        scope=tuple(row["scope"]),
        resources=tuple(row["resources"]),
        interval=timedelta(seconds=row["interval"]),
    )


_AS_STORED = (
    "id", "tenant_id", "client_id", "issuer", "address", "polls", "polled_at", "created_at",
    "expires_at", "denied_at", "device_code_hash",
)  # fmt: skip


def browser_hash(flow_token: str) -> bytes:
    """Return what names the browser in which a code was entered, as pending requests do."""
    return fingerprint(flow_token, BROWSER)

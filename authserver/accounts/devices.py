"""Browsers that signed in to an account before, each known by the token in a cookie of its own.

A platform service in one point: one browser's token names it to accounts of several tenants, and
all of them follow when the token is changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.models import FailureCounter, KnownDevice
from authserver.accounts.statements import KNOWN_DEVICE, MEET_BROWSER
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.database.types import UtcTime
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.net.browsers import Device

KNOWN_FOR = timedelta(days=180)
_PURPOSE = "device"


@dataclass(frozen=True)
class Known:
    """A browser that the account knows; `present` is the one that asks."""

    id: str
    device: Device
    created_at: datetime
    last_seen_at: datetime
    present: bool


@dataclass(frozen=True)
class Met:
    """A browser that has just signed in: its new token, for the cookie.

    `is_news`: the account did not know it, and knows others.
    """

    token: str
    is_news: bool = False


def recognise(
    transaction: Transaction, tenant_id: str, *, user_id: str, token: str | None, now: datetime
) -> str | None:
    """Return the id of the device if the account knows it. One statement, whatever is asked."""
    wanted = asked_about(tenant_id, user_id, token=token, now=now)
    row = transaction.row(KNOWN_DEVICE, wanted)
    return row["id"] if row else None


def asked_about(
    tenant_id: str, user_id: str, *, token: str | None, now: datetime
) -> dict[str, object]:
    """Return what statements ask by whether the account knows a browser."""
    return {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "token_hash": _hash(token or ""),
        "seen_after": now - KNOWN_FOR,
    }


def remember(
    transaction: Transaction,
    user: UserSnapshot,
    *,
    token: str | None,
    device: Device,
    keyring: Keyring,
    now: datetime,
) -> Met:
    """Make the browser known to the account, under a new token.

    `token` is the one that it has, if any; `device` is what its owner will know it by. The token
    changes at each sign-in, for every account that knows the browser: one that somebody planted or
    copied is worth nothing afterwards.
    """
    fresh = new_secret()
    if token and _move(transaction, token, fresh, seen_by=user.id, now=now):
        return Met(fresh)
    device_id = new_id("dev")
    row = {
        "new_device": device_id,
        "user_id": user.id,
        "tenant_id": user.tenant_id,
        "token_hash": _hash(fresh),
        "words": keyring.encrypt_text(device.words(), _place(device_id)),
        "now": now,
        "seen_after": now - KNOWN_FOR,
    }
    met = transaction.row(MEET_BROWSER, row)
    return Met(fresh, is_news=met is not None and met["knows_others"])


def forget_all(transaction: Transaction, tenant_id: str, user_id: str) -> None:
    """Make every browser unknown to the account, and start all its counters anew."""
    session = transaction.tenant(tenant_id)
    session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))
    session.execute(delete(FailureCounter).where(FailureCounter.user_id == user_id))


def known_to(
    transaction: Transaction,
    tenant_id: str,
    *,
    user_id: str,
    token: str | None,
    keyring: Keyring,
    now: datetime,
) -> list[Known]:
    """Return the browsers that the account knows, the latest used first. `token` is the asker's."""
    wanted = (
        select(KnownDevice)
        .where(KnownDevice.user_id == user_id, KnownDevice.last_seen_at > now - KNOWN_FOR)
        .order_by(KnownDevice.last_seen_at.desc(), KnownDevice.id)
    )
    presented = _hash(token or "")
    return [
        Known(
            row.id,
            Device.of_words(keyring.decrypt_text(row.device, _place(row.id))),
            row.created_at,
            row.last_seen_at,
            row.token_hash == presented,
        )
        for row in transaction.tenant(tenant_id).scalars(wanted)
    ]


def forget(transaction: Transaction, tenant_id: str, *, user_id: str, device_id: str) -> bool:
    """Make one browser unknown to the account, its failures with it; False if it was unknown."""
    session = transaction.tenant(tenant_id)
    mine = KnownDevice.user_id == user_id
    gone = delete(KnownDevice).where(mine, KnownDevice.id == device_id).returning(KnownDevice.id)
    if session.execute(gone).first() is None:
        return False
    counted = (FailureCounter.user_id == user_id) & (FailureCounter.device == device_id)
    session.execute(delete(FailureCounter).where(counted))
    return True


def forget_others(
    transaction: Transaction, tenant_id: str, *, user_id: str, token: str | None
) -> None:
    """Make every other browser unknown to the account, and start all its counters anew."""
    session = transaction.tenant(tenant_id)
    others = delete(KnownDevice).where(
        KnownDevice.user_id == user_id, KnownDevice.token_hash != _hash(token or "")
    )
    session.execute(others)
    session.execute(delete(FailureCounter).where(FailureCounter.user_id == user_id))


def _place(device_id: str) -> Place:
    return Place("known_devices", "device", device_id)


def _hash(token: str) -> bytes:
    return fingerprint(token, _PURPOSE)


def _move(transaction: Transaction, old: str, new: str, *, seen_by: str, now: datetime) -> bool:
    """Give the browser's rows, of every account, its new token; tell if this one has one."""
    now_if_seen = case(
        (KnownDevice.user_id == seen_by, literal(now, UtcTime())), else_=KnownDevice.last_seen_at
    )
    moved = (
        update(KnownDevice)
        .where(KnownDevice.token_hash == _hash(old))
        .values(token_hash=_hash(new), last_seen_at=now_if_seen)
        .returning(KnownDevice.user_id)
        .execution_options(synchronize_session=False)
    )
    return seen_by in transaction.platform().scalars(moved).all()

"""Signing keys, and the calendar by which they change: part of the wiring."""

from authserver.tokens.keys import KeyService
from authserver.tokens.rotation import KeyCalendar
from authserver.wiring.caches import Caches
from authserver.wiring.minting import longest
from authserver.wiring.signing_in import Ground


def make_key_service(ground: Ground) -> KeyService:
    """Return what makes signing keys."""
    settings = ground.settings
    return KeyService(
        keyring=ground.keyring,
        trail=ground.trail,
        clock=ground.clock,
        publish=settings.key_publish,
        longest_token=longest(settings),
    )


def make_calendar(ground: Ground, keys: KeyService, caches: Caches) -> KeyCalendar:
    """Return what rotates them in time."""
    settings = ground.settings
    return KeyCalendar(
        ground.database,
        keys,
        ground.clock,
        times=(settings.key_rotation, settings.key_publish),
        changed=caches.watch.changed,
    )

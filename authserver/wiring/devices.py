"""What keeps devices (RFC 8628), built from the settings: part of the wiring, beside app.py."""

from collections.abc import Sequence

from authserver.oauth.device.guessing import Guesses
from authserver.oauth.device.service import Devices, Rules
from authserver.wiring.services import Services


def make_devices(services: Services, keys: Sequence[bytes]) -> Devices:
    """Return it; `keys` make the hashes of user codes."""
    settings = services.settings
    return Devices(
        services.database,
        Guesses(settings.device_code_attempts),
        Rules(settings.device_code_life, settings.device_interval),
        keys=keys,
        keyring=services.keyring,
        trail=services.trail,
        clock=services.clock,
    )

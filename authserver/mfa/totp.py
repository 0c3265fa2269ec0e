"""Time-based one-time passwords (RFC 6238): six digits of SHA-1, new every 30 seconds.

The library says only whether a code is right. A used step must never count again (section 5.2), so
the step that matched is worked out here.
"""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from authserver.core.crypto import same

STEP_SECONDS = 30
DIGITS = 6
_SEED_BYTES = 20  # RFC 4226 section 4, R6
_TOLERANCE = 1  # steps that a clock may be off (section 5.2)
_GROUP = 4


@dataclass(frozen=True)
class Secret:
    """What an app is connected by: a picture, and the same as text, in groups and without."""

    picture: str
    text: str
    groups: str


def new_seed() -> bytes:
    """Return 160 random bits."""
    return secrets.token_bytes(_SEED_BYTES)


def as_text(seed: bytes) -> str:
    """Return a seed as people type it into an app: base 32."""
    return b32encode(seed).decode()


def uri(seed: bytes, *, account: str, issuer: str) -> str:
    """Return what the QR code says (otpauth://totp/...)."""
    return pyotp.TOTP(as_text(seed), digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=account, issuer_name=issuer
    )


def secret(seed: bytes, *, account: str, issuer: str) -> Secret:
    """Return a seed as pages show it."""
    text = as_text(seed)
    # Dark on light whatever the theme: not every app reads an inverted picture.
    code = segno.make_qr(uri(seed, account=account, issuer=issuer), error="m")
    picture = code.svg_data_uri(border=2, dark="#000", light="#fff", omitsize=True)
    groups = " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
    return Secret(picture, text, groups)


def step_of(moment: datetime) -> int:
    """Return the number of the time step."""
    return int(moment.timestamp()) // STEP_SECONDS


def matched_step(seed: bytes, code: str, now: datetime, *, after: int | None) -> int | None:
    """Return the step that a code is of, None for a wrong one or one that is not after `after`.

    Every step is compared, in constant time.
    """
    typed = "".join(code.split()).encode()
    generator, here = pyotp.TOTP(as_text(seed), digits=DIGITS, interval=STEP_SECONDS), step_of(now)
    steps = range(here - _TOLERANCE, here + _TOLERANCE + 1)
    matching = [step for step in steps if same(generator.generate_otp(step).encode(), typed)]
    return next((step for step in matching if after is None or step > after), None)

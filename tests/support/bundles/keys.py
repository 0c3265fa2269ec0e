"""Keys of a log and of witnesses, and what they sign."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

ORIGIN = "id.example.test/trail"
_TYPES = {"ed25519": b"\x01", "ml-dsa-65": b"\xffauthserver ML-DSA-65"}
_MADE = {"ed25519": Ed25519PrivateKey, "ml-dsa-65": MLDSA65PrivateKey}


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    return f"\u2014 {name} {base64(key_id + signature)}\n"


@dataclass
class LogKey:
    """A key that signs checkpoints."""

    since: datetime
    until: datetime | None = None
    signer: "LogKey | None" = None
    algorithm: str = "ed25519"
    name: str = ORIGIN
    private: Any = None

    def __post_init__(self) -> None:
        self.private = self.private or _MADE[self.algorithm].generate()

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        named = self.name.encode() + b"\n" + _TYPES[self.algorithm] + self.public
        return sha256(named).digest()[:4]

    def line(self, text: str) -> str:
        return signature_line(self.name, self.id, self.private.sign(text.encode()))

    @property
    def cross(self) -> bytes | None:
        if self.signer is None:
            return None
        since = self.since.astimezone(UTC).isoformat()
        said = ["authserver trail key", self.name, self.algorithm, base64(self.public), since, ""]
        text = "\n".join(said)
        return self.signer.private.sign(text.encode())

    def members(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "id": self.id.hex(),
            "algorithm": self.algorithm,
            "public": base64(self.public),
            "from": written(self.since),
            "until": self.until and written(self.until),
            "signer": self.signer and self.signer.id.hex(),
            "cross": self.cross and base64(self.cross),
        }

    def published(self) -> dict[str, Any]:
        """As /.well-known/audit-keys has it."""
        return {
            "id": f"tky_{self.id.hex()}",
            "name": self.name,
            "key_id": self.id.hex(),
            "algorithm": self.algorithm,
            "public_key": base64(self.public),
            "valid_from": self.since.isoformat(),
            "valid_until": self.until and self.until.isoformat(),
            "signed_by": self.signer and f"tky_{self.signer.id.hex()}",
            "statement": "",
            "cross_signature": self.cross and base64(self.cross),
        }


@dataclass
class Witness:
    """Somebody who cosigns (C2SP tlog-cosignature v1)."""

    name: str = "witness.example.test"
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return b"\x04" + self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.public).digest()[:4]

    @property
    def known_as(self) -> str:
        """The key as files of witnesses have it."""
        return f"{self.name}+{self.id.hex()}+{base64(self.public)}"

    def line(self, text: str, time: int = 1_800_000_000) -> str:
        signed = f"cosignature/v1\ntime {time}\n{text}".encode()
        return signature_line(
            self.name, self.id, time.to_bytes(8, "big") + self.private.sign(signed)
        )

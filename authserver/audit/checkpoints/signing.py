"""Signature algorithms of notes: Ed25519, and ML-DSA-65 beside it for who fears the future.

A key's kind is part of its id (C2SP signed-note): 0x01 is Ed25519; for ML-DSA-65 none is assigned,
so it is 0xff with a name of our own behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from authserver.audit.checkpoints.note import Note, Signature, key_id

ED25519, ML_DSA_65 = "ed25519", "ml-dsa-65"


class _Private(Protocol):
    def sign(self, data: bytes) -> bytes: ...


class _Public(Protocol):
    def verify(self, signature: bytes, data: bytes) -> None: ...


@dataclass(frozen=True)
class Algorithm:
    """How keys of a kind are made and read, as raw bytes."""

    kind: bytes
    generate: Callable[[], bytes]
    private: Callable[[bytes], _Private]
    public_of: Callable[[bytes], bytes]
    public: Callable[[bytes], _Public]


ALGORITHMS = {
    ED25519: Algorithm(
        b"\x01",
        lambda: Ed25519PrivateKey.generate().private_bytes_raw(),
        Ed25519PrivateKey.from_private_bytes,
        lambda raw: Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw(),
        Ed25519PublicKey.from_public_bytes,
    ),
    ML_DSA_65: Algorithm(
        b"\xffauthserver ML-DSA-65",
        lambda: MLDSA65PrivateKey.generate().private_bytes_raw(),
        MLDSA65PrivateKey.from_seed_bytes,
        lambda raw: MLDSA65PrivateKey.from_seed_bytes(raw).public_key().public_bytes_raw(),
        MLDSA65PublicKey.from_public_bytes,
    ),
}


@dataclass(frozen=True)
class Verifier:
    """A public key, by the name under which it signs notes."""

    name: str
    algorithm: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Return its id in notes."""
        return key_id(self.name, ALGORITHMS[self.algorithm].kind, self.public_key)

    def verifies(self, data: bytes, signature: bytes) -> bool:
        """Tell whether it made the signature."""
        try:
            ALGORITHMS[self.algorithm].public(self.public_key).verify(signature, data)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    def signed(self, note: Note) -> bool:
        """Tell whether a line of a note is its signature; a wrong one beside a right one is not."""
        own = [one for one in note.signatures if (one.name, one.key_id) == (self.name, self.key_id)]
        return bool(own) and all(self.verifies(note.text.encode(), one.signature) for one in own)


@dataclass(frozen=True)
class Signer:
    """A private key, ready to sign notes."""

    verifier: Verifier
    private_key: bytes

    def sign(self, text: str) -> Signature:
        """Return its line for a text."""
        return Signature(self.verifier.name, self.verifier.key_id, self.signature(text.encode()))

    def signature(self, data: bytes) -> bytes:
        """Return its signature over bytes."""
        return ALGORITHMS[self.verifier.algorithm].private(self.private_key).sign(data)


def new_signer(name: str, algorithm: str) -> Signer:
    """Return a new key."""
    made = ALGORITHMS[algorithm]
    private = made.generate()
    return Signer(Verifier(name, algorithm, made.public_of(private)), private)

"""Cosignatures (C2SP tlog-cosignature v1), and keys of witnesses as text (C2SP signed-note)."""

from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from authserver.audit.checkpoints.note import Note, Signature, is_name, key_id

_KIND = b"\x04"
_KEY = 32  # bytes
_TIME = 8  # bytes of seconds, before the signature
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True)
class WitnessKey:
    """The public key of a witness, by the name under which it signs."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Return its id in notes."""
        return key_id(self.name, _KIND, self.public_key)

    def text(self) -> str:
        """Return it as others are told: name, id and key."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_KIND + self.public_key).decode()}"

    def made(self, line: Signature, text: str) -> bool:
        """Tell whether a line is its cosignature of a text."""
        if (line.name, line.key_id) != (self.name, self.key_id):
            return False
        seconds, signature = int.from_bytes(line.signature[:_TIME]), line.signature[_TIME:]
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(signature, _message(seconds, text))
        except (InvalidSignature, ValueError):
            return False
        return True

    def found_in(self, note: Note) -> list[Signature]:
        """Return its cosignatures in a note."""
        return [line for line in note.signatures if self.made(line, note.text)]


@dataclass(frozen=True)
class Cosigner:
    """The private key of a witness."""

    name: str
    private_key: bytes

    @property
    def key(self) -> WitnessKey:
        """Return the public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.private_key)
        return WitnessKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int) -> Signature:
        """Return the cosignature of a checkpoint's text at a time since 1970."""
        private = Ed25519PrivateKey.from_private_bytes(self.private_key)
        signature = private.sign(_message(seconds, text))
        time = seconds.to_bytes(_TIME, "big")
        return Signature(self.name, self.key.key_id, time + signature)

    def text(self) -> str:
        """Return it as it is kept."""
        secret = b64encode(_KIND + self.private_key).decode()
        return f"{_PRIVATE}{self.name}+{self.key.key_id.hex()}+{secret}"


def new_cosigner(name: str) -> Cosigner:
    """Return a new key."""
    return Cosigner(name, Ed25519PrivateKey.generate().private_bytes_raw())


def read_key(text: str) -> WitnessKey:
    """Read the public key of a witness. Raises ValueError."""
    name, id_, data = _parts(text)
    key = WitnessKey(name, data)
    if id_ != key.key_id.hex():
        raise ValueError("the key of a witness has another id")
    return key


def read_cosigner(text: str) -> Cosigner:
    """Read what `Cosigner.text` wrote. Raises ValueError."""
    if not text.startswith(_PRIVATE):
        raise ValueError("that is no private key of a witness")
    name, id_, data = _parts(text.removeprefix(_PRIVATE))
    cosigner = Cosigner(name, data)
    if id_ != cosigner.key.key_id.hex():
        raise ValueError("the key of a witness has another id")
    return cosigner


def _parts(text: str) -> tuple[str, str, bytes]:
    parts = text.strip().split("+", 2)
    data = b64decode(parts[-1], validate=True)
    if len(parts) != len(("name", "id", "key")) or not is_name(parts[0]):
        raise ValueError("the key of a witness is name+id+key")
    if data[:1] != _KIND or len(data) != 1 + _KEY:
        raise ValueError("the key of a witness is for cosignatures by Ed25519")
    return parts[0], parts[1], data[1:]


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()

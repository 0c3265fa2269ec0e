"""Values of rows as a line of JSON has them: times, bytes, and what is encrypted in its row."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authserver.core.crypto import Keyring
from authserver.moving.sealing import UnfitCopy
from authserver.ops.reencryption import Encrypted

_TIME, _BYTES, _SECRET = "t", "b", "s"
Sealed = Mapping[str, Encrypted]


def packed(row: Mapping[str, Any], sealed: Sealed, keyring: Keyring) -> dict[str, object]:
    """Return a row for the file. What was encrypted is plain in it: the file is encrypted."""
    return {
        name: _secret(sealed[name], row, keyring) if name in sealed else _packed(value)
        for name, value in row.items()
    }


def unpacked(row: Mapping[str, Any], sealed: Sealed, keyring: Keyring) -> dict[str, object]:
    """Return a row of the file for the database. Raises UnfitCopy."""
    try:
        plain = {name: _unpacked(value) for name, value in row.items()}
    except (ValueError, TypeError, KeyError) as error:
        raise UnfitCopy("The copy has a value that cannot be read.") from error
    for name, column in sealed.items():
        value = plain.get(name)
        if isinstance(value, bytes):
            plain[name] = keyring.encrypt(value, column.place(plain[column.key.name]))
    return plain


def _secret(column: Encrypted, row: Mapping[str, Any], keyring: Keyring) -> object:
    if row[column.column] is None:
        return None
    plain = keyring.decrypt(row[column.column], column.place(row[column.key.name]))
    return {_SECRET: b64encode(plain).decode()}


def _packed(value: Any) -> object:  # noqa: ANN401  of any column
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {_BYTES: b64encode(bytes(value)).decode()}
    if isinstance(value, dict | list):
        return {"j": value}
    return value


def _unpacked(value: Any) -> object:  # noqa: ANN401  of any column
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == _TIME:
        return datetime.fromisoformat(inner)
    return inner if kind == "j" else b64decode(inner, validate=True)

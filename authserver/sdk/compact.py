"""The JWS compact form, read more strictly than any library does: one reading, no guesses."""

import base64
import json
import re
from dataclasses import dataclass
from typing import NoReturn

from authserver.sdk.errors import refused, shown

MAX_TOKEN_LENGTH = 16 * 1024

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_FORBIDDEN_HEADERS = frozenset(
    # Each one lets the sender choose the key, the encoding or the rules of verification.
    {"b64", "crit", "enc", "jku", "jwk", "x5c", "x5u", "zip"},
)
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_MAX_KID_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token that is well formed; nothing in it may be believed yet."""

    algorithm: str
    key_id: str
    claims: dict[str, object]


def parse(token: str) -> Unverified:
    """Read a compact JWS without believing it; raise InvalidToken for any other form."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        # Before anything looks at the content: what is too long costs nothing (ATK-102).
        raise refused("not a string of at most 16 KB")
    parts = token.split(".", 3)
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515 section 7.1; five parts would be a JWE
        raise refused("not a compact JWS of three parts")
    try:
        header = json_object(base64url(parts[0]))
        claims = json_object(base64url(parts[1]))
        base64url(parts[2])
    except ValueError as error:
        raise refused(f"malformed: {error}") from error
    return Unverified(_algorithm(header), _key_id(header), claims)


def base64url(text: str) -> bytes:
    """Decode unpadded base64url; raise ValueError unless this is its only spelling."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode("ascii"):
        # Set bits after the last byte: two spellings of one token, which defeats a deny list.
        raise ValueError("not canonical base64url")
    return data


def json_object(data: bytes) -> dict[str, object]:
    """Read a JSON object in UTF-8; raise ValueError for doubled names, NaN and anything else."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_constant=_refuse_constant,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the content is wrong, not the type
    return value


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # Two parsers may disagree about which one counts (RFC 8725 section 2.4).
        raise ValueError("a JSON name appears twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _algorithm(header: dict[str, object]) -> str:
    forbidden = _FORBIDDEN_HEADERS & header.keys()
    if forbidden:
        raise refused(f"forbidden header parameters: {', '.join(sorted(forbidden))}")
    typ, alg = header.get("typ"), header.get("alg")
    if not isinstance(typ, str) or typ.lower() not in _TYPES:
        # RFC 9068 section 4: an ID token or a logout token is not an access token.
        raise refused(f"typ is {shown(typ)}")
    if not isinstance(alg, str):
        raise refused("alg is not a string")
    return alg


def _key_id(header: dict[str, object]) -> str:
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID_LENGTH:
        raise refused("kid is missing or not a short string")
    return kid

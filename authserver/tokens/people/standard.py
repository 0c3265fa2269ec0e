"""The standard claims of a person (OpenID Connect Core section 5.1), each by its name."""

from collections.abc import Mapping
from typing import Any

from authserver.core.clock import epoch
from authserver.tokens.authorization import Person

PICTURES = "/account/picture"


def known(person: Person, *, issuer: str) -> dict[str, Any]:
    """Return every standard claim of a person that there is; their picture is at the issuer."""
    claims: dict[str, Any] = {
        "name": person.name,
        "locale": person.locale,
        "zoneinfo": person.zoneinfo,
        "updated_at": epoch(person.updated_at),
        "email": person.email,
        "email_verified": person.email_verified,
    }
    if person.picture_id:
        claims["picture"] = f"{issuer}{PICTURES}/{person.picture_id}"
    if person.details:
        claims |= _details(person.details)
    return {name: value for name, value in claims.items() if value is not None}


def _details(details: Mapping[str, Any]) -> dict[str, Any]:
    address = details.get("address")
    if not address:
        return dict(details)
    return {**details, "address": {**address, "formatted": _formatted(address)}}


def _formatted(address: Mapping[str, str]) -> str:
    """Return an address as it stands on an envelope (section 5.1.1), a line for each part."""
    place = " ".join(address[n] for n in ("postal_code", "locality") if n in address)
    street, rest = address.get("street_address"), [address.get(n) for n in ("region", "country")]
    return "\n".join(line for line in (street, place, *rest) if line)

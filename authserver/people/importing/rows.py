"""What a row must be to become an account. Values in, decision out."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from authserver.accounts import profiles
from authserver.accounts.details.policy import BY_NAME, claims_of
from authserver.accounts.passwords.stored import UnfitHash, check_import
from authserver.accounts.profiles import Profile, UnfitProfile
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.people.importing.reading import COLUMNS, Row
from authserver.people.policy import may_vouch
from authserver.roles.policy import Grantor

_YES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


class Unfit(Exception):  # noqa: N818  a decision about a row, not an error
    """The row cannot be; says in which field and why."""

    def __init__(self, field: str, code: str) -> None:
        """Take the field and the code."""
        super().__init__(code)
        self.field = field
        self.code = code


@dataclass(frozen=True)
class House:
    """What rows are judged by: the tenant's own domains, and what the importer may do."""

    domains: AbstractSet[str]
    grantor: Grantor | None


@dataclass(frozen=True)
class Ready:
    """What an account is made from; whether its roles may be given is another question."""

    email: EmailAddress
    profile: Profile
    details: Mapping[str, Any] | None
    roles: tuple[str, ...]
    verified: bool
    password_hash: str | None


def ready(row: Row, house: House) -> Ready:
    """Return what a row becomes. Raises Unfit."""
    for name in row:
        if name not in COLUMNS:
            raise Unfit("", "unknown_column")
    email = _email(row.get("email", ""))
    profile = _profile(row)
    phone = _yes(row, "phone_number_verified") and bool(profile.details["phone_number"])
    return Ready(
        email,
        profile,
        claims_of(profile.details, phone_verified=phone),
        _roles(row),
        _verified(row, email, house),
        _hash(row),
    )


def _email(text: str) -> EmailAddress:
    try:
        return parse_email(text.strip())
    except InvalidEmail as error:
        raise Unfit("email", "unusable") from error


def _profile(row: Row) -> Profile:
    details = {name: row.get(name, "") for name in BY_NAME}
    texts = (row.get("name", ""), row.get("locale", "").strip(), row.get("zoneinfo", ""))
    try:
        return profiles.checked(*texts, details=details)
    except UnfitProfile as error:
        raise Unfit(str(error.found[0]), "unfit") from error


def _roles(row: Row) -> tuple[str, ...]:
    named = row.get("roles", "").replace(",", " ").replace(";", " ").split()
    return tuple(sorted(set(named)))


def _verified(row: Row, email: EmailAddress, house: House) -> bool:
    said = _yes(row, "verified")
    if said and not may_vouch(house.grantor, email.domain, house.domains):
        raise Unfit("verified", "not_a_domain_of_the_tenant")
    return said


def _hash(row: Row) -> str | None:
    text = row.get("password_hash", "").strip()
    try:
        return check_import(text) if text else None
    except UnfitHash as error:
        raise Unfit("password_hash", error.code) from error


def _yes(row: Row, name: str) -> bool:
    found = _YES.get(row.get(name, "").strip().lower())
    if found is None:
        raise Unfit(name, "neither_true_nor_false")
    return found

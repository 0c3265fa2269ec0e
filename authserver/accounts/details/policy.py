"""Which details there are, what each may be, and the claims that they make. Values in, values out.

A detail is one field: a text, kept as it will be said. An address is five of them.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from authserver.accounts.policy import has_controls
from authserver.core.net.uri import InvalidUri, parse_uri

Texts = Mapping[str, str]

_LONGEST_LINK = 500
_OLDEST = 1850
_BETWEEN_DIGITS = str.maketrans("", "", " ()-./\u00a0\u2010\u2011")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164
_YEAR = re.compile(r"[12][0-9]{3}")
_WITHOUT_YEAR = "0000"
_SOME_LEAP_YEAR = "2000"


def N_(text: str) -> str:  # noqa: N802  the name by which Babel finds a text
    """Mark a text for the catalogues of translations; it is translated where it is shown."""
    return text


class Group(StrEnum):
    """Which fields stand together."""

    NAMES = "names"
    ABOUT = "about"
    ADDRESS = "address"


@dataclass(frozen=True)
class Field:
    """One detail: how it is called, what a browser may fill in, and what to say if it is unfit.

    `clean` returns the text as it is kept, or None. `wide` takes a line for itself; `strict` says
    that the text has a form of its own, and is no word of a language.
    """

    name: str
    title: str
    group: Group
    autocomplete: str
    clean: Callable[[str], str | None]
    unfit: str
    longest: int = 120
    example: str = ""
    wide: bool = False
    strict: bool = False


def _text(longest: int) -> Callable[[str], str | None]:
    def clean(text: str) -> str | None:
        return text if len(text) <= longest and not has_controls(text) else None

    return clean


def _link(text: str) -> str | None:
    try:
        uri = parse_uri(text)
    except InvalidUri:
        return None
    return text if uri.scheme in {"https", "http"} and len(text) <= _LONGEST_LINK else None


def _birthdate(text: str) -> str | None:
    """Return a day, a year, or a day without its year (section 5.1: ISO 8601-1)."""
    if _YEAR.fullmatch(text):
        return text if int(text) >= _OLDEST else None
    year, dash, day = text.partition("-")
    readable = f"{_SOME_LEAP_YEAR}-{day}" if year == _WITHOUT_YEAR else text
    try:
        found = date.fromisoformat(readable)
    except ValueError:
        return None
    return text if dash and found.isoformat() == readable and found.year >= _OLDEST else None


def _phone(text: str) -> str | None:
    digits = text.translate(_BETWEEN_DIGITS)
    return digits if _PHONE.fullmatch(digits) else None


_TOO_LONG = N_("Enter at most %(most)s characters, without control characters.")
_NAMES, _ABOUT, _ADDRESS = Group.NAMES, Group.ABOUT, Group.ADDRESS


def _words(
    name: str, title: str, group: Group, *, fill: str, longest: int = 120, wide: bool = False
) -> Field:
    return Field(name, title, group, fill, _text(longest), _TOO_LONG, longest, wide=wide)


def _web(name: str, title: str, *, fill: str) -> Field:
    unfit = N_("Enter a web address that begins with https:// or http://.")
    return Field(name, title, _ABOUT, fill, _link, unfit, _LONGEST_LINK, wide=True, strict=True)


FIELDS = (
    _words("given_name", N_("First name"), _NAMES, fill="given-name"),
    _words("middle_name", N_("Middle name"), _NAMES, fill="additional-name"),
    _words("family_name", N_("Last name"), _NAMES, fill="family-name"),
    _words("nickname", N_("Nickname"), _NAMES, fill="nickname"),
    _words("preferred_username", N_("Preferred username"), _NAMES, fill="off", wide=True),
    Field(
        "phone_number",
        N_("Phone number"),
        _ABOUT,
        "tel",
        _phone,
        N_("Enter the number with its country code, for example +49 30 123456."),
        40,
        "+49 30 123456",
        wide=True,
        strict=True,
    ),
    Field(
        "birthdate",
        N_("Date of birth"),
        _ABOUT,
        "bday",
        _birthdate,
        N_("Enter the date as year, month and day, for example 1990-12-31, or the year alone."),
        10,
        "1990-12-31",
        strict=True,
    ),
    _words("gender", N_("Gender"), _ABOUT, fill="sex", longest=60),
    _web("website", N_("Website"), fill="url"),
    _web("profile", N_("Profile page"), fill="off"),
    _words(
        "street_address",
        N_("Street and number"),
        _ADDRESS,
        fill="street-address",
        longest=200,
        wide=True,
    ),
    _words("postal_code", N_("Postal code"), _ADDRESS, fill="postal-code", longest=20),
    _words("locality", N_("City"), _ADDRESS, fill="address-level2"),
    _words("region", N_("State or region"), _ADDRESS, fill="address-level1"),
    _words("country", N_("Country"), _ADDRESS, fill="country-name"),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
_PHONE_NUMBER, _VERIFIED = "phone_number", "phone_number_verified"
_PARTS = tuple(field.name for field in FIELDS if field.group is Group.ADDRESS)
NO_TEXTS: Texts = dict.fromkeys(BY_NAME, "")


def checked(typed: Texts) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the details as they are kept, empty where there is none, and the names of unfit ones.

    What nobody typed is empty.
    """
    kept, unfit = dict(NO_TEXTS), []
    for name, field in BY_NAME.items():
        text = unicodedata.normalize("NFC", typed.get(name, "")).strip()
        clean = field.clean(text) if text else ""
        if clean is None:
            unfit.append(name)
        else:
            kept[name] = clean
    return kept, tuple(unfit)


def claims_of(texts: Texts, *, phone_verified: bool) -> dict[str, Any] | None:
    """Return the claims that details make, as an account holds them; None where there are none."""
    claims: dict[str, Any] = {
        name: text for name, text in texts.items() if text and name not in _PARTS
    }
    if _PHONE_NUMBER in claims:
        claims[_VERIFIED] = phone_verified
    if address := {name: texts[name] for name in _PARTS if texts.get(name)}:
        claims["address"] = address
    return claims or None


def texts_of(claims: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the details that make an account's claims."""
    if not claims:
        return dict(NO_TEXTS)
    address = claims.get("address", {})
    return {name: (address if name in _PARTS else claims).get(name, "") for name in BY_NAME}


def is_phone_verified(claims: Mapping[str, Any] | None) -> bool:
    """Tell whether somebody made sure that the phone number is the person's."""
    return bool(claims and claims.get(_VERIFIED))

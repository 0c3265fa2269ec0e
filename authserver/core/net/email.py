"""Email addresses: normalised once, then checked, then compared (TOP-19, ATK-019, ATK-020).

Two addresses are the same person only if their canonical forms are equal. The local part is
lower-cased in ASCII alone, never case-folded: folding maps characters of other scripts onto ASCII
ones (the Kelvin sign onto `k`, `ß` onto `ss`), so that a stranger's address would equal a victim's
(ATK-147). Mail goes to the address as typed, never to the canonical form.
"""

import string
import unicodedata
from dataclasses import dataclass

import idna

from authserver.core.net.addresses import InvalidHostName, check_host_name

_MAX_ADDRESS = 254
_MAX_LOCAL = 64
_LOCAL_ASCII = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~.")
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class InvalidEmail(ValueError):  # noqa: N818  the plain words in it are the message
    """The text is not an email address that everybody reads the same way."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as typed (NFC) and in the form that is unique within a tenant.

    `local` is as typed, `domain` in lower case with `xn--` labels.
    """

    as_typed: str
    canonical: str
    local: str
    domain: str


def parse_email(text: str) -> EmailAddress:
    """Return the address that `text` spells. Raises InvalidEmail with the reason.

    Quoted local parts, comments, address literals and look-alikes of `@` are refused.
    """
    address = _normalise(text)
    local, _, written_domain = address.partition("@")
    _check_local(local)
    domain = _canonical_domain(written_domain)
    canonical = f"{local.translate(_ASCII_LOWER)}@{domain}"
    if len(canonical.encode()) > _MAX_ADDRESS:
        raise InvalidEmail("the address is longer than 254 bytes")
    return EmailAddress(address, canonical, local, domain)


def readable_domain(domain: str) -> str:
    """Return a canonical domain as people write it."""
    return idna.decode(domain)


def _normalise(text: str) -> str:
    if not text or len(text) > _MAX_ADDRESS:
        raise InvalidEmail("the address is empty or longer than 254 characters")
    # NFC itself turns the Kelvin sign into "K" and U+037E into ";": nobody types those by hand.
    if any(map(_turns_into_ascii, text)):
        raise InvalidEmail("the address has a look-alike of an ASCII character")
    address = unicodedata.normalize("NFC", text)
    if address.count("@") != 1 or unicodedata.normalize("NFKC", address).count("@") != 1:
        raise InvalidEmail("the address must have exactly one '@'")
    return address


def _turns_into_ascii(character: str) -> bool:
    return not character.isascii() and unicodedata.normalize("NFC", character).isascii()


def _check_local(local: str) -> None:
    if not local or len(local.encode("utf-8", "replace")) > _MAX_LOCAL:
        raise InvalidEmail("the part before '@' is empty or longer than 64 bytes")
    if local[0] == "." or local[-1] == "." or ".." in local:
        raise InvalidEmail("the part before '@' has a misplaced dot")
    if not all(map(_may_stand_in_local, local)):
        raise InvalidEmail("the part before '@' has a character that is not allowed")


def _may_stand_in_local(character: str) -> bool:
    """Allow RFC 5321 atoms, and letters, marks and digits of other scripts (RFC 6531)."""
    if character.isascii():
        return character in _LOCAL_ASCII
    return unicodedata.category(character)[0] in "LMN"


def _canonical_domain(domain: str) -> str:
    if unicodedata.normalize("NFKC", domain) != domain:
        raise InvalidEmail("the domain has a look-alike character")
    try:
        labels = [idna.alabel(label).decode("ascii") for label in domain.lower().split(".")]
        check_host_name(".".join(labels))
    except (idna.IDNAError, InvalidHostName, UnicodeError) as error:
        raise InvalidEmail("the part after '@' is not a domain name") from error
    if len(labels) == 1:
        raise InvalidEmail("the domain has no dot")
    return ".".join(labels)

"""A trusted issuer as requests need it, and what may be registered of one. Values in and out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from authserver.clients.policy import SIGNING_ALGORITHMS, UnfitRegistration
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.said import reason, said

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST = 3600  # seconds that an assertion may be good for, at the most that can be registered
STANDARD = 300
_MAX_TEXT = 255
_MAX_NAME = 40
_MAX_SUBJECTS = 100


class SubjectKind(StrEnum):
    """Whom `sub` leads to."""

    CLIENT = "client"  # the client itself, by what the issuer calls it
    EMAIL = "email"  # a person of the tenant, by an address that both sides have verified
    IDENTITY = "identity"  # a person of the tenant, by the identity linked to the account


@dataclass(frozen=True)
class Trusted:
    """Whose word is taken, by which keys, for which clients and scopes, and about whom.

    `longest` is how many seconds an assertion may be good for. `connection_id` is where identities
    are linked. `trusts_amr`: what the issuer says of a second factor counts.
    """

    name: str
    issuer: str
    subject: SubjectKind
    jwks: Mapping[str, object] | None = None
    jwks_uri: str | None = None
    algorithms: tuple[str, ...] = SIGNING_ALGORITHMS
    clients: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    subjects: Mapping[str, str] = field(default_factory=dict)
    connection_id: str | None = None
    longest: int = STANDARD
    trusts_amr: bool = False
    enabled: bool = True
    id: str = ""


def check(wanted: Trusted, *, own_issuer: str, allow_http_loopback: bool = False) -> None:
    """Raise UnfitRegistration unless an issuer may be registered like this."""
    _check_names(wanted, own_issuer)
    if (wanted.jwks is None) == (wanted.jwks_uri is None):
        raise UnfitRegistration("An issuer has 'jwks' or 'jwks_uri': one of them.")
    if wanted.jwks_uri is not None:
        _check_address(wanted.jwks_uri, allow_http_loopback=allow_http_loopback)
    if not wanted.algorithms or not set(wanted.algorithms) <= set(SIGNING_ALGORITHMS):
        raise UnfitRegistration(
            said(
                "An algorithm is one of %(signing_algorithms)s.",
                signing_algorithms=", ".join(SIGNING_ALGORITHMS),
            )
        )
    if not wanted.clients:
        raise UnfitRegistration("An issuer is for at least one client.")
    if not 0 < wanted.longest <= LONGEST:
        raise UnfitRegistration(
            said("An assertion is good for 1 to %(longest)s seconds.", longest=LONGEST)
        )
    _check_subject(wanted)


def _check_names(wanted: Trusted, own_issuer: str) -> None:
    if not 0 < len(wanted.name) <= _MAX_NAME or not wanted.name.isprintable():
        raise UnfitRegistration(said("A name is 1 to %(max_name)s characters.", max_name=_MAX_NAME))
    if not 0 < len(wanted.issuer) <= _MAX_TEXT or not _is_plain(wanted.issuer):
        raise UnfitRegistration(
            said(
                "An issuer is 1 to %(max_text)s characters of ASCII, no space.", max_text=_MAX_TEXT
            )
        )
    # Our own tokens are for others: as assertions they would open what they were never issued for.
    if _origin(wanted.issuer) == _origin(own_issuer):
        raise UnfitRegistration("This server's own tokens are no assertions.")


def _origin(text: str) -> str | None:
    try:
        return parse_uri(text).origin
    except InvalidUri:
        return None


def _check_address(uri: str, *, allow_http_loopback: bool) -> None:
    try:
        parsed = parse_uri(uri)
    except InvalidUri as error:
        raise UnfitRegistration(
            said("The 'jwks_uri' is refused: %(why)s.", why=reason(error))
        ) from error
    loopback = allow_http_loopback and parsed.scheme == "http"
    if parsed.scheme != "https" and not loopback:
        raise UnfitRegistration("The 'jwks_uri' is not https.")


def _check_subject(wanted: Trusted) -> None:
    machines = wanted.subject is SubjectKind.CLIENT
    if machines != bool(wanted.subjects) or len(wanted.subjects) > _MAX_SUBJECTS:
        raise UnfitRegistration(
            said(
                "Where 'sub' names machines, 1 to %(max_subjects)s of them are listed; else none.",
                max_subjects=_MAX_SUBJECTS,
            )
        )
    if not all(0 < len(sub) <= _MAX_TEXT and _is_plain(sub) for sub in wanted.subjects):
        raise UnfitRegistration(
            said("A 'sub' is 1 to %(max_text)s characters of ASCII, no space.", max_text=_MAX_TEXT)
        )
    if not set(wanted.subjects.values()) <= set(wanted.clients):
        raise UnfitRegistration("A 'sub' leads to a client that the issuer is for.")
    if (wanted.subject is SubjectKind.IDENTITY) != (wanted.connection_id is not None):
        raise UnfitRegistration("Identities are those of a connection; nothing else has one.")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def listed(values: Iterable[str]) -> tuple[str, ...]:
    """Return each value once, in the order given."""
    return tuple(dict.fromkeys(values))

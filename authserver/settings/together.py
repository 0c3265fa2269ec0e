"""Which values go together."""

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from authserver.settings.issuer import SettingsError, check_issuer

if TYPE_CHECKING:
    from authserver.settings import Settings

_BCRYPT_FLOOR, _BCRYPT_CEILING = 12, 16
_FEWEST_MAILS = 2
_TOO_FEW = "must be at least 2: the last mail of an hour is kept for who comes after strangers"


def check(settings: "Settings") -> None:
    """Raise SettingsError for values that do not go together."""
    check_issuer(settings.issuer)
    problems = [
        (settings.bcrypt_rounds < _BCRYPT_FLOOR, "AUTHSERVER_BCRYPT_ROUNDS must be at least 12"),
        (settings.bcrypt_rounds > _BCRYPT_CEILING, "AUTHSERVER_BCRYPT_ROUNDS must be at most 16"),
        (settings.refresh_grace > timedelta(seconds=60), "AUTHSERVER_REFRESH_GRACE is over 60"),
        (
            settings.pushed_request_life > timedelta(seconds=90),
            "AUTHSERVER_PUSHED_REQUEST_LIFE is over 90",
        ),
        (
            bool(settings.client_certificate_header) and not settings.trusted_proxies,
            "AUTHSERVER_CLIENT_CERTIFICATE_HEADER needs AUTHSERVER_TRUSTED_PROXIES: it is theirs",
        ),
        (
            not settings.client_certificate_header
            and bool(settings.client_certificate_authorities or settings.client_certificate_url),
            "AUTHSERVER_CLIENT_CERTIFICATE_HEADER is missing: certificates come in it",
        ),
        (
            _are_no_pair(settings.database_owner_url, settings.database_url),
            "AUTHSERVER_DATABASE_OWNER_URL names another role for the same PostgreSQL database",
        ),
        (settings.hashing_running < 1, "AUTHSERVER_HASHING_RUNNING must be at least 1"),
        (settings.challenge_repeats < 1, "AUTHSERVER_CHALLENGE_REPEATS must be at least 1"),
        (
            settings.session_idle > settings.session_absolute,
            "AUTHSERVER_SESSION_IDLE is over the absolute life",
        ),
        (settings.smtp_timeout > timedelta(seconds=30), "AUTHSERVER_SMTP_TIMEOUT is over 30"),
        (settings.link_life < timedelta(minutes=1), "AUTHSERVER_LINK_LIFE must be at least 60"),
        (settings.recovery_mails < _FEWEST_MAILS, f"AUTHSERVER_RECOVERY_MAILS {_TOO_FEW}"),
        (settings.registration_mails < _FEWEST_MAILS, f"AUTHSERVER_REGISTRATION_MAILS {_TOO_FEW}"),
    ]
    for wrong, message in problems:
        if wrong:
            raise SettingsError(message)


def _are_no_pair(owner: str, application: str) -> bool:
    """Tell whether an owner's URL is not of another role of the application's database.

    The host may differ: the application may go through a pooler.
    """
    if not owner:
        return False
    one, other = urlsplit(owner), urlsplit(application)
    same = one.scheme == other.scheme and one.path == other.path
    two_roles = other.username is not None and one.username != other.username
    return not (same and two_roles and application.startswith("postgresql"))

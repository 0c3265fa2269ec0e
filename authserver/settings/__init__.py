"""Every environment variable, lifetime, limit and default. Typed, frozen, checked at start-up.

docs/settings.md is generated from this file; a test compares them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from authserver.settings import together
from authserver.settings.addresses import name_server, networks
from authserver.settings.derived import Derived
from authserver.settings.issuer import SettingsError
from authserver.settings.machine import processors
from authserver.settings.readers import (
    choice,
    count,
    level,
    link,
    minutes,
    ports,
    prefix,
    seconds,
    some,
)

__all__ = ["Settings", "SettingsError", "from_environment"]

PRODUCT = "authserver"
LANGUAGES = ("en", "de", "fr", "es")
ARGON2ID = "argon2id"
SCHEMES = ("bcrypt", ARGON2ID)


def _setting(default: Any, doc: str, parse: Callable[[str], Any] = str) -> Any:  # noqa: ANN401  dataclass field
    return field(default=default, metadata={"doc": doc, "parse": parse})


@dataclass(frozen=True)
class Settings(Derived):
    """The configuration of one installation. Times are in seconds in the environment."""

    issuer: str = _setting(
        "http://localhost:8000",
        "The public URL of the server: https, or http on a loopback address. No trailing slash.",
    )
    data_dir: Path = _setting(
        Path("var"), "Where the database, the master key and outgoing mail live.", Path
    )
    database_url: str = _setting(
        "", "SQLAlchemy URL, e.g. postgresql+psycopg://... Empty: SQLite in the data directory."
    )
    redis_url: str = _setting("", "Shared rate limits, e.g. redis://... Empty: in the process.")
    master_key: str = _setting(
        "", "Base64 of 32 bytes, the active key first. Empty: `master.key` in the data directory."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Networks (CIDR, comma-separated) whose X-Forwarded-For is believed.", networks
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.", level)
    default_language: str = _setting(
        "en",
        f"Language of pages when nothing else decides: {', '.join(LANGUAGES)}.",
        choice(*LANGUAGES),
    )
    smtp_url: str = _setting(
        "",
        "Where mail goes: smtp://user:password@host:587 (STARTTLS, never without), smtps://...:465,"
        " or smtp+cleartext://localhost:25. Empty: files in `mail` in the data directory.",
    )
    smtp_ca_file: str = _setting(
        "", "Certificates (PEM) to believe of the mail server instead of the machine's."
    )
    dns_server: str = _setting(
        "",
        "The DNS resolver to ask for the records of tenants' domains, as 192.0.2.53 or"
        " 192.0.2.53:5353. Empty: the machine's.",
        name_server,
    )
    outbound_networks: tuple[str, ...] = _setting(
        (),
        "Networks (CIDR, comma-separated) that may be asked, beyond the public internet, for what"
        " clients and providers publish, and that are told of sign-outs. Every tenant can have them"
        " asked: name hosts rather than networks. Never link-local or metadata addresses.",
        networks,
    )
    outbound_ports: tuple[int, ...] = _setting(
        (443,), "Ports (comma-separated) of these requests.", ports
    )
    outbound_ca_file: str = _setting(
        "", "Certificates (PEM) to believe in these requests beside the machine's."
    )
    smtp_timeout: timedelta = _setting(
        timedelta(seconds=10), "How long to wait for each answer of the mail server.", seconds
    )
    mail_from: str = _setting(
        "", "The sender of mails, e.g. `Acme <no-reply@acme.example>`. Empty: no-reply at the host."
    )
    worker: str = _setting(
        "embedded",
        "What sends mail and tells clients of sign-outs: `embedded` in the server's processes, or"
        " `external` in `authserver worker`.",
        choice("embedded", "external"),
    )
    dev_mail: str = _setting(
        "off",
        "`on` shows the mails of the folder at /dev/mail: on a loopback issuer only, to everybody.",
        choice("on", "off"),
    )
    password_scheme: str = _setting(
        "bcrypt",
        "How new password hashes are made: bcrypt, or argon2id (19 MiB, 2 passes; needs the extra"
        " `argon2`). Others are made anew at the next sign-in.",
        choice(*SCHEMES),
    )
    bcrypt_rounds: int = _setting(12, "Cost of bcrypt's hashes, 12 to 16.", count)
    hashing_running: int = _setting(
        processors(), "Password hashes computed at once. Default: processors.", count
    )
    hashing_waiting: int = _setting(
        32, "Sign-ins that may wait for a hash; above it 503 with Retry-After.", count
    )
    login_rate: int = _setting(
        50,
        "Sign-in requests a minute from one address (IPv6: /64) and for one email address; its"
        " /24 (/48) has ten times as many. A free tenant has half of all, an enterprise one twice.",
        count,
    )
    lockout_attempts: int = _setting(
        5, "Wrong passwords in a row that lock untrusted devices out of an account.", count
    )
    lockout_time: timedelta = _setting(
        timedelta(minutes=30), "How long an account stays locked for untrusted devices.", seconds
    )
    lockout_reset_attempts: int = _setting(
        100, "Consecutive wrong passwords after which the password must be reset.", count
    )
    temporary_password_life: timedelta = _setting(
        timedelta(days=7),
        "A password that an operator sets for the next sign-in opens nothing after this time.",
        seconds,
    )
    link_life: timedelta = _setting(
        timedelta(minutes=30), "Life of a link that a mail carries.", seconds
    )
    recovery_mails: int = _setting(
        3,
        "Mails with a link for a new password that an account gets in an hour (each browser that it"
        " knows has as many), and as many for a new address. At least 2: the last one waits until"
        " no link is good, and half an hour after the one before.",
        count,
    )
    invitation_life: timedelta = _setting(
        timedelta(days=7), "An invitation can be accepted for this long after its mail.", seconds
    )
    registration_mails: int = _setting(
        3,
        "Mails that an address gets in an hour because somebody registers with it. At least 2: the"
        " last one waits until no link is good, and half an hour after the one before.",
        count,
    )
    second_factor_time: timedelta = _setting(
        timedelta(minutes=15),
        "A person may take this long from the password to the second factor.",
        seconds,
    )
    second_factor_flow_attempts: int = _setting(
        5, "Wrong codes after which a sign-in takes no more of them.", count
    )
    second_factor_hour_attempts: int = _setting(
        10,
        "Wrong codes of an account in an hour, in any sign-ins, that lock it for an hour.",
        count,
    )
    second_factor_reset_attempts: int = _setting(
        100, "Consecutive wrong codes after which an administrator must reset the factor.", count
    )
    session_idle: timedelta = _setting(
        timedelta(hours=1), "A session ends after this time without use.", seconds
    )
    session_absolute: timedelta = _setting(
        timedelta(hours=24), "A session ends this long after the sign-in.", seconds
    )
    authorization_time: timedelta = _setting(
        timedelta(hours=1),
        "A person may take this long from the first page to the answer.",
        seconds,
    )
    access_token_life: timedelta = _setting(
        timedelta(minutes=15), "Life of an access token of a person.", seconds
    )
    service_token_life: timedelta = _setting(
        timedelta(minutes=5), "Life of an access token of a service client.", seconds
    )
    partner_token_life: timedelta = _setting(
        timedelta(hours=1), "Life of an access token of a partner client.", seconds
    )
    id_token_life: timedelta = _setting(timedelta(minutes=15), "Life of an ID token.", seconds)
    code_life: timedelta = _setting(
        timedelta(seconds=60), "Life of an authorization code.", seconds
    )
    pushed_request_life: timedelta = _setting(
        timedelta(seconds=60),
        "A pushed authorization request is good for this long (at most 90).",
        seconds,
    )
    service_documentation: str = _setting(
        "", "A page for developers of clients, named in the metadata: an https URL.", link
    )
    policy_uri: str = _setting(
        "", "What this server does with people's data, named in the metadata: an https URL.", link
    )
    terms_uri: str = _setting(
        "", "The terms of this server, named in the metadata: an https URL.", link
    )
    challenge_repeats: int = _setting(
        3,
        "Codes for one code_challenge or nonce of a client, above which the trail gets a warning.",
        count,
    )
    refresh_idle: timedelta = _setting(
        timedelta(days=7), "A refresh token ends after this time without use.", seconds
    )
    refresh_absolute: timedelta = _setting(
        timedelta(days=30), "A family of refresh tokens ends this long after the sign-in.", seconds
    )
    refresh_grace: timedelta = _setting(
        timedelta(seconds=10),
        "A retry within this time gets the same answer (at most 60).",
        seconds,
    )
    device_code_life: timedelta = _setting(
        timedelta(minutes=10),
        "A person may take this long to enter and confirm the code that a device shows.",
        minutes,
    )
    device_interval: timedelta = _setting(
        timedelta(seconds=5),
        "A device waits this long between two questions; one that does not waits longer.",
        seconds,
    )
    device_code_attempts: int = _setting(
        5,
        "Wrong device codes from one address (IPv6: /64) in a quarter of an hour, after which it"
        " may enter no more; its /24 (/48) has ten times as many, everybody together 200 times.",
        some,
    )
    exchange_depth: int = _setting(
        3, "Exchanges that a token may have behind it: from service to service and on.", count
    )
    api_key_prefix: str = _setting(
        "",
        "What API keys begin with, so that people and scanners of source code know them. Empty:"
        " cf_prod, or cf_dev at a loopback address. Keys made under another one stay good.",
        prefix,
    )
    key_publish: timedelta = _setting(
        timedelta(days=1), "A signing key is published this long before it signs.", seconds
    )
    key_rotation: timedelta = _setting(
        timedelta(days=90), "A signing key signs for this long; then its successor does.", seconds
    )

    def check(self) -> "Settings":
        """Return the settings, or raise SettingsError for values that do not go together."""
        together.check(self)
        return self


def from_environment(environ: Mapping[str, str], **overrides: Any) -> Settings:  # noqa: ANN401  field values
    """Read AUTHSERVER_* variables. Raises SettingsError, also for a name that does not exist."""
    known = {variable(item.name): item for item in fields(Settings)}
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith("AUTHSERVER_"):
            continue
        if name not in known:
            raise SettingsError(f"{name} is not a setting; docs/settings.md lists them")
        item = known[name]
        try:
            values[item.name] = item.metadata["parse"](text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from error
    return Settings(**{**values, **overrides}).check()


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"AUTHSERVER_{name.upper()}"

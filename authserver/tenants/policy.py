"""What is fit for a tenant: slugs, display names (a client's, too), and what it asks of people.

A display name stands on the consent page: one that mixes scripts, or reads like Latin letters and
is not, could pass for somebody else's (TOP-19). Scripts are told by the names of the characters.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import available_timezones

from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.problems import Problem
from authserver.core.values.said import reason, said
from authserver.settings import LANGUAGES

MAX_NAME = 120
MOST_TRUSTED_DAYS = 30
EVERY_CONNECTION = "all"  # of the platform's, those that come later, too
LEAST_SESSION_MINUTES = 5  # the use of a session is noted once a minute
_MINUTE = timedelta(minutes=1)
_NULLABLE = frozenset(
    (
        "locale", "website", "session_idle_minutes", "session_absolute_minutes", "time_zone",
        "currency", "date_format", "accent", "email_domains", "access_token_seconds",
        "refresh_token_minutes", "activity_event_days", "security_event_days",
        "administration_event_days",
    )
)  # fmt: skip
MOST_DOMAINS = 50
_CURRENCY, _COLOUR = re.compile(r"[A-Z]{3}"), re.compile(r"#[0-9a-f]{6}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")
# Words that are, or may become, part of a URL, a role's name or the protocol.
RESERVED_SLUGS = frozenset(
    (
        "account", "accounts", "admin", "administrator", "api", "auth", "authserver", "console",
        "everyone", "issuer", "localhost", "login", "logout", "mail", "me", "none", "null", "oauth",
        "operator", "platform", "root", "self", "static", "system", "tenant", "tenants",
        "undefined", "www",
    )
)  # fmt: skip
_SCRIPTS_WRITTEN_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Letters of other scripts that print like an ASCII letter (Unicode's confusables, the plain ones).
_READ_AS_LATIN = frozenset(
    "АВЕЅЗІЈКМНОРСТУХѴԌԚԜҮ"  # Cyrillic
    "аеѕіјкорсухѵԁԛԝүһӏ"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳ"  # noqa: RUF001  Greek
    "ανιορυϲ"  # noqa: RUF001  Greek small letters
    "ՍՏՕսօոհցզ"  # noqa: RUF001  Armenian
    "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏚᎢᏙᎳᏃ"  # noqa: RUF001  Cherokee
)


class PasswordPreset(StrEnum):
    """What a tenant asks of its people's passwords."""

    CLASSIC = "classic"
    NIST = "nist"


class Tier(StrEnum):
    """What a tenant has booked: it decides how much a minute may bring."""

    FREE = "free"
    STANDARD = "standard"
    ENTERPRISE = "enterprise"


class DateFormat(StrEnum):
    """How a tenant's people read dates; without one, as their language has it."""

    ISO = "iso"  # 2026-07-31
    DAY_FIRST = "dmy"  # 31/07/2026
    MONTH_FIRST = "mdy"  # 07/31/2026


# As Unicode writes patterns of dates (UTS 35).
DATE_PATTERNS: Mapping[str | None, str] = {
    DateFormat.ISO: "yyyy-MM-dd",
    DateFormat.DAY_FIRST: "dd/MM/yyyy",
    DateFormat.MONTH_FIRST: "MM/dd/yyyy",
}


class ClientRegistration(StrEnum):
    """Whether clients register themselves, and whether confidential ones then have to use PKCE."""

    CLOSED = "closed"
    PKCE_REQUIRED = "pkce_required"
    PKCE_OPTIONAL = "pkce_optional"


def attempts_a_minute(tier: Tier, standard: int) -> int:
    """Return how many requests a minute may bring at most, where `standard` is the setting."""
    halves = {Tier.FREE: 1, Tier.STANDARD: 2, Tier.ENTERPRISE: 4}[tier]
    return max(1, standard * halves // 2)


class UnfitPolicy(Problem):
    """The settings cannot be so, or not together; the description says why."""

    code = "unfit_policy"
    title = "The settings cannot be so"


class UnfitName(Problem):
    """The name cannot be used; the description says why."""

    code = "unfit_name"
    title = "The name cannot be used"
    field = "name"


def check_slug(slug: str) -> str:
    """Return the slug. Raises UnfitName unless it is 2 to 63 of a-z, 0-9 and inner hyphens."""
    if not _SLUG.fullmatch(slug):
        raise UnfitName(
            "A slug is 2 to 63 characters of a-z, 0-9 and '-', not at either end.", field="slug"
        )
    if slug.startswith("xn--"):
        raise UnfitName("A slug does not begin with 'xn--'.", field="slug")
    if slug in RESERVED_SLUGS:
        raise UnfitName(said("The slug '%(slug)s' is reserved.", slug=slug), field="slug")
    return slug


def check_display_name(name: str) -> str:
    """Return the name in NFC, outer spaces removed. Raises UnfitName for what could mislead."""
    clean = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(clean) <= MAX_NAME:
        raise UnfitName(said("A name has 1 to %(max_name)s characters.", max_name=MAX_NAME))
    if not clean.isprintable() or "  " in clean:
        raise UnfitName("A name has no invisible characters and no double spaces.")
    letters = [character for character in clean if character.isalpha()]
    if any(unicodedata.normalize("NFKC", letter) != letter for letter in letters):
        raise UnfitName("A name has no look-alike or decorated letters.")
    scripts = {_script(letter) for letter in letters}
    if len(scripts) > 1 and not any(scripts <= together for together in _SCRIPTS_WRITTEN_TOGETHER):
        raise UnfitName("A name does not mix the letters of different scripts.")
    if letters and _READ_AS_LATIN.issuperset(letters):
        raise UnfitName("A name does not imitate Latin letters with those of another script.")
    return clean


def trusted_days(wanted: int, *, mandatory: bool) -> int | None:
    """Return how long people may trust a browser, None for not at all (0). Raises UnfitPolicy.

    Not beside a mandatory second factor: a trusted browser shows a password, no more.
    """
    if not 0 <= wanted <= MOST_TRUSTED_DAYS:
        words = said(
            "A device is trusted for 1 to %(days)s days, or not at all.", days=MOST_TRUSTED_DAYS
        )
        raise UnfitPolicy(words)
    if wanted and mandatory:
        raise UnfitPolicy("No device can be trusted where a second factor is required.")
    return wanted or None


@dataclass(frozen=True)
class TenantPolicy:
    """What a tenant asks of its people: columns of its row. None leaves one as it is.

    Nothing of its own is empty or 0. What `tightened` does not name stays (tenants/numbers.py).
    """

    password_preset: PasswordPreset | None = None
    mfa_required: bool | None = None
    tier: Tier | None = None
    trusted_device_days: int | None = None
    registration_open: bool | None = None
    registration_domains: list[str] | None = None
    registration_role: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    date_format: str | None = None
    website: str | None = None
    accent: str | None = None
    email_domains: list[str] | None = None
    session_idle_minutes: int | None = None
    session_absolute_minutes: int | None = None
    access_token_seconds: int | None = None
    refresh_token_minutes: int | None = None
    tightened: Mapping[str, int] | None = None
    links_by_email: bool | None = None
    platform_connections: list[str] | str | None = None
    ends_federated_sessions: bool | None = None
    client_registration: ClientRegistration | None = None
    client_secret_jwt: bool | None = None
    dpop_nonces: bool | None = None
    erasure_days: int | None = None
    activity_event_days: int | None = None
    security_event_days: int | None = None
    administration_event_days: int | None = None

    def values(self) -> dict[str, object]:
        """Return what is to be set, by the column's name. Raises UnfitPolicy."""
        for told, check in (
            (self.locale, check_language), (self.website, check_website),
            (self.accent, check_colour),
        ):  # fmt: skip
            if told:
                check(told)
        check_formats(self.time_zone, self.currency, self.date_format)
        if len(self.email_domains or ()) > MOST_DOMAINS:
            words = said("There are at most %(most)s domains of addresses.", most=MOST_DOMAINS)
            raise UnfitPolicy(words)
        given = {name: value for name, value in asdict(self).items() if value is not None}
        if given.get("platform_connections") == EVERY_CONNECTION:
            given["platform_connections"] = None
        return {name: given[name] or None if name in _NULLABLE else given[name] for name in given}


@dataclass(frozen=True)
class SessionLives:
    """How long a session of the installation lives without use, and at all."""

    idle: timedelta
    absolute: timedelta

    def check(self, idle_minutes: int | None, absolute_minutes: int | None) -> None:
        """Raise UnfitPolicy unless a tenant's own lives, where it has any, shorten these."""
        for minutes, longest in ((idle_minutes, self.idle), (absolute_minutes, self.absolute)):
            if minutes and not LEAST_SESSION_MINUTES <= minutes <= longest // _MINUTE:
                raise UnfitPolicy(
                    said(
                        "A tenant can only shorten the lives of sessions: here to "
                        "%(least_session_minutes)s to %(longest)s minutes.",
                        least_session_minutes=LEAST_SESSION_MINUTES,
                        longest=longest // _MINUTE,
                    )
                )
        if idle_minutes and absolute_minutes and idle_minutes > absolute_minutes:
            raise UnfitPolicy("A session cannot be idle for longer than it lives.")


def check_language(language: str) -> str:
    """Return one of the languages of pages and mails. Raises UnfitPolicy."""
    if language not in LANGUAGES:
        words = said("A language is one of %(languages)s.", languages=", ".join(LANGUAGES))
        raise UnfitPolicy(words, field="locale")
    return language


def check_formats(time_zone: str | None, currency: str | None, date_format: str | None) -> None:
    """Raise UnfitPolicy unless each, where there is one, is known."""
    if time_zone and time_zone != "UTC" and not _is_place(time_zone):
        words = said("A time zone is one of the IANA database, for example Europe/Berlin.")
        raise UnfitPolicy(words, field="time_zone")
    if currency and not _CURRENCY.fullmatch(currency):
        words = said("A currency is three letters of ISO 4217, for example EUR.")
        raise UnfitPolicy(words, field="currency")
    if date_format and date_format not in set(DateFormat):
        words = said("A date format is one of %(dateformat)s.", dateformat=", ".join(DateFormat))
        raise UnfitPolicy(words, field="date_format")


def check_colour(colour: str) -> None:
    """Raise UnfitPolicy unless it is `#rrggbb` in small letters."""
    if not _COLOUR.fullmatch(colour):
        words = said("A colour is written as #rrggbb, in small letters, such as #2450d3.")
        raise UnfitPolicy(words, field="accent")


def check_website(url: str) -> str:
    """Return the address of a tenant's website, letter by letter. Raises UnfitPolicy."""
    try:
        scheme = parse_uri(url).scheme
    except InvalidUri as error:
        words = said("The website %(url)r is refused: %(why)s.", url=url, why=reason(error))
        raise UnfitPolicy(words, field="website") from error
    if scheme != "https":
        raise UnfitPolicy(said("The website %(url)r is not https.", url=url), field="website")
    return url


def check_domain(domain: str) -> str:
    """Return a domain of email addresses in its one form. Raises UnfitName."""
    try:
        return parse_email(f"somebody@{domain.strip()}").domain
    except InvalidEmail as error:
        words = said("'%(domain)s' is not a domain of email addresses.", domain=domain)
        raise UnfitName(words) from error


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]


def _is_place(time_zone: str) -> bool:
    return "/" in time_zone and time_zone in available_timezones()

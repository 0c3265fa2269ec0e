"""Which domains can be a tenant's own, and what proves it. Values in, decision out."""

from collections.abc import Collection

from authserver.core.said import said
from authserver.tenants.policy import UnfitName, check_domain

RECORD = "_authserver-challenge"
_VALUE = "authserver-domain-verification="
_LONGEST_NAME = 253
# Everybody has an address there: whoever had the domain would have them all. Nobody but the
# provider could prove one; refusing them says so at once.
PUBLIC_MAIL = frozenset(
    (
        "126.com", "163.com", "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch",
        "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com",
        "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com", "laposte.net",
        "libero.it", "live.com", "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com",
        "msn.com", "orange.fr", "outlook.com", "outlook.de", "outlook.es", "outlook.fr",
        "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com", "rocketmail.com",
        "t-online.de", "tuta.com", "tutanota.com", "wanadoo.fr", "web.de", "yahoo.co.jp",
        "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.es", "yahoo.fr", "yandex.com", "yandex.ru",
        "ymail.com", "zoho.com",
    )
)  # fmt: skip
# Names under which registries register: the two-label ones that are met most. One label alone is
# refused anyway.
_SHARED = frozenset(
    f"{second}.{top}"
    for top in ("ar", "at", "au", "br", "cn", "hk", "id", "il", "in", "jp", "kr", "mx", "my", "nz",
                "pl", "sg", "th", "tr", "tw", "ua", "uk", "za")
    for second in ("ac", "co", "com", "edu", "gob", "gov", "gv", "ne", "net", "or", "org")
)  # fmt: skip


def check_own_domain(text: str) -> str:
    """Return a domain that one organisation can have, with `xn--` labels. Raises UnfitName."""
    domain = check_domain(text)
    if domain in PUBLIC_MAIL:
        raise UnfitName(
            said(
                "%(domain)s gives addresses to everybody: it is no organisation's own.",
                domain=domain,
            ),
            field="domain",
        )
    if domain in _SHARED:
        raise UnfitName(
            said("Under %(domain)s everybody registers: name a domain of your own.", domain=domain),
            field="domain",
        )
    if len(record_name(domain)) > _LONGEST_NAME:
        raise UnfitName("The domain is too long for its record.", field="domain")
    return domain


def record_name(domain: str) -> str:
    """Return where the TXT record of a domain has to be."""
    return f"{RECORD}.{domain}"


def record_value(token: str) -> str:
    """Return what the record has to hold."""
    return f"{_VALUE}{token}"


def is_proved(token: str, texts: Collection[str]) -> bool:
    """Tell whether one of the texts at the record's name is the one that was asked for."""
    return record_value(token) in texts

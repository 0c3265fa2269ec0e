"""The cookies of this server: their names and attributes, decided in one place.

`__Host-` makes the browser refuse a cookie that another host or a plain-http page planted (ATK-065,
ATK-067). On a loopback http issuer, for development, neither it nor Secure would work: Safari
refuses both there.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict
from urllib.parse import urlsplit

# A key of the flow cookie: the session that the account's pages are for, and since when.
SHOWN_ACCOUNT = "account"

_HALF_AN_HOUR = timedelta(minutes=30)  # the row of the link says when it really ends
_THIRTY_DAYS = timedelta(days=30)  # the row of the trust says when it really ends
_FOUR_HUNDRED_DAYS = timedelta(days=400)  # browsers keep nothing longer (RFC 6265bis)


class Attributes(TypedDict):
    """A cookie's attributes, by the names of Werkzeug's `set_cookie`."""

    max_age: int | None
    secure: bool
    httponly: bool
    samesite: str
    path: str


@dataclass(frozen=True)
class Cookie:
    """A cookie's name and attributes. Without a `max_age` it ends with the browser."""

    name: str
    secure: bool
    max_age: timedelta | None = None

    def attributes(self, path: str = "/") -> Attributes:
        """Return the attributes to set it with. No Domain: it belongs to this host alone."""
        seconds = int(self.max_age.total_seconds()) if self.max_age else None
        return Attributes(
            max_age=seconds, secure=self.secure, httponly=True, samesite="Lax", path=path
        )


@dataclass(frozen=True)
class CookiePolicy:
    """Every cookie that the server sets."""

    session: Cookie  # names the browser; its signed-in accounts are rows
    flow: Cookie  # a sign-in under way: no rights
    partial: Cookie  # a sign-in of which the password is done: no rights
    device: Cookie  # a browser that signed in before
    trust: Cookie  # a browser that its owner trusts
    link: Cookie  # the token of a mailed link, for the one page that it leads to

    @classmethod
    def of(cls, issuer: str) -> "CookiePolicy":
        """Return the cookies of an installation by its issuer's URL."""
        secure = urlsplit(issuer).scheme == "https"
        prefix = "__Host-" if secure else ""
        return cls(
            session=Cookie(f"{prefix}as-session", secure),
            flow=Cookie(f"{prefix}as-flow", secure),
            partial=Cookie(f"{prefix}as-partial", secure),
            device=Cookie(f"{prefix}as-device", secure, _FOUR_HUNDRED_DAYS),
            trust=Cookie(f"{prefix}as-trust", secure, _THIRTY_DAYS),
            # `__Host-` would send it to every page: its path is that of one.
            link=Cookie(f"{'__Secure-' if secure else ''}as-link", secure, _HALF_AN_HOUR),
        )

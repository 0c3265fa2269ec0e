"""Which limits and flags there can be, and whether there is room. Values in, decision out."""

import re

from authserver.core.problems import Conflict
from authserver.core.said import said
from authserver.tenants.policy import UnfitName

USERS = "users"  # accounts that are not disabled, and open invitations
MOST_NAMES = 100
MOST_OF_ANYTHING = 10**12
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class LimitReached(Conflict):
    """The tenant has as much of it as it may have."""

    code = "limit_reached"
    title = "The organization has as many as it may have"


def check_limit_name(name: str) -> str:
    """Return the name of a limit or a flag. Raises UnfitName."""
    if not _NAME.fullmatch(name):
        raise UnfitName(
            "A name begins with a letter and has at most 64 of a-z, 0-9 and '_'.", field="name"
        )
    return name


def check_room(name: str, *, used: int, more: int, most: int) -> None:
    """Raise LimitReached unless `more` beside what is used is within the limit."""
    if used + more > most:
        raise LimitReached(
            said(
                "The organization has no room for more of '%(name)s': at most %(most)s.",
                name=name,
                most=most,
            )
        )

"""What second factors are called: as their owner says, and a new passkey until then by its keeper.

The models of authenticators that most passkeys are made by (AAGUID), as their makers publish them.
A suggestion only: without an attestation nothing proves it.
"""

import unicodedata
from collections.abc import Collection

from authserver.core.problems import Problem

MAX_NAME = 60
# Letters and marks that show nothing, though Unicode calls them printable.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_APPLE, _GOOGLE, _WINDOWS = "Apple Passwords", "Google Password Manager", "Windows Hello"
_YUBIKEY = "YubiKey"

KEPT_BY = {
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": _APPLE,
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": _APPLE,
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": _GOOGLE,
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": _WINDOWS,
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": _WINDOWS,
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": _WINDOWS,
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
    "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "cb69481e-8ff7-4039-93ec-0a2729a154a8": _YUBIKEY,
    "ee882879-721c-4913-9775-3dfcce97072a": _YUBIKEY,
    "fa2b99dc-9e39-4257-8f92-4a30d23c4118": _YUBIKEY,
    "2fc0579f-8113-47ea-b116-bb5a8db9202a": _YUBIKEY,
}
NAMELESS = "Passkey"


class UnfitFactorName(Problem):
    """The name of a factor is too long, or has characters that cannot be seen."""

    code = "unfit_factor_name"
    title = "The name cannot be used"


def check_name(typed: str) -> str:
    """Return the name of an app or a passkey in NFC, on one line; empty where there is none.

    Mails and pages quote it: what cannot be seen, or turns what is around it, has no place there.
    Raises UnfitFactorName.
    """
    clean = " ".join(unicodedata.normalize("NFC", typed).split())
    if len(clean) > MAX_NAME or not all(map(_is_seen, clean)):
        raise UnfitFactorName(f"A name has at most {MAX_NAME} characters, all of them visible.")
    return clean


def free_name(wish: str, taken: Collection[str]) -> str:
    """Return what is suggested, or with a number after it where another passkey is called so."""
    fit = " ".join("".join(filter(_is_seen, wish)).split())[:MAX_NAME].strip()
    name, number = fit, 1
    while name in taken:
        number += 1
        ending = f" {number}"
        name = fit[: MAX_NAME - len(ending)] + ending
    return name


def suggested(aaguid: str, browser: str) -> str:
    """Return a name: who keeps the key, else the browser that it was made in.

    `browser` is like `Firefox, Linux`, or empty.
    """
    program, _, system = browser.partition(", ")
    there = f"{program} ({system})" if system else program
    return KEPT_BY.get(aaguid) or there or NAMELESS


def _is_seen(one: str) -> bool:
    return one.isprintable() and one not in _BLANK

"""What a person says about themselves: name, language, time zone, and details if they like.

They change it themselves, or an operator does for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Self
from zoneinfo import available_timezones

from authserver.accounts.details import policy
from authserver.accounts.details.policy import NO_TEXTS, Texts
from authserver.accounts.models import User
from authserver.accounts.policy import UnfitAccount, check_name
from authserver.accounts.service import get
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import Problem
from authserver.settings import LANGUAGES

# Areas of the IANA database that name places; the rest are other names for the same zones.
_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """What the person chose; without a language or zone, None.

    `details` are texts by their names, all of them; most are empty. `phone_verified` says whether
    somebody made sure of the number, which is not the person; None: as before, for the same number.
    """

    name: str
    locale: str | None
    zoneinfo: str | None
    details: Texts = field(default_factory=lambda: NO_TEXTS)
    phone_verified: bool | None = None

    def after(self, before: Self) -> Self:
        """Return the profile with what holds of its phone number, once it replaces another."""
        number = self.details["phone_number"]
        same = number == before.details["phone_number"]
        verified = before.phone_verified if self.phone_verified is None else self.phone_verified
        told = self.phone_verified is not None
        return replace(self, phone_verified=bool(number and verified and (same or told)))

    @property
    def flat(self) -> dict[str, str]:
        """Return every field as a text by its name."""
        return {
            "name": self.name,
            "locale": self.locale or "",
            "zoneinfo": self.zoneinfo or "",
            **self.details,
            "phone_number_verified": str(bool(self.phone_verified)).lower(),
        }


@dataclass(frozen=True)
class Person:
    """An account as its owner sees it."""

    id: str
    tenant_id: str
    email: str
    email_verified: bool
    profile: Profile
    password_changed_at: datetime | None
    home_user_id: str | None


class Wrong(StrEnum):
    """What is wrong with a field."""

    NAME = "name"
    LOCALE = "locale"
    ZONE = "zoneinfo"


class UnfitProfile(Problem):
    """Some of it cannot be kept; `found` says which fields."""

    code = "unfit_profile"
    title = "The profile cannot be kept like this"

    def __init__(self, found: tuple[str, ...]) -> None:
        """Say everything that is wrong at once."""
        super().__init__(f"Not usable: {', '.join(found)}.")
        self.found = found


@cache
def zones() -> Mapping[str, str]:
    """Return the time zones that people choose from, by their names in lower case."""
    places = sorted(z for z in available_timezones() if z.partition("/")[0] in _AREAS)
    return {zone.lower(): zone for zone in (*places, "UTC")}


def checked(name: str, locale: str, zoneinfo: str, *, details: Texts = NO_TEXTS) -> Profile:
    """Return what was typed as it will be kept. Raises UnfitProfile."""
    found: list[str] = []
    clean = ""
    try:
        clean = check_name(name)
    except UnfitAccount:
        found.append(Wrong.NAME)
    if locale and locale not in LANGUAGES:
        found.append(Wrong.LOCALE)
    zone = zones().get(zoneinfo.strip().replace(" ", "_").lower())
    if zoneinfo.strip() and zone is None:
        found.append(Wrong.ZONE)
    kept, unfit = policy.checked(details)
    if found or unfit:
        raise UnfitProfile((*found, *unfit))
    return Profile(clean, locale or None, zone, kept)


def read(transaction: Transaction, tenant_id: str, user_id: str) -> Person:
    """Return an account. Raises NotFound."""
    user = get(transaction, tenant_id, user_id)
    return Person(
        id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        email_verified=user.email_verified,
        profile=of(user),
        password_changed_at=user.password_changed_at,
        home_user_id=user.home_user_id,
    )


class Profiles:
    """Changes profiles."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        *,
        user_id: str,
        profile: Profile,
        actor: Actor,
    ) -> bool:
        """Keep a checked profile; False, and nothing, when it is the present one.

        The trail names the fields; what they held and hold is personal and encrypted there.
        """
        user = get(transaction, tenant_id, user_id)
        profile = profile.after(of(user))
        before, after = of(user).flat, profile.flat
        changed = [name for name in after if before[name] != after[name]]
        if not changed:
            return False
        user.name, user.locale, user.zoneinfo = profile.name, profile.locale, profile.zoneinfo
        user.details = policy.claims_of(
            profile.details, phone_verified=bool(profile.phone_verified)
        )
        user.updated_at = self._clock.now()
        transaction.tenant(tenant_id).flush()
        private = {f"{name}_before": before[name] for name in changed}
        private |= {f"{name}_after": after[name] for name in changed}
        event = Event(
            EventType.USER_PROFILE_CHANGED,
            tenant_id,
            actor,
            subject=user.id,
            facts={"changed": changed},
            private=private,
        )
        self._trail.record(transaction, event)
        return True


def of(user: User) -> Profile:
    """Return what an account says of its person."""
    return Profile(
        user.name,
        user.locale,
        user.zoneinfo,
        policy.texts_of(user.details),
        policy.is_phone_verified(user.details),
    )

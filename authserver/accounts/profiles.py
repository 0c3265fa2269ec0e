"""What a person says about themselves: name, language, time zone. Only they change it here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

from authserver.accounts.models import User
from authserver.accounts.service import UnfitAccount, check_name, get
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
    """What the person chose; without a language or zone, None."""

    name: str
    locale: str | None
    zoneinfo: str | None


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

    def __init__(self, found: tuple[Wrong, ...]) -> None:
        """Say everything that is wrong at once."""
        super().__init__(f"Not usable: {', '.join(found)}.")
        self.found = found


@cache
def zones() -> Mapping[str, str]:
    """Return the time zones that people choose from, by their names in lower case."""
    places = sorted(z for z in available_timezones() if z.partition("/")[0] in _AREAS)
    return {zone.lower(): zone for zone in (*places, "UTC")}


def checked(name: str, locale: str, zoneinfo: str) -> Profile:
    """Return what was typed as it will be kept. Raises UnfitProfile."""
    found, clean = [], ""
    try:
        clean = check_name(name)
    except UnfitAccount:
        found.append(Wrong.NAME)
    if locale and locale not in LANGUAGES:
        found.append(Wrong.LOCALE)
    zone = zones().get(zoneinfo.strip().replace(" ", "_").lower())
    if zoneinfo.strip() and zone is None:
        found.append(Wrong.ZONE)
    if found:
        raise UnfitProfile(tuple(found))
    return Profile(clean, locale or None, zone)


def read(transaction: Transaction, tenant_id: str, user_id: str) -> Person:
    """Return an account. Raises NotFound."""
    user = get(transaction, tenant_id, user_id)
    return Person(
        id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        email_verified=user.email_verified,
        profile=_of(user),
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
        before, after = asdict(_of(user)), asdict(profile)
        changed = [name for name in after if before[name] != after[name]]
        if not changed:
            return False
        for name in changed:
            setattr(user, name, after[name])
        user.updated_at = self._clock.now()
        transaction.tenant(tenant_id).flush()
        private = {f"{name}_before": before[name] or "" for name in changed}
        private |= {f"{name}_after": after[name] or "" for name in changed}
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


def _of(user: User) -> Profile:
    return Profile(user.name, user.locale, user.zoneinfo)

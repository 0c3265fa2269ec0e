"""The numbers of signing in, and lives of tokens, that a tenant may tighten: what each can be.

The settings say what holds where a tenant has no number of its own. Its own is compared with the
setting whenever it is used, not only when it is set: a setting that is tightened later holds for
every tenant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

from authserver.core.said import said
from authserver.settings import Settings
from authserver.tenants.policy import UnfitPolicy

# A tenant's own numbers, by the names of `Numbers` and in the units of their rules.
Tightened = Mapping[str, int]


@dataclass(frozen=True)
class Unit:
    """What a tenant's number counts, and one of it as the settings have it."""

    name: str
    one: int | timedelta


@dataclass(frozen=True)
class Direction:
    """Which way is tighter: what chooses of two numbers, and the words for it and for its end."""

    word: str
    choose: Callable[[Any, Any], Any]
    end: str


ATTEMPTS = Unit("attempts", 1)
MINUTES = Unit("minutes", timedelta(minutes=1))
HOURS = Unit("hours", timedelta(hours=1))
FEWER = Direction("fewer", min, "at least")
SHORTER = Direction("shorter", min, "at least")
LONGER = Direction("longer", max, "at most")
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_LEAST_ACCESS, _LEAST_REFRESH = 60, 5  # seconds, minutes: programs have to be able to work
_RULE = "rule"  # under which a field carries its own


@dataclass(frozen=True)
class Rule:
    """How far a tenant may tighten a number: to `limit`, where people still get in."""

    words: str
    direction: Direction
    limit: int
    unit: Unit

    def tighter(self, setting: Any, own: int) -> Any:  # noqa: ANN401  a count or a time
        """Return the tighter one of a setting and a tenant's own number."""
        return self.direction.choose(setting, own * self.unit.one)

    def bounds(self, setting: Any) -> tuple[int, int]:  # noqa: ANN401  a count or a time
        """Return the least and the most of a tenant; the setting may leave nothing in between."""
        one = self.unit.one
        if self.direction is LONGER:
            return -(-setting // one), self.limit
        return self.limit, setting // one

    def check(self, setting: Any, own: int) -> None:  # noqa: ANN401  a count or a time
        """Raise UnfitPolicy unless a tenant may have the number."""
        low, high = self.bounds(setting)
        rule = f"A tenant can only have {self.direction.word} {self.words}"
        if low > high:
            raise UnfitPolicy(
                said("%(rule)s, and this installation leaves no room for that.", rule=rule)
            )
        if not low <= own <= high:
            raise UnfitPolicy(
                said(
                    "%(rule)s: here %(low)s to %(high)s %(name)s.",
                    rule=rule,
                    low=low,
                    high=high,
                    name=self.unit.name,
                )
            )


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What holds at signing in: in the installation, or in one of its tenants.

    Each has the name of its setting. A lock is longer than a day only where the setting is.
    """

    lockout_attempts: int = field(
        metadata={_RULE: Rule("wrong passwords before a lock", FEWER, 3, ATTEMPTS)}
    )
    lockout_time: timedelta = field(
        metadata={_RULE: Rule("locks after wrong passwords", LONGER, 24 * 60, MINUTES)}
    )
    link_life: timedelta = field(
        metadata={_RULE: Rule("lives of mailed links", SHORTER, 5, MINUTES)}
    )
    invitation_life: timedelta = field(
        metadata={_RULE: Rule("lives of invitations", SHORTER, 1, HOURS)}
    )
    second_factor_time: timedelta = field(
        metadata={_RULE: Rule("times from the password to the second factor", SHORTER, 5, MINUTES)}
    )
    second_factor_flow_attempts: int = field(
        metadata={_RULE: Rule("wrong codes in one sign-in", FEWER, 3, ATTEMPTS)}
    )
    second_factor_hour_attempts: int = field(
        metadata={_RULE: Rule("wrong codes in an hour", FEWER, 5, ATTEMPTS)}
    )

    @classmethod
    def of_settings(cls, settings: Settings) -> "Numbers":
        """Return the installation's."""
        return cls(**{name: getattr(settings, name) for name in RULES})

    def of(self, own: Tightened | None) -> "Numbers":
        """Return a tenant's: of each, the tighter one of the installation's and its own."""
        if not own:
            return self
        changes = {
            name: rule.tighter(getattr(self, name), own[name])
            for name, rule in RULES.items()
            if name in own
        }
        return replace(self, **changes)

    def merge(self, own: Tightened | None, wanted: Tightened) -> dict[str, int]:
        """Return a tenant's own numbers after a change of some; 0 is none of its own.

        Raises UnfitPolicy for what would loosen, for what would keep people out, and for names
        that are none of these.
        """
        for name, number in wanted.items():
            if name not in RULES:
                raise UnfitPolicy(said("A tenant has no number '%(name)s' of its own.", name=name))
            if number:
                RULES[name].check(getattr(self, name), number)
        merged = {**(own or {}), **wanted}
        return {name: number for name, number in merged.items() if number}


@dataclass(frozen=True)
class TokenLives:
    """How long an access token of the installation lives, of any kind of client, and a family."""

    access: timedelta
    refresh: timedelta

    def check(self, access_seconds: int | None, refresh_minutes: int | None) -> None:
        """Raise UnfitPolicy unless a tenant's own lives, where it has any, shorten these."""
        for own, least, most, what in (
            (access_seconds, _LEAST_ACCESS, self.access // _SECOND, "seconds"),
            (refresh_minutes, _LEAST_REFRESH, self.refresh // _MINUTE, "minutes"),
        ):
            if own and not least <= own <= most:
                raise UnfitPolicy(
                    f"A tenant can only shorten the lives of tokens: here to {least} to {most}"
                    f" {what}."
                )


RULES: dict[str, Rule] = {item.name: item.metadata[_RULE] for item in fields(Numbers)}

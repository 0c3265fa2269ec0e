"""/health: whether everything that the installation needs is there, and keeps up."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown, Where
from authserver.admin.running.health import Finding, Health, Level
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission


class HealthLevel(StrEnum):
    """How something is. UNUSED: it is not configured, and need not be."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNUSED = "unused"


class CheckShown(Shown):
    """One thing that was looked at: `facts` are its figures by name."""

    name: str
    level: HealthLevel
    facts: dict[str, str | int | None]


class HealthShown(Shown):
    """The worst of all checks, and each of them."""

    level: HealthLevel
    version: str
    time: datetime
    checks: tuple[CheckShown, ...]


class HealthResource:
    """The operation that tells it."""

    def __init__(self, health: Health) -> None:
        """Take what looks."""
        self._health = health

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", "/health", Does.READ, Permission.HEALTH_READ, self.read_health,
                "Look whether everything works and keeps up", "health", Where.PLATFORM,
                shows=HealthShown,
            ),
        )  # fmt: skip

    def read_health(self, transaction: Transaction, _call: Call) -> Reply:
        """Look at everything now."""
        found = self._health.look(transaction)
        levels = [one.level for one in found]
        worst = next((bad for bad in (Level.BAD, Level.WARN) if bad in levels), Level.GOOD)
        shown = HealthShown(
            level=HealthLevel(worst.value),
            version=self._health.version,
            time=self._health.now(),
            checks=tuple(_check(one) for one in found),
        )
        return Reply(shown)


def _check(one: Finding) -> CheckShown:
    return CheckShown(name=one.name, level=HealthLevel(one.level.value), facts=dict(one.facts))

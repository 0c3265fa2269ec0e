"""What was used in a period: of a client, of a tenant, of the installation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.usage import policy
from authserver.usage.models import ClientUsage, PlatformUsage, TenantUsage
from authserver.usage.policy import ACTIVE, ACTIVE_DAY, PEOPLE, PEOPLE_MFA, TOKENS, Period

MOST_SHOWN = 20
# Of these the latest note holds; they are not summed.
NOTED = frozenset({PEOPLE, PEOPLE_MFA, ACTIVE, ACTIVE_DAY})
_Counted = Mapping[str, int]
_Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Point:
    """What was counted in one hour or day."""

    at: datetime
    counted: _Counted


@dataclass(frozen=True)
class Share:
    """What one client, or one tenant, had in the whole period."""

    id: str
    tokens: int
    refused: int


@dataclass(frozen=True)
class Figures:
    """A period: hour by hour or day by day, the sums, and who had most of it."""

    period: Period
    points: tuple[Point, ...]
    totals: _Counted
    shares: tuple[Share, ...] = ()

    @property
    def since(self) -> datetime:
        """Return when the period began."""
        return self.points[0].at


class Usage:
    """Reads figures."""

    def __init__(self, clock: Clock) -> None:
        """Take the time."""
        self._clock = clock

    @staticmethod
    def has_any(view: Transaction) -> bool:
        """Tell whether anything was counted yet."""
        return view.platform().scalar(select(PlatformUsage.at).limit(1)) is not None

    def of_client(
        self, view: Transaction, tenant_id: str, *, client_id: str, period: Period
    ) -> Figures:
        """Return what a client had."""
        moments = period.moments(self._clock.now())
        query = _within(ClientUsage, period, moments).where(ClientUsage.client_id == client_id)
        return _figures(period, moments, view.tenant(tenant_id).execute(query))

    def of_tenant(self, view: Transaction, tenant_id: str, period: Period) -> Figures:
        """Return what a tenant had, and its clients that had most."""
        moments = period.moments(self._clock.now())
        session = view.tenant(tenant_id)
        query = _within(TenantUsage, period, moments)
        shares = session.execute(_by(ClientUsage.client_id, period, moments))
        return _figures(period, moments, session.execute(query), shares=_shares(shares))

    def of_platform(self, view: Transaction, period: Period) -> Figures:
        """Return what the installation had, and its tenants that had most."""
        moments = period.moments(self._clock.now())
        session = view.platform()
        query = _within(PlatformUsage, period, moments)
        wanted = _by(TenantUsage.tenant_id, period, moments).where(
            or_(TenantUsage.what == TOKENS, TenantUsage.what.like("refused%"))
        )
        shares = _shares(session.execute(wanted))
        return _figures(period, moments, session.execute(query), shares=shares)

    def of_clients(self, view: Transaction, tenant_id: str, period: Period) -> Mapping[str, Share]:
        """Return what each client of a tenant had, by its id."""
        moments = period.moments(self._clock.now())
        wanted = _by(ClientUsage.client_id, period, moments)
        rows = view.tenant(tenant_id).execute(wanted)
        return {one.id: one for one in _all_shares(rows)}


def _within(model: Any, period: Period, moments: Sequence[datetime]) -> Select[Any]:  # noqa: ANN401  one of three models
    wanted = select(model.at, model.what, model.number)
    return _of_period(wanted, model, period, moments=moments)


def _by(owner: Any, period: Period, moments: Sequence[datetime]) -> Select[Any]:  # noqa: ANN401  a column of a model
    model = owner.class_
    wanted = select(owner, model.what, func.sum(model.number)).group_by(owner, model.what)
    return _of_period(wanted, model, period, moments=moments)


def _of_period(
    wanted: Select[Any],
    model: Any,  # noqa: ANN401  one of three models
    period: Period,
    *,
    moments: Sequence[datetime],
) -> Select[Any]:
    return wanted.where(
        model.grain == period.grain.value, model.at >= moments[0], model.at <= moments[-1]
    )


def _figures(
    period: Period,
    moments: Sequence[datetime],
    rows: _Rows,
    *,
    shares: tuple[Share, ...] = (),
) -> Figures:
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    for row in rows:
        at, what, number = row
        found[at][what] = int(number)
    points = tuple(Point(at, found.get(at, {})) for at in moments)
    return Figures(period, points, _totals(points), shares)


def _totals(points: Iterable[Point]) -> _Counted:
    totals: dict[str, int] = defaultdict(int)
    for point in points:
        for what, number in point.counted.items():
            totals[what] = number if what in NOTED else totals[what] + number
    return dict(totals)


def _shares(rows: _Rows) -> tuple[Share, ...]:
    ordered = sorted(_all_shares(rows), key=lambda one: (-one.tokens, -one.refused, one.id))
    return tuple(ordered[:MOST_SHOWN])


def _all_shares(rows: _Rows) -> list[Share]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        owner, what, number = row
        found[owner][what] = int(number)
    return [
        Share(owner, counted.get(TOKENS, 0), policy.refused(counted))
        for owner, counted in found.items()
    ]

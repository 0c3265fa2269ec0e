"""What is due, claimed and settled. A named platform service.

A claim is one conditional UPDATE, so any number of workers share the deliveries. An event waits for
those of its place that came before it and are neither sent nor given up; others go on.

A dead endpoint delays nobody: it is asked for one thing at a time and rests between, and a tenant
has a share of what is under way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true, update
from sqlalchemy.orm import aliased

from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.tenants.models import Tenant
from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint
from authserver.webhooks.policy import PROBED_FROM
from authserver.webhooks.sending.outcomes import Attempt

LEASE = timedelta(minutes=1)
OF_EACH, OF_TENANT = 4, 8  # under way at once: of an endpoint, of a tenant
# More than the pauses leave room for within three days: what kills its worker each time.
MOST_ATTEMPTS = 60
_DIED = "the worker died"

_Row, _End = WebhookDelivery, WebhookEndpoint


@dataclass(frozen=True)
class Busy:
    """Who has as much under way as they may: nothing more is taken for them."""

    endpoints: Collection[str] = ()
    tenants: Collection[str] = ()


class WebhookQueue:
    """The deliveries, as a worker sees them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where they are, and the time."""
        self._database = database
        self._clock = clock

    def claim(self, most: int, busy: Busy = Busy()) -> list[Attempt]:
        """Take what is due, a few of each endpoint. Each attempt counts when it begins."""
        wanted = self._wanted(busy)
        with self._database.read() as view:
            if view.platform().scalar(select(_Row.id).where(wanted).limit(1)) is None:
                return []
        return self._database.write(lambda tx: self._take(tx, wanted, most))

    def _take(
        self, transaction: Transaction, wanted: ColumnElement[bool], most: int
    ) -> list[Attempt]:
        self._bury(transaction)
        now = self._clock.now()
        until = now + LEASE
        by_age = (_Row.due_at, _Row.event_id)
        of_endpoint = func.row_number().over(partition_by=_Row.endpoint_id, order_by=by_age)
        of_tenant = func.row_number().over(partition_by=_Row.tenant_id, order_by=by_age)
        allowed = case((_End.failures >= PROBED_FROM, 1), else_=OF_EACH)
        due = (
            select(
                _Row.id,
                _Row.due_at,
                of_endpoint.label("place"),
                of_tenant.label("share"),
                allowed.label("allowed"),
            )
            .join(_End, _End.id == _Row.endpoint_id)
            .where(wanted)
            .subquery()
        )
        some = select(due.c.id).where(due.c.place <= due.c.allowed, due.c.share <= OF_TENANT)
        first = some.order_by(due.c.share, due.c.due_at).limit(most)
        taken = (
            update(_Row)
            # The condition stands twice: where two take the same row, the second finds it gone.
            .where(_Row.id.in_(first), self._due())
            .values(claimed_until=until, attempts=_Row.attempts + 1, tried_at=now)
            .returning(
                _Row.id,
                _Row.tenant_id,
                _Row.endpoint_id,
                _Row.event_id,
                _Row.attempts,
                _Row.gives_up_at,
            )
            .execution_options(synchronize_session=False)
        )
        return [Attempt(*row, until) for row in transaction.platform().execute(taken)]

    def _bury(self, transaction: Transaction) -> None:
        """Give up what killed its worker each time: nobody was left to say so."""
        dead = update(_Row).where(self._due(), _Row.attempts >= MOST_ATTEMPTS)
        gone = dead.values(failed_at=self._clock.now(), claimed_until=None, error=_DIED)
        transaction.platform().execute(gone.execution_options(synchronize_session=False))

    def _wanted(self, busy: Busy) -> ColumnElement[bool]:
        now = self._clock.now()
        earlier = aliased(_Row)
        before = (
            select(earlier.id)
            .where(
                earlier.endpoint_id == _Row.endpoint_id,
                earlier.place == _Row.place,
                earlier.event_id < _Row.event_id,
                earlier.sent_at.is_(None),
                earlier.failed_at.is_(None),
            )
            .correlate(_Row)
        )
        to = aliased(_End)
        takes = (
            select(to.id)
            .join(Tenant, Tenant.id == to.tenant_id)
            .where(
                to.id == _Row.endpoint_id,
                to.tenant_id == _Row.tenant_id,
                to.paused_at.is_(None),
                or_(to.rests_until.is_(None), to.rests_until <= now),
                Tenant.suspended_at.is_(None),
            )
            .correlate(_Row)
        )
        return and_(
            self._due(),
            takes.exists(),
            ~before.exists(),
            _Row.endpoint_id.not_in(busy.endpoints) if busy.endpoints else true(),
            _Row.tenant_id.not_in(busy.tenants) if busy.tenants else true(),
        )

    def _due(self) -> ColumnElement[bool]:
        now = self._clock.now()
        free = or_(_Row.claimed_until.is_(None), _Row.claimed_until <= now)
        return and_(_Row.sent_at.is_(None), _Row.failed_at.is_(None), _Row.due_at <= now, free)

"""/usage: figures of the installation, of a tenant and of a client, and the quotas of clients."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.admin.rest.problems import Changed
from authserver.clients.amending import Amendments
from authserver.clients.models import Client
from authserver.clients.service import ClientService
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant
from authserver.usage import policy, quotas
from authserver.usage.policy import MOST_QUOTA, Grain, Period, Quota, Refusal, Spent, verdicts
from authserver.usage.service import Figures, Point, Usage

_LIST = "usage"
Number = Annotated[int, Field(ge=1, le=MOST_QUOTA)]


class UsageQuery(Given):
    """Which period: hours of the last day or week, or the last thirty days."""

    period: Annotated[Period, Field(strict=False)] = Period.DAY


class PointShown(Shown):
    """One hour or day. People are counted when it begins; null where nothing was noted."""

    at: datetime
    tokens: int
    refused: int
    sign_ins: int
    sign_in_failures: int
    active_people: int | None
    people: int | None
    people_with_second_factor: int | None
    latency_p50_ms: int | None
    latency_p95_ms: int | None


class RefusalShown(Shown):
    """How often a token was refused for one reason."""

    reason: Refusal
    number: int


class QuotaShown(Shown):
    """One quota of a client, and when it begins anew."""

    per: str
    limit: int
    used: int
    seconds_left: int


class ShareShown(Shown):
    """What one client, or one tenant, had of it."""

    id: str
    name: str
    tokens: int
    refused: int


class UsageShown(Shown):
    """Figures of a period.

    `shares` are the clients, or for the installation the tenants, that had most.
    """

    period: Period
    grain: Grain
    since: datetime
    tokens: int
    refused: int
    sign_ins: int
    sign_in_failures: int
    people: int | None
    people_with_second_factor: int | None
    active_people: int | None
    latency_p50_ms: int | None
    latency_p95_ms: int | None
    refusals: tuple[RefusalShown, ...]
    shares: tuple[ShareShown, ...]
    quotas: tuple[QuotaShown, ...]
    points: tuple[PointShown, ...]


class QuotasPatch(Given):
    """How many tokens a client may get in a day and in a month (UTC); null is no quota."""

    day: Number | None = None
    month: Number | None = None


class QuotasShown(Shown):
    """The quotas of a client."""

    client_id: str
    day: int | None
    month: int | None


class UsageResource:
    """Operations on figures and quotas."""

    def __init__(
        self, usage: Usage, clients: ClientService, *, amendments: Amendments, clock: Clock
    ) -> None:
        """Take what reads figures, what keeps clients, and the time."""
        self._usage = usage
        self._clients = clients
        self._amendments = amendments
        self._clock = clock

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, one = Permission.USAGE_READ, "/tenants/{tenant_id}"
        return (
            Operation(
                "GET", "/usage", Does.READ, read, self.read_platform_usage,
                "Read what the installation had", _LIST, Where.PLATFORM,
                query=UsageQuery, shows=UsageShown,
            ),
            Operation(
                "GET", f"{one}/usage", Does.READ, read, self.read_tenant_usage,
                "Read what a tenant had", _LIST, Where.VIEW, query=UsageQuery, shows=UsageShown,
            ),
            Operation(
                "GET", f"{one}/clients/{{client_id}}/usage", Does.READ, read,
                self.read_client_usage, "Read what a client had", _LIST, Where.VIEW,
                query=UsageQuery, shows=UsageShown,
            ),
            Operation(
                "PATCH", f"{one}/clients/{{client_id}}/quotas", Does.CHANGE,
                Permission.TENANTS_WRITE, self.change_quotas, "Change the quotas of a client",
                _LIST, body=QuotasPatch, shows=QuotasShown,
            ),
        )  # fmt: skip

    def read_platform_usage(self, transaction: Transaction, call: Call) -> Reply:
        """Return the figures of all, and the tenants that had most."""
        figures = self._usage.of_platform(transaction, call.query.period)
        wanted = select(Tenant.id, Tenant.name).where(Tenant.id.in_(_owners(figures)))
        names = {row.id: row.name for row in transaction.platform().execute(wanted)}
        return Reply(shown(figures, names))

    def read_tenant_usage(self, transaction: Transaction, call: Call) -> Reply:
        """Return the figures of a tenant, and its clients that had most."""
        tenant_id = call.path["tenant_id"]
        figures = self._usage.of_tenant(transaction, tenant_id, call.query.period)
        wanted = select(Client.id, Client.name).where(Client.id.in_(_owners(figures)))
        names = {row.id: row.name for row in transaction.tenant(tenant_id).execute(wanted)}
        return Reply(shown(figures, names))

    def read_client_usage(self, transaction: Transaction, call: Call) -> Reply:
        """Return the figures of a client, and what is left of its quotas."""
        tenant_id, now = call.path["tenant_id"], self._clock.now()
        client = self._clients.get(transaction, tenant_id, call.path["client_id"])
        figures = self._usage.of_client(
            transaction, tenant_id, client_id=client.id, period=call.query.period
        )
        quota = policy.quota_of(client.quota_day, client.quota_month)
        used = quotas.spent(transaction, tenant_id, client.id, now=now)
        return Reply(shown(figures, {}, quotas_left(quota, used, now)))

    def change_quotas(self, transaction: Transaction, call: Call) -> Reply:
        """Change a client's quotas: for who administers the tenants, not the tenant itself."""
        tenant_id, client_id = call.path["tenant_id"], call.path["client_id"]
        client = self._clients.get(transaction, tenant_id, client_id, lock=True)
        if call.version is not None and call.version != client.version:
            raise Changed("Read it again, and decide anew.")
        patch: QuotasPatch = call.body
        changes = {f"quota_{name}": getattr(patch, name) for name in patch.model_fields_set}
        client, _ = self._amendments.amend(
            transaction, tenant_id, client_id, changes=changes, actor=call.caller.actor
        )
        content = QuotasShown(client_id=client.id, day=client.quota_day, month=client.quota_month)
        return Reply(content, client.version)


def quotas_left(quota: Quota | None, used: Spent, now: datetime) -> tuple[QuotaShown, ...]:
    """Return each quota of a client with what was used of it."""
    if quota is None:
        return ()
    return tuple(
        QuotaShown(
            per=one.name,
            limit=one.limit,
            used=one.limit - one.remaining,
            seconds_left=one.reset,
        )
        for one in verdicts(quota, used, now, allowed=True)
    )


def shown(
    figures: Figures, names: Mapping[str, str], left: tuple[QuotaShown, ...] = ()
) -> UsageShown:
    """Return figures field by field; shares are those whose names are given."""
    totals = figures.totals
    return UsageShown(
        period=figures.period,
        grain=figures.period.grain,
        since=figures.since,
        **_counted(totals),
        active_people=totals.get(policy.ACTIVE_DAY, 0 if policy.PEOPLE in totals else None),
        refusals=tuple(
            RefusalShown(reason=reason, number=number)
            for reason, number in policy.refusals(totals).items()
        ),
        shares=tuple(
            ShareShown(id=one.id, name=names[one.id], tokens=one.tokens, refused=one.refused)
            for one in figures.shares
            if one.id in names
        ),
        quotas=left,
        points=tuple(_point(point) for point in figures.points),
    )


def _point(point: Point) -> PointShown:
    active = point.counted.get(policy.ACTIVE)
    return PointShown(at=point.at, active_people=active, **_counted(point.counted))


def _counted(counted: Mapping[str, int]) -> dict[str, Any]:
    return {
        "tokens": counted.get(policy.TOKENS, 0),
        "refused": policy.refused(counted),
        "sign_ins": counted.get(policy.SIGN_INS, 0),
        "sign_in_failures": counted.get(policy.SIGN_IN_FAILURES, 0),
        "people": counted.get(policy.PEOPLE),
        "people_with_second_factor": counted.get(policy.PEOPLE_MFA),
        "latency_p50_ms": policy.percentile(counted, 0.5),
        "latency_p95_ms": policy.percentile(counted, 0.95),
    }


def _owners(figures: Figures) -> Iterable[str]:
    return [share.id for share in figures.shares]

"""/tenants/{tenant_id}/limits and /flags: what a tenant has booked. The platform sets them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from authserver.admin.api.tenancy.rows import of, tenant_of, to_change
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.tenants.limits.flags import Flags
from authserver.tenants.limits.policy import MOST_OF_ANYTHING
from authserver.tenants.limits.service import Limit, Limits
from authserver.tenants.models import Tenant

_TAG = "limits and flags"
_ONE = "/tenants/{tenant_id}/limits/{limit}"
_FLAG = "/tenants/{tenant_id}/flags/{flag}"


class LimitShown(Shown):
    """How much of something a tenant may have, and how much it has."""

    name: str
    most: int
    used: int


class LimitsShown(Shown):
    """Every limit of a tenant. What is not among them has none."""

    items: tuple[LimitShown, ...]


class NewLimit(Given):
    """A limit. What is there above it stays."""

    most: Annotated[int, Field(ge=0, le=MOST_OF_ANYTHING)]


class Amount(Given):
    """How much is taken or given back."""

    amount: Annotated[int, Field(ge=1, le=MOST_OF_ANYTHING)] = 1


class FlagsShown(Shown):
    """What a tenant has booked."""

    flags: dict[str, bool]


class NewFlag(Given):
    """Whether something is booked."""

    enabled: bool


class LimitOperations:
    """Operations on limits."""

    def __init__(self, limits: Limits, flags: Flags) -> None:
        """Take what changes them."""
        self._limits = limits
        self._flags = flags

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.SETTINGS_READ, Permission.TENANTS_WRITE
        everywhere = Where.PLATFORM
        return (
            Operation(
                "GET", "/tenants/{tenant_id}/limits", Does.READ, read, self.list_limits,
                "List the limits of a tenant", _TAG, Where.VIEW, shows=LimitsShown,
            ),
            Operation(
                "PUT", _ONE, Does.CHANGE, write, self.set_limit, "Limit something of a tenant",
                _TAG, everywhere, body=NewLimit, shows=LimitShown,
            ),
            Operation(
                "DELETE", _ONE, Does.CHANGE, write, self.remove_limit, "Take a limit away", _TAG,
                everywhere,
            ),
            Operation(
                "POST", f"{_ONE}/take", Does.CREATE, write, self.take_of_limit,
                "Count something that is made: refused where there is no room", _TAG, everywhere,
                body=Amount, shows=LimitShown,
            ),
            Operation(
                "POST", f"{_ONE}/release", Does.CREATE, write, self.release_of_limit,
                "Give back what was taken", _TAG, everywhere, body=Amount, shows=LimitShown,
            ),
            Operation(
                "GET", "/tenants/{tenant_id}/flags", Does.READ, read, self.read_flags,
                "Read what a tenant has booked", _TAG, Where.VIEW, shows=FlagsShown,
            ),
            Operation(
                "PUT", _FLAG, Does.CHANGE, write, self.set_flag, "Set a flag of a tenant", _TAG,
                everywhere, body=NewFlag, shows=FlagsShown,
            ),
            Operation(
                "DELETE", _FLAG, Does.CHANGE, write, self.remove_flag, "Forget a flag", _TAG,
                everywhere,
            ),
        )  # fmt: skip

    def list_limits(self, transaction: Transaction, call: Call) -> Reply:
        """Return the limits, by name."""
        tenant = tenant_of(transaction, call)
        items = tuple(_shown(one) for one in self._limits.all_of(transaction, tenant.id))
        return Reply(LimitsShown(items=items))

    def set_limit(self, transaction: Transaction, call: Call) -> Reply:
        """Set a limit."""
        limit = self._limits.set_limit(
            transaction, *of(call, "limit"), most=call.body.most, actor=call.caller.actor
        )
        return Reply(_shown(limit))

    def remove_limit(self, transaction: Transaction, call: Call) -> Reply:
        """Take a limit away."""
        self._limits.remove(transaction, *of(call, "limit"), actor=call.caller.actor)
        return Reply()

    def take_of_limit(self, transaction: Transaction, call: Call) -> Reply:
        """Count what is made."""
        taken = self._limits.take(
            transaction, *of(call, "limit"), amount=call.body.amount, actor=call.caller.actor
        )
        return Reply(_shown(taken))

    def release_of_limit(self, transaction: Transaction, call: Call) -> Reply:
        """Give back."""
        left = self._limits.release(
            transaction, *of(call, "limit"), amount=call.body.amount, actor=call.caller.actor
        )
        return Reply(_shown(left))

    def read_flags(self, transaction: Transaction, call: Call) -> Reply:
        """Return the flags."""
        return _flags(tenant_of(transaction, call))

    def set_flag(self, transaction: Transaction, call: Call) -> Reply:
        """Set a flag."""
        wanted = {call.path["flag"]: call.body.enabled}
        return _flags(self._change(transaction, call, wanted))

    def remove_flag(self, transaction: Transaction, call: Call) -> Reply:
        """Forget a flag."""
        self._change(transaction, call, {call.path["flag"]: None})
        return Reply()

    def _change(
        self, transaction: Transaction, call: Call, wanted: dict[str, bool | None]
    ) -> Tenant:
        tenant = to_change(transaction, call)
        return self._flags.change(transaction, tenant.id, wanted, actor=call.caller.actor)


def _shown(limit: Limit) -> LimitShown:
    return LimitShown(name=limit.name, most=limit.most, used=limit.used)


def _flags(tenant: Tenant) -> Reply:
    return Reply(FlagsShown(flags=tenant.flags or {}), tenant.version)

"""/tenants/{tenant_id}/trail/bundle: a bundle of the trail in parts, for whoever verifies it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors
from authserver.audit.bundles.writing import BundleWriter, Plan
from authserver.audit.sequencing.kept import MissingError
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.roles.catalogue import Permission
from authserver.trail_exports.writing import BundleSource, So

_NAME = "trail bundle"
_AT_ONCE = 4_000
_Number = Annotated[int, Field(ge=1, lt=1 << 62, strict=False)]


class BundlePart(Shown):
    """Some whole lines of a bundle (docs/trail-format.md); the next ones by `next_cursor`.

    The parts together are one bundle of the events `first` to `last`.
    """

    first: int
    last: int
    checkpoint: int
    text: str
    next_cursor: str | None


class BundleQuery(Given):
    """Of all, or of what came after the checkpoint `since`; `known` is to be in it as well."""

    since: _Number | None = None
    known: _Number | None = None
    cursor: Annotated[str | None, Field(max_length=4096)] = None


class BundleApi:
    """The operation that reads a bundle."""

    def __init__(self, bundles: BundleWriter, cursors: Cursors) -> None:
        """Take what writes bundles, and what makes cursors."""
        self._bundles = bundles
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", "/tenants/{tenant_id}/trail/bundle", Does.READ, Permission.AUDIT_READ,
                self.read_bundle, "Read the trail as a bundle that proves itself, part by part",
                "events", query=BundleQuery, shows=BundlePart,
            ),
        )  # fmt: skip

    def read_bundle(self, transaction: Transaction, call: Call) -> Reply:
        """Return the next part. Raises NotFound where no checkpoint covers the trail yet."""
        query: BundleQuery = call.query
        tenant_id = call.path["tenant_id"]
        scope = (_NAME, call.caller.id, tenant_id)
        if query.cursor:
            first, last, place, events, tombstones, *numbers = map(
                int, self._cursors.read(query.cursor, *scope)
            )
            plan = Plan(tenant_id, first, last, tuple(numbers))
            so = So(str(place), events, tombstones)
        else:
            plan, so = self._planned(transaction, tenant_id, query), So()
        source = BundleSource(self._bundles, plan, at_once=_AT_ONCE)
        try:
            piece = source.piece(transaction, so, begun=query.cursor is not None)
        except MissingError as error:
            raise Conflict(
                "The trail was changed, and cannot be proved.", detail=f"{error}"
            ) from error
        now = (piece.now.place, piece.now.events, piece.now.tombstones)
        place_of = [plan.first, plan.last, *now, *plan.checkpoints]
        part = BundlePart(
            first=plan.first,
            last=plan.last,
            checkpoint=plan.checkpoints[-1],
            text=piece.text.decode(),
            next_cursor=None if piece.last else self._cursors.make([*map(str, place_of)], *scope),
        )
        return Reply(part)

    def _planned(self, transaction: Transaction, tenant_id: str, query: BundleQuery) -> Plan:
        also = (query.known,) if query.known else ()
        try:
            return self._bundles.plan(transaction, tenant_id, since=query.since, also=also)
        except Refused as refused:
            raise NotFound(refused.description) from refused

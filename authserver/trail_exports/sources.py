"""From what was asked for to what writes it; and back, once it is stored with the export."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from authserver.audit.bundles.writing import BundleWriter, Plan
from authserver.audit.catalogue import EventType
from authserver.audit.reading import TrailReader, Wanted
from authserver.core.database.engine import Transaction
from authserver.core.problems import Problem
from authserver.trail_exports.values import Ask, Format
from authserver.trail_exports.writing import BundleSource, RowSource, Source, newest

_TIMES = {"since", "until"}
_TYPES = {event.value: event for event in EventType}


class UnfitExport(Problem):
    """What was asked for does not go together."""

    status = 422
    code = "unfit_export"
    title = "This cannot be exported so"


class Sources:
    """Makes what writes files."""

    def __init__(self, reader: TrailReader, bundles: BundleWriter) -> None:
        """Take what reads the trail, and what writes bundles."""
        self._reader = reader
        self._bundles = bundles

    def asked(
        self, transaction: Transaction, tenant_id: str, ask: Ask
    ) -> tuple[Source, dict[str, Any]]:
        """Return what writes a file, and what is to be stored of it.

        Raises UnfitExport, and Refused where no checkpoint covers the trail yet.
        """
        filters = _stored(ask.wanted)
        if ask.format is Format.BUNDLE:
            if filters or ask.personal:
                raise UnfitExport("A bundle has every event, and nothing in clear.")
            plan = self._bundles.plan(transaction, tenant_id, since=ask.since, also=ask.also)
            source = BundleSource(self._bundles, plan)
            return source, {"plan": [plan.first, plan.last, *plan.checkpoints]}
        if ask.since is not None or ask.also:
            raise UnfitExport("Checkpoints are for bundles.")
        total = newest(transaction, tenant_id)
        rows = RowSource(
            self._reader, tenant_id, ask.wanted, ask.format, opened=ask.personal, total=total
        )
        return rows, {"filters": filters}

    def stored(
        self, tenant_id: str, asked: Mapping[str, Any], form: Format, *, opened: bool, total: int
    ) -> Source:
        """Return what writes a file that was asked for before."""
        if form is Format.BUNDLE:
            first, last, *checkpoints = asked["plan"]
            plan = Plan(tenant_id, first, last, tuple(checkpoints))
            return BundleSource(self._bundles, plan)
        wanted = wanted_of(asked["filters"])
        return RowSource(self._reader, tenant_id, wanted, form, opened=opened, total=total)


def _stored(wanted: Wanted) -> dict[str, str]:
    found = {name: value for name, value in asdict(wanted).items() if value is not None}
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in found.items()
    }


def wanted_of(filters: Mapping[str, str]) -> Wanted:
    """Return filters as the reader takes them. Raises UnfitExport."""
    values: dict[str, Any] = dict(filters)
    try:
        for name in _TIMES & values.keys():
            values[name] = datetime.fromisoformat(values[name])
            if values[name].tzinfo is None:
                values[name] = values[name].replace(tzinfo=UTC)
        if "type" in values:
            values["type"] = _TYPES[values["type"]]
        return Wanted(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise UnfitExport("There is no such filter, or no such value of it.") from error

"""What the samples say: medians, ranges, ratios to the peer, and whether the budgets are met."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from load import Sample
from machine import Memory
from operations import MEMORY_BUDGET_MB, P99_BUDGET_MS, Operation

GENERATOR_IS_THE_LIMIT = 0.9


@dataclass(frozen=True)
class Spread:
    """A median and its range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Summarise `values`, at least one."""
        return cls(round(median(values), 3), round(min(values), 3), round(max(values), 3))


@dataclass(frozen=True)
class Row:
    """One operation of one server."""

    operation: str
    title: str
    target: str
    operations_per_second: Spread
    p50_ms: Spread
    p99_ms: Spread
    generator_busy: float
    server_busy: float
    others_busy: float
    valid: bool
    complaint: str
    ratio: Spread | None = None
    budget: float | None = None
    met: bool | None = None

    @property
    def is_generator_bound(self) -> bool:
        """The load generator had no time left: the server may be faster than this."""
        return self.generator_busy >= GENERATOR_IS_THE_LIMIT


def row(operation: Operation, target: str, *, own: list[Sample], peer: list[Sample] | None) -> Row:
    """Summarise the samples of one operation; `peer` has the same rounds, None for the peer."""
    complaints = [sample.complaint for sample in own if sample.complaint]
    p99 = Spread.of([sample.p99_ms for sample in own])
    ratio = Spread.of(_ratios(own, peer)) if peer else None
    return Row(
        operation=operation.name,
        title=operation.title,
        target=target,
        operations_per_second=Spread.of([sample.operations_per_second for sample in own]),
        p50_ms=Spread.of([sample.p50_ms for sample in own]),
        p99_ms=p99,
        generator_busy=max(sample.generator_busy for sample in own),
        server_busy=min(sample.server_busy for sample in own),
        others_busy=max(sample.others_busy for sample in own),
        valid=all(sample.is_valid for sample in own),
        complaint=complaints[0] if complaints else "",
        ratio=ratio,
        budget=operation.budget if ratio else None,
        met=_met(operation, ratio, p99) if ratio else None,
    )


def _ratios(own: list[Sample], peer: list[Sample]) -> list[float]:
    """Compare within a round only: the processor's speed changes between rounds."""
    pairs = zip(own, peer, strict=True)
    return [a.operations_per_second / max(b.operations_per_second, 0.1) for a, b in pairs]


def _met(operation: Operation, ratio: Spread, p99: Spread) -> bool:
    in_time = not operation.is_token_operation or p99.median < P99_BUDGET_MS
    return ratio.median >= operation.budget and in_time


def memory_is_met(memory: Memory) -> bool:
    """Tell whether the process that serves stays within the budget."""
    return memory.largest_process_mb <= MEMORY_BUDGET_MB


def as_json(rows: list[Row], samples: dict[str, dict[str, list[Sample]]]) -> list[dict[str, Any]]:
    """Return the rows with every sample."""
    return [
        asdict(found)
        | {"samples": [asdict(sample) for sample in samples[found.target][found.operation]]}
        for found in rows
    ]

"""Ways out of a stream: each takes a batch of events whole, or says why not.

A sink that died in the middle may have taken some of a batch: it gets the batch again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import orjson


class Refused(Exception):  # noqa: N818  an outcome
    """The batch was not taken; the reason is for operators."""


@dataclass(frozen=True)
class Line:
    """An event of a tenant's trail: its canonical body, and the hash that proves it."""

    tenant_id: str
    seq: int
    time: datetime
    type: str
    body: bytes
    leaf: bytes

    def json(self) -> bytes:
        """Return it as one line of JSON, the body exactly as it is in the trail."""
        about = {"tenant": self.tenant_id, "seq": self.seq, "leaf": self.leaf.hex()}
        return orjson.dumps({**about, "event": orjson.Fragment(self.body)})


class Sink(Protocol):
    """Takes events in their order."""

    def send(self, lines: Sequence[Line]) -> None:
        """Take them, durably where that is possible. Raises Refused."""

    def close(self) -> None:
        """Let go of what is open."""

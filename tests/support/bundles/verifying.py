"""Both verifiers, asked the same: their verdicts have to be one."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from authserver.sdk import trail_verifier
from tests.support.bundles.keys import Witness

_SCRIPT = Path(__file__).with_name("verify.js")
_BOTH_SAY = (
    "status", "reasons", "at", "until", "tenant", "origin", "first", "last", "events",
    "tombstones", "checkpoint", "time", "keys", "anchors", "witnesses", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What verifiers get beside the bundle; `keys` is the text of the document."""

    keys: str | None = None
    anchors: Sequence[str] = ()
    witnesses: Sequence[Witness] = field(default_factory=tuple)


class JavaScript:
    """The verifier in JavaScript, in one process of Node.js."""

    def __init__(self, node: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([node, str(_SCRIPT)], stdin=pipe, stdout=pipe, text=True)

    def verify(self, bundle: bytes, given: Given, size: int = 4096) -> dict[str, Any]:
        asked = {
            "keys": given.keys and json.loads(given.keys),
            "anchors": [*given.anchors],
            "witnesses": [witness.known_as for witness in given.witnesses],
        }
        line = {"bundle": b64encode(bundle).decode(), "size": size, "given": asked}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "crash" not in said, said["crash"]
        return said

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()


def trust(given: Given) -> trail_verifier.Trust:
    """What was given, as the verifier in Python takes it."""
    keys = given.keys and json.loads(given.keys)["keys"]
    return trail_verifier.Trust(
        [trail_verifier.saved_key(key) for key in keys] if keys else None,
        [trail_verifier.read_note(note) for note in given.anchors],
        {(one.name, one.id.hex()): one.public[1:] for one in given.witnesses},
    )


def python(bundle: bytes, given: Given, size: int = 4096) -> dict[str, Any]:
    """The verdict of the verifier in Python."""
    pieces = (bundle[at : at + size] for at in range(0, len(bundle), size))
    return asdict(trail_verifier.verify(pieces, trust(given)))


@dataclass(frozen=True)
class Verifiers:
    """Both of them."""

    javascript: JavaScript

    def verdict(self, bundle: bytes, given: Given, size: int = 4096) -> dict[str, Any]:
        """The one verdict."""
        one = python(bundle, given, size)
        other = self.javascript.verify(bundle, given, size)
        # How far each unpacked what then ended is its own affair.
        partial = {"cut_short", "compression"} & {*one["reasons"]}
        names = _BOTH_SAY[:3] if partial else _BOTH_SAY
        assert {name: one[name] for name in names} == {name: other[name] for name in names}
        return one

    def brief(self, bundle: bytes, given: Given) -> tuple[Any, ...]:
        """Its status, its reasons, and the number."""
        verdict = self.verdict(bundle, given)
        return verdict["status"], *verdict["reasons"], verdict["at"]

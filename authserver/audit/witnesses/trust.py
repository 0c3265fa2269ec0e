"""Which keys a witness believes: those to which its own ones lead. Pure."""

from base64 import b64decode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from authserver.audit.checkpoints.signing import ALGORITHMS, Verifier
from authserver.audit.witnesses.policy import Known


class NotTrustedError(Exception):
    """No known key of the log leads to those that are offered."""


@dataclass(frozen=True)
class Offered:
    """A key, and what the key before signed of it."""

    verifier: Verifier
    statement: bytes
    signature: bytes

    def is_named_by(self, known: Sequence[Verifier]) -> bool:
        """Tell whether a known key has signed that this one follows it."""
        says = self.statement.split(b"\n")
        own = (self.verifier.name, self.verifier.algorithm)
        if tuple(line.decode(errors="replace") for line in says[1:3]) != own:
            return False
        try:
            public = b64decode(says[3], validate=True)
        except (ValueError, IndexError):
            return False
        signed = any(one.verifies(self.statement, self.signature) for one in known)
        return says[0] == b"authserver trail key" and public == self.verifier.public_key and signed


def offered(document: Mapping[str, Any]) -> list[Offered]:
    """Read what /.well-known/audit-keys says. Raises KeyError, TypeError, ValueError."""
    found = []
    for key in document["keys"]:
        if key["algorithm"] not in ALGORITHMS:
            raise ValueError("an algorithm that is not known")
        public = b64decode(key["public_key"], validate=True)
        verifier = Verifier(str(key["name"]), key["algorithm"], public)
        signature = b64decode(key["cross_signature"] or "", validate=True)
        found.append(Offered(verifier, key["statement"].encode(), signature))
    return found


def trusted(
    known: Mapping[str, Known], keys: Sequence[Offered], *, anew: bool = False
) -> list[Known]:
    """Return the logs of the keys with those that are believed. Raises NotTrustedError.

    All are of a log that is new, or `anew`; else those to which known ones lead, one by one.
    """
    by_log: dict[str, list[Offered]] = defaultdict(list)
    for key in keys:
        by_log[key.verifier.name].append(key)
    return [
        _grown(known.get(origin, Known(origin, ())), of_log, anew=anew)
        for origin, of_log in by_log.items()
    ]


def _grown(log: Known, keys: Sequence[Offered], *, anew: bool) -> Known:
    anew = anew or not log.keys
    believed = list(log.keys)
    for key in keys:
        if key.verifier in believed:
            continue
        if not anew and not key.is_named_by(believed):
            raise NotTrustedError(f"no known key of {log.origin} has signed a new one")
        believed.append(key.verifier)
    return replace(log, keys=tuple(believed))

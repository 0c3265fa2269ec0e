"""The lines of a bundle, in the one way in which each can be written."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from authserver.audit.checkpoints.keys import PublicKey
from authserver.audit.checkpoints.values import Checkpoint, HeadProof
from authserver.audit.tree import Frontier

VERSION = 1


def written(line: Mapping[str, Any]) -> bytes:
    """Return a line as it stands in the file."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def bundle(tenant_id: str, origin: str, first: int, *, last: int) -> bytes:
    """Return the first line."""
    head = {"kind": "bundle", "version": VERSION, "tenant": tenant_id, "origin": origin}
    return written({**head, "first": first, "last": last})


def keys(known: Sequence[PublicKey]) -> list[bytes]:
    """Return the lines of the keys, each behind the one that signed it."""
    ids = {key.id: key.verifier.key_id.hex() for key in known}
    return [_key(key, ids.get(key.signed_by or "")) for key in known]


def _key(key: PublicKey, signer: str | None) -> bytes:
    cross = key.cross_signature if signer else None
    line = {
        "kind": "key",
        "name": key.verifier.name,
        "id": key.verifier.key_id.hex(),
        "algorithm": key.verifier.algorithm,
        "public": _text(key.verifier.public_key),
        "from": _time(key.signs_from),
        "until": key.signs_until and _time(key.signs_until),
        "signer": signer,
        "cross": cross and _text(cross),
    }
    return written(line)


def checkpoint(one: Checkpoint, proof: Sequence[bytes]) -> bytes:
    """Return the line of a checkpoint, with the proof that it is the last of its log."""
    line = {"kind": "checkpoint", "number": one.number, "note": one.note}
    return written({**line, "proof": _texts(proof)})


def head(one: HeadProof) -> bytes:
    """Return the line of the tenant's head in a checkpoint."""
    line = {
        "kind": "head",
        "checkpoint": one.checkpoint.number,
        "size": one.head.size,
        "root": _text(one.head.root),
        "chain": _text(one.head.chain),
        "index": one.index,
        "proof": _texts(one.in_heads),
    }
    return written(line)


def consistency(old: int, new: int, proof: Sequence[bytes]) -> bytes:
    """Return the line that one checkpoint continues another."""
    return written({"kind": "consistency", "from": old, "to": new, "proof": _texts(proof)})


def start(chain: bytes, frontier: Frontier) -> bytes:
    """Return what came before the first event."""
    return written({"kind": "start", "chain": _text(chain), "frontier": _texts(frontier.hashes)})


def event(seq: int, body: bytes, chain: bytes) -> bytes:
    """Return the line of an event. If it is UTF-8 no more, its hash will tell."""
    text = body.decode(errors="replace")
    return written({"kind": "event", "seq": seq, "body": text, "chain": _text(chain)})


def tombstone(seq: int, leaf: bytes, chain: bytes) -> bytes:
    """Return the line of an event whose time is over: its hash stands for what it said."""
    line = {"kind": "tombstone", "seq": seq, "leaf": _text(leaf), "chain": _text(chain)}
    return written(line)


def is_tombstone(line: bytes) -> bool:
    """Tell what a line of `tombstone` or `event` is."""
    return line.startswith(b'{"kind":"tombstone"')


def end(events: int, tombstones: int = 0) -> bytes:
    """Return the last line."""
    return written({"kind": "end", "events": events, "tombstones": tombstones})


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [_text(one) for one in hashes]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

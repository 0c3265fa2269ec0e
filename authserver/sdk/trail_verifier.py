"""Verifies a bundle of a tenant's trail, offline: `python trail_verifier.py BUNDLE --keys KEYS`.

One file to take away: it needs Python 3.11 and the package `cryptography`, nothing else, and shares
nothing with the server that wrote the bundle. docs/trail-format.md says what is checked, in which
order, and what each verdict means. It reads as a stream: memory does not grow with the bundle.

Exit codes: 0 verified, 1 tampered, 2 incomplete, 3 usage.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

MAX_LINE, MAX_NOTE, MAX_SIGNATURES = 8 * 1024 * 1024, 65_536, 64
MAX_KEYS, MAX_CHECKPOINTS, MAX_HASHES = 1_000, 10_000, 64
MAX_KEYS_FILE = 16 * 1024 * 1024
LARGEST = 2**53 - 1
PIECE = 1 << 18
EXIT = {"verified": 0, "tampered": 1, "incomplete": 2, "usage": 3}
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TAMPERED = {
    "malformed": "a line of the file is not what a server writes",
    "compression": "the file is damaged: it cannot be unpacked",
    "key": "a signing key is not known",
    "note": "a checkpoint cannot be read, or does not belong here",
    "signature": "a checkpoint is not signed by a key that was valid then",
    "cosignature": "a witness did not sign what stands here as its signature",
    "fork": "there are two different checkpoints of one number: two histories",
    "log": "a checkpoint is not in the log of checkpoints",
    "head": "the checkpoint does not have this trail",
    "consistency": "a checkpoint does not continue the one before",
    "cut": "the end of the trail was cut off",
    "number": "an event is missing, out of its order, or there twice",
    "chain": "an event was changed",
    "start": "what came before is not what was signed",
    "root": "events are not those that were signed",
    "count": "the file does not have the events that it counts",
}
INCOMPLETE = {
    "cut_short": "the file ends too early: get it again",
    "uncovered": "no checkpoint covers the last events yet",
    "keys_untrusted": "the keys came with the bundle: give --keys with keys saved from the server",
    "anchor_newer": "an anchor is newer than the bundle: export again; if it stays so, the trail"
    " was rolled back",
    "anchor_absent": "an anchor's checkpoint is not in the bundle: export with it",
    "anchor_headless": "an anchor's checkpoint has nothing of this trail here: the trail is"
    " younger, the file begins later, or the head was left out",
    "anchor_unknown": "an anchor is not signed by a known key of this log",
    "cosignature_missing": "a witness did not sign the newest checkpoint",
}


class Tampered(Exception):  # noqa: N818  it is the verdict
    """Something that the server cannot have written."""

    def __init__(
        self,
        reason: str,
        at: int | None = None,
        *,
        until: int | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason, self.at, self.until, self.notes = reason, at, until, notes


class Usage(Exception):  # noqa: N818  it is the verdict
    """What was asked for cannot be done."""


@dataclass
class Verdict:
    """What was found. `reasons` are codes of TAMPERED or INCOMPLETE."""

    status: str = "verified"
    reasons: list[str] = field(default_factory=list)
    at: int | None = None
    until: int | None = None
    tenant: str | None = None
    origin: str | None = None
    first: int | None = None
    last: int | None = None
    events: int = 0
    tombstones: int = 0
    checkpoint: int | None = None
    time: str | None = None
    keys: list[str] = field(default_factory=list)
    anchors: int = 0
    witnesses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    message: str = ""


# --- Hashes and trees -------------------------------------------------------------------------


def digest(data: bytes) -> bytes:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).digest()


def number(value: int) -> bytes:
    """Return an integer as it is hashed."""
    return value.to_bytes(8, "big")


def packed(data: bytes) -> bytes:
    """Return bytes as they are hashed, with their length."""
    return number(len(data)) + data


def inner(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return digest(b"\x01" + left + right)


def root_of(subtrees: Sequence[bytes]) -> bytes:
    """Return the root over full subtrees, the largest first."""
    if not subtrees:
        return digest(b"")
    *rest, root = subtrees
    for left in reversed(rest):
        root = inner(left, root)
    return root


def included(proof: Sequence[bytes], leaf: bytes, *, index: int, size: int, root: bytes) -> bool:
    """Tell whether a leaf is in a tree (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        return False
    place, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = inner(one, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = inner(found, one)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def grown(proof: Sequence[bytes], old: tuple[int, bytes], new: tuple[int, bytes]) -> bool:
    """Tell whether a tree continues a smaller one, both (size, root); RFC 9162 section 2.1.4.2."""
    (size, old_root), (new_size, new_root) = old, new
    path = [old_root, *proof] if size & (size - 1) == 0 else [*proof]
    if not path:
        return False
    place, last = size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = inner(one, first), inner(one, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = inner(second, one)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# --- What lines are made of: each function raises ValueError for what is none -----------------


def decoded(text: str) -> bytes:
    """Return what base64 says, written in the one way there is."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64")
    return data


def hashed(text: str) -> bytes:
    """Return a hash."""
    if len(data := decoded(text)) != hashlib.sha256().digest_size:
        raise ValueError("hash")
    return data


def moment(text: str) -> int:
    """Return a time in microseconds since 1970."""
    if not re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z", text):
        raise ValueError("time")
    time = datetime.fromisoformat(f"{text[:-1]}+00:00")
    if time < EPOCH or time.isoformat(timespec="microseconds") != f"{text[:-1]}+00:00":
        raise ValueError("time")
    return (time - EPOCH) // timedelta(microseconds=1)


def counted(text: str) -> int:
    """Return an integer from its digits."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text) or int(text) > LARGEST:
        raise ValueError("integer")
    return int(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text")  # noqa: TRY004  one error for every bad line
    return value


def _integer(value: object) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("integer")
    return value


def _hashes(value: object) -> list[bytes]:
    if not isinstance(value, list) or len(value) > MAX_HASHES:
        raise ValueError("hashes")
    return [hashed(_text(one)) for one in value]


def _key_id(value: object) -> str:
    if not re.fullmatch(r"[0-9a-f]{8}", _text(value)):
        raise ValueError("key id")
    return _text(value)


def _of_text(read: Callable[[str], Any]) -> Callable[[object], Any]:
    return lambda value: read(_text(value))


def _or_null(read: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value is None else read(value)


_HASH, _BYTES, _TIME = _of_text(hashed), _of_text(decoded), _of_text(moment)
KEY = {
    "name": _text, "id": _key_id, "algorithm": _text, "public": _BYTES, "from": _TIME,
    "until": _or_null(_TIME), "signer": _or_null(_key_id), "cross": _or_null(_BYTES),
}  # fmt: skip
LINES: dict[str, dict[str, Callable[[object], Any]]] = {
    "bundle": {
        "version": _integer, "tenant": _text, "origin": _text, "first": _integer, "last": _integer,
    },
    "key": KEY,
    "checkpoint": {"number": _integer, "note": _text, "proof": _hashes},
    "head": {
        "checkpoint": _integer, "size": _integer, "root": _HASH, "chain": _HASH,
        "index": _integer, "proof": _hashes,
    },
    "consistency": {"from": _integer, "to": _integer, "proof": _hashes},
    "start": {"chain": _HASH, "frontier": _hashes},
    "event": {"seq": _integer, "body": _text, "chain": _HASH},
    "tombstone": {"seq": _integer, "leaf": _HASH, "chain": _HASH},
    "end": {"events": _integer, "tombstones": _integer},
}  # fmt: skip
ORDER = {kind: min(at, 6) if kind != "end" else 7 for at, kind in enumerate(LINES)}
EVENTS, END = ORDER["event"], ORDER["end"]


def members(document: object, wanted: Mapping[str, Callable[[object], Any]]) -> dict[str, Any]:
    """Return the members of a document, read, which are these in this order."""
    if not isinstance(document, dict) or list(document) != list(wanted):
        raise ValueError("members")
    return {name: read(document[name]) for name, read in wanted.items()}


def parsed(line: bytes) -> tuple[str, dict[str, Any]]:
    """Return a line's kind and what it says."""
    text = line.decode("utf-8")
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("depth") from error
    if not isinstance(document, dict) or next(iter(document), None) != "kind":
        raise ValueError("kind")
    kind = document["kind"]
    if not isinstance(kind, str) or kind not in LINES:
        raise ValueError("kind")
    if ENCODE(document) != text:
        raise ValueError("not canonical")
    del document["kind"]
    return kind, members(document, LINES[kind])


# --- Notes and keys ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A checkpoint as it was signed; `signatures` are (name, key id, signature)."""

    whole: str
    text: bytes
    origin: str
    number: int
    root: bytes
    written: str
    time: int
    heads: int
    heads_root: bytes
    signatures: tuple[tuple[str, str, bytes], ...]

    @property
    def leaf(self) -> bytes:
        """Return its leaf in the log of checkpoints."""
        count = number(self.number) + number(self.time) + number(self.heads)
        return digest(b"\x00checkpointv1" + count + self.heads_root)


def read_note(whole: str) -> Note:
    """Return a note. Raises ValueError."""
    at = whole.rfind("\n\n")
    if at < 0 or len(whole.encode()) > MAX_NOTE or not whole.endswith("\n"):
        raise ValueError("note")
    origin, count, root, time, heads = whole[:at].split("\n")
    word, many, heads_root = heads.split(" ")
    lines = whole[at + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES or word != "heads" or time[:5] != "time " or not origin:
        raise ValueError("note")
    if counted(count) < 1:
        raise ValueError("number")
    return Note(
        whole=whole,
        text=whole[: at + 1].encode(),
        origin=origin,
        number=counted(count),
        root=hashed(root),
        written=time[5:],
        time=moment(time[5:]),
        heads=counted(many),
        heads_root=hashed(heads_root),
        signatures=tuple(map(_signature, lines)),
    )


def _signature(line: str) -> tuple[str, str, bytes]:
    dash, name, value = line.split(" ")
    data = decoded(value)
    if dash != "\u2014" or not name or "+" in name or len(data) <= 4:  # noqa: PLR2004  the key id
        raise ValueError("signature")
    return name, data[:4].hex(), data[4:]


@dataclass(frozen=True)
class Key:
    """A key that signs checkpoints from a time until another; both in microseconds since 1970."""

    name: str
    id: str
    algorithm: str
    public: bytes
    since: int
    until: int | None

    def valid(self, time: int) -> bool:
        """Tell whether it signs at a time."""
        return self.since <= time and (self.until is None or time < self.until)

    def signed(self, signature: bytes, data: bytes) -> bool:
        """Tell whether it signed bytes."""
        return signed(self.algorithm, self.public, signature, data=data)


SIGNS = ("ed25519", "ml-dsa-65")
TYPES = {"ed25519": b"\x01", "ml-dsa-65": b"\xffauthserver ML-DSA-65", "cosignature": b"\x04"}


def key_id(name: str, algorithm: str, public: bytes) -> str:
    """Return the id of a key, as signed notes have it."""
    return digest(name.encode() + b"\n" + TYPES[algorithm] + public)[:4].hex()


def signed(algorithm: str, public: bytes, signature: bytes, *, data: bytes) -> bool:
    """Tell whether a key signed bytes."""
    kind = MLDSA65PublicKey if algorithm == "ml-dsa-65" else Ed25519PublicKey
    try:
        kind.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def cosigned(public: bytes, signature: bytes, text: bytes) -> bool:
    """Tell whether a witness signed a note's text (C2SP tlog-cosignature v1)."""
    time = str(int.from_bytes(signature[:8], "big")).encode()
    data = b"cosignature/v1\ntime " + time + b"\n" + text
    return signed("ed25519", public, signature[8:], data=data)


class Keys:
    """The keys that are known: those that were saved, and what they sign."""

    def __init__(self, saved: Sequence[Mapping[str, Any]] | None) -> None:
        self.trusted = saved is not None
        self._saved = {(one["name"], one["id"]): _key(one) for one in saved or ()}
        self._known = dict(self._saved)

    def of(self, name: str, id_: str) -> Key | None:
        """Return a known key."""
        return self._known.get((name, id_))

    def add(self, origin: str, line: Mapping[str, Any]) -> None:
        """Take a key of the bundle. Raises Tampered."""
        key = _key(line)
        if key.name != origin or key.id != key_id(key.name, key.algorithm, key.public):
            raise Tampered("key")
        signer = line["signer"] and self._known.get((key.name, line["signer"]))
        if (line["signer"] is None) != (line["cross"] is None):
            raise Tampered("key")
        if signer and not _crossed(signer, key, line["cross"]):
            raise Tampered("key")
        saved = self._saved.get((key.name, key.id))
        alone = not self.trusted and line["signer"] is None
        if not (saved is None and (signer or alone)) and not (saved and _same(saved, key)):
            raise Tampered("key")
        self._known[key.name, key.id] = key


def _key(line: Mapping[str, Any]) -> Key:
    if line["algorithm"] not in SIGNS:
        raise Tampered("key")
    return Key(
        line["name"], line["id"], line["algorithm"], line["public"], line["from"], line["until"]
    )


def _same(saved: Key, key: Key) -> bool:
    alike = (saved.algorithm, saved.public) == (key.algorithm, key.public)
    return alike and saved.since == key.since and saved.until in {None, key.until}


def _crossed(signer: Key, key: Key, cross: bytes) -> bool:
    public = base64.b64encode(key.public).decode()
    since = (EPOCH + timedelta(microseconds=key.since)).isoformat()
    text = f"authserver trail key\n{key.name}\n{key.algorithm}\n{public}\n{since}\n"
    alike = signer.algorithm in {"ed25519", key.algorithm}
    # A key may sign the one that takes over from it.
    before = signer.since <= key.since and (signer.until is None or key.since <= signer.until)
    return alike and before and signer.signed(cross, text.encode())


# --- Verification -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Trust:
    """What the verifier was given: saved keys, anchors, and witnesses as (name, id) to key."""

    keys: Sequence[Mapping[str, Any]] | None = None
    anchors: Sequence[Note] = ()
    witnesses: Mapping[tuple[str, str], bytes] = field(default_factory=dict)


@dataclass
class Tree:
    """A tenant's tree as it grows: how many leaves, its full subtrees, and the chain."""

    size: int = 0
    subtrees: list[bytes] = field(default_factory=list)
    chain: bytes = bytes(32)

    def add(self, leaf: bytes) -> None:
        """Let it grow by a leaf."""
        self.size += 1
        self.chain = digest(b"\x02" + self.chain + number(self.size) + leaf)
        self.subtrees.append(leaf)
        rest = self.size
        while not rest & 1:
            right = self.subtrees.pop()
            self.subtrees[-1] = inner(self.subtrees[-1], right)
            rest >>= 1

    def fits(self, head: Mapping[str, Any]) -> bool:
        """Tell whether it is what a head says."""
        return bool(self.chain == head["chain"]) and root_of(self.subtrees) == head["root"]


class Verifier:
    """Takes the lines of a bundle one by one, and says what they prove."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._keys = Keys(trust.keys)
        self._verdict = Verdict()
        self._rank = -1
        self._first, self._last, self._tenant, self._origin = 1, 0, b"", ""
        self._counts: dict[str, int] = {}
        self._notes: dict[int, Note] = {}
        self._proved = 0
        self._heads: list[dict[str, Any]] = []
        self._next_head = 0
        self._fits = 0
        self._tree = Tree()
        self._cosigners: set[tuple[str, str]] = set()
        self._missing: set[str] = set()
        self._compared: set[int] = set()

    @property
    def done(self) -> int:
        """Return how many events were read."""
        return self._verdict.events + self._verdict.tombstones

    @property
    def total(self) -> int:
        """Return how many there are to be."""
        return self._last - self._first + 1

    def take(self, line: bytes) -> None:
        """Check a line. Raises Tampered."""
        try:
            kind, said = parsed(line)
        except ValueError as error:
            raise Tampered("malformed", self.here()) from error
        rank = ORDER[kind]
        self._check_order(kind, rank)
        if rank > ORDER["checkpoint"] >= self._rank:
            self._compare_anchors()
        if rank >= ORDER["start"] > self._rank and self._proved < len(self._notes) - 1:
            raise Tampered("malformed", self.here())
        if rank >= EVENTS > self._rank and (self._first > 1) != ("start" in self._counts):
            raise Tampered("malformed", self.here())
        self._rank = rank
        self._counts[kind] = self._counts.get(kind, 0) + 1
        getattr(self, f"_take_{kind}")(said)

    def _check_order(self, kind: str, rank: int) -> None:
        once = kind in {"bundle", "start", "end"} and kind in self._counts
        most = {"key": MAX_KEYS, "checkpoint": MAX_CHECKPOINTS}.get(kind, LARGEST)
        unopened = self._rank < 0 and kind != "bundle"
        if rank < self._rank or once or unopened or self._counts.get(kind, 0) >= most:
            raise Tampered("malformed", self.here())

    def here(self) -> int | None:
        """Return the number that comes next where events are read, or where only one may come."""
        following = self._tree.size + 1
        ready = (
            bool(self._heads)
            and self._proved == len(self._notes) - 1
            and (self._first == 1 or "start" in self._counts)
        )
        reading = self._rank == EVENTS or (self._rank < EVENTS and ready)
        return following if reading and following <= self._last else None

    def end(self) -> Verdict:
        """Return the verdict at the end of the file. Raises Tampered."""
        if self._rank != END:
            return self.cut_short()
        if not self._heads or self._heads[-1]["size"] != self._last:
            self._missing.add("uncovered")
        if not self._keys.trusted:
            self._missing.add("keys_untrusted")
        # An anchor holds the trail to its head: without that, another history could be before it.
        if self._compared - {head["checkpoint"] for head in self._heads}:
            self._missing.add("anchor_headless")
        if set(self._trust.witnesses) - self._cosigners:
            self._missing.add("cosignature_missing")
        return self._judged([code for code in INCOMPLETE if code in self._missing])

    def cut_short(self) -> Verdict:
        """Return the verdict on a file that has no end."""
        return self._judged(["cut_short"])

    def told(self, tampered: Tampered) -> Verdict:
        """Return the verdict on something that cannot have been written."""
        verdict = self._verdict
        verdict.status, verdict.reasons = "tampered", [tampered.reason]
        verdict.at, verdict.until, verdict.notes = tampered.at, tampered.until, [*tampered.notes]
        return verdict

    def _judged(self, missing: list[str]) -> Verdict:
        verdict = self._verdict
        verdict.status, verdict.reasons = "incomplete" if missing else "verified", missing
        verdict.witnesses = sorted(name for name, _ in self._cosigners)
        return verdict

    def _take_bundle(self, said: Mapping[str, Any]) -> None:
        self._first, self._last = said["first"], said["last"]
        if said["version"] != 1 or self._first < 1 or self._last < self._first - 1:
            raise Tampered("malformed")
        self._tenant, self._origin = packed(said["tenant"].encode()), said["origin"]
        self._tree.size = self._fits = self._first - 1
        verdict = self._verdict
        verdict.tenant, verdict.origin = said["tenant"], said["origin"]
        verdict.first, verdict.last = self._first, self._last

    def _take_key(self, said: Mapping[str, Any]) -> None:
        self._keys.add(self._origin, said)
        self._verdict.keys.append(said["id"])

    def _take_checkpoint(self, said: Mapping[str, Any]) -> None:
        try:
            note = read_note(said["note"])
        except ValueError as error:
            raise Tampered("note") from error
        newest = next(reversed(self._notes.values()), None)
        if newest and note.number <= newest.number:
            raise Tampered("malformed")
        falls = newest is not None and note.time < newest.time
        if note.origin != self._origin or note.number != said["number"] or falls:
            raise Tampered("note")
        if not self._counts_for(note):
            raise Tampered("signature")
        self._cosigners = self._cosigners_of(note)
        place, size = note.number - 1, note.number
        if not included(said["proof"], note.leaf, index=place, size=size, root=note.root):
            raise Tampered("log")
        self._notes[note.number] = note
        self._verdict.checkpoint, self._verdict.time = note.number, note.written

    def _counts_for(self, note: Note) -> bool:
        """Tell whether a note is signed by the log, and only by keys that may."""
        good = False
        for name, id_, signature in note.signatures:
            if name != note.origin:
                continue
            key = self._keys.of(name, id_)
            if key is None or not key.valid(note.time) or not key.signed(signature, note.text):
                return False
            good = good or key.algorithm == "ed25519"
        return good

    def _cosigners_of(self, note: Note) -> set[tuple[str, str]]:
        found = set()
        for name, id_, signature in note.signatures:
            public = self._trust.witnesses.get((name, id_))
            if public is None:
                continue
            if not cosigned(public, signature, note.text):
                raise Tampered("cosignature")
            found.add((name, id_))
        return found

    def _compare_anchors(self) -> None:
        seen: dict[int, Note] = {}
        newest = max(self._notes, default=0)
        for anchor in self._trust.anchors:
            if anchor.origin != self._origin or not self._counts_for(anchor):
                self._missing.add("anchor_unknown")
                continue
            ours = self._notes.get(anchor.number)
            for other in (seen.setdefault(anchor.number, anchor), ours or anchor):
                if other.text != anchor.text:
                    raise Tampered("fork", notes=(other.whole, anchor.whole))
            if ours is None:
                self._missing.add("anchor_newer" if anchor.number > newest else "anchor_absent")
            else:
                self._verdict.anchors += 1
                self._compared.add(anchor.number)

    def _take_head(self, said: dict[str, Any]) -> None:
        note = self._notes.get(said["checkpoint"])
        before = self._heads[-1] if self._heads else {"checkpoint": 0, "size": 1}
        least = max(before["size"], self._first - 1)
        if note is None or note.number <= before["checkpoint"] or said["size"] < least:
            raise Tampered("malformed", self.here())
        if said["size"] > self._last:
            raise Tampered("cut", self._last + 1)
        leaf = digest(
            b"\x00headv1" + self._tenant + number(said["size"]) + said["root"] + said["chain"]
        )
        proof, index = said["proof"], said["index"]
        if not included(proof, leaf, index=index, size=note.heads, root=note.heads_root):
            raise Tampered("head")
        self._heads.append(said)

    def _take_consistency(self, said: Mapping[str, Any]) -> None:
        numbers = [*self._notes]
        if numbers[self._proved : self._proved + 2] != [said["from"], said["to"]]:
            raise Tampered("malformed", self.here())
        old, new = self._notes[said["from"]], self._notes[said["to"]]
        if not grown(said["proof"], (old.number, old.root), (new.number, new.root)):
            raise Tampered("consistency")
        self._proved += 1

    def _take_start(self, said: Mapping[str, Any]) -> None:
        if self._first == 1 or len(said["frontier"]) != (self._first - 1).bit_count():
            raise Tampered("malformed", self.here())
        self._tree.subtrees, self._tree.chain = [*said["frontier"]], said["chain"]
        if not self._heads_fit():
            raise Tampered("start")

    def _take_event(self, said: Mapping[str, Any]) -> None:
        body = packed(said["body"].encode())
        self._grow(said, digest(b"\x00auditv1" + self._tenant + body))
        self._verdict.events += 1

    def _take_tombstone(self, said: Mapping[str, Any]) -> None:
        self._grow(said, said["leaf"])
        self._verdict.tombstones += 1

    def _grow(self, said: Mapping[str, Any], leaf: bytes) -> None:
        following = self._tree.size + 1
        if said["seq"] != following or following > self._last:
            raise Tampered("number", following)
        self._tree.add(leaf)
        if said["chain"] != self._tree.chain:
            raise Tampered("chain", following)
        if not self._heads_fit():
            raise Tampered("root", self._fits + 1, until=following)

    def _heads_fit(self) -> bool:
        """Tell whether the heads of this size say what came."""
        while self._next_head < len(self._heads):
            head = self._heads[self._next_head]
            if head["size"] != self._tree.size:
                break
            if not self._tree.fits(head):
                return False
            self._fits = self._tree.size
            self._next_head += 1
        return True

    def _take_end(self, said: Mapping[str, Any]) -> None:
        if self._tree.size != self._last:
            raise Tampered("number", self._tree.size + 1)
        verdict = self._verdict
        if (said["events"], said["tombstones"]) != (verdict.events, verdict.tombstones):
            raise Tampered("count")


Progress = Callable[[int, int], None]


def verify(
    pieces: Iterable[bytes],
    trust: Trust,
    verifier: Verifier | None = None,
    *,
    progress: Progress | None = None,
) -> Verdict:
    """Return the verdict on a bundle that comes in pieces; progress hears (events read, all).

    A verifier that has seen the beginning goes on with the rest.
    """
    verifier = verifier or Verifier(trust)
    try:
        for line in lines(pieces):
            verifier.take(line)
            if progress and verifier.done and verifier.done % 10_000 == 0:
                progress(verifier.done, verifier.total)
        verdict = verifier.end()
    except CutShort:
        verdict = verifier.cut_short()
    except TooLong:
        verdict = verifier.told(Tampered("malformed", verifier.here()))
    except Tampered as tampered:
        verdict = verifier.told(tampered)
    return _explained(verdict)


def _explained(verdict: Verdict) -> Verdict:
    words = "; ".join({**TAMPERED, **INCOMPLETE}[code] for code in verdict.reasons)
    if verdict.status == "verified":
        count = f"{verdict.events:,} events"
        gone = f" and {verdict.tombstones:,} removed by retention" if verdict.tombstones else ""
        words = f"{count}{gone}, up to checkpoint {verdict.checkpoint:,} of {verdict.time}"
    at = f" at {verdict.at:,}" if verdict.at is not None else ""
    until = verdict.until if verdict.until != verdict.at else None
    to = f" to {until:,}" if until is not None else ""
    verdict.message = f"{verdict.status.upper()}{at}{to}: {words}"
    return verdict


# --- Files ------------------------------------------------------------------------------------


class CutShort(Exception):  # noqa: N818  it is a verdict
    """What was packed has no end."""


class TooLong(Exception):  # noqa: N818  it is a verdict
    """A line is longer than any that a server writes."""


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the lines of a bundle; what comes after the last newline is not one."""
    rest = b""
    for piece in unpacked(pieces):
        *whole, rest = (rest + piece).split(b"\n") if b"\n" in piece else [rest + piece]
        for line in whole:
            if len(line) > MAX_LINE:
                raise TooLong
            yield line
        if len(rest) > MAX_LINE:
            raise TooLong


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give what a bundle has, whether it is packed or not. Raises Tampered, CutShort."""
    iterator = iter(pieces)
    start = b""
    while len(start) < 2 and (piece := next(iterator, None)) is not None:  # noqa: PLR2004  its mark
        start += piece
    whole = chain([start], iterator)
    yield from _inflated(whole) if start.startswith(b"\x1f\x8b") else whole


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            data = piece
            while data and not packer.eof:
                yield packer.decompress(data, PIECE)
                data = packer.unconsumed_tail
            if data or packer.unused_data:
                raise Tampered("compression")
    except zlib.error as error:
        raise Tampered("compression") from error
    if not packer.eof:
        raise CutShort


def read_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Give a file in pieces."""
    while piece := file.read(PIECE):
        yield piece


def read_keys(file: Path) -> list[dict[str, Any]]:
    """Return saved keys. Raises Usage."""
    try:
        with file.open("rb") as opened:
            document = json.loads(opened.read(MAX_KEYS_FILE))
        keys = [saved_key(one) for one in document["keys"]]
    except OSError as error:
        raise Usage(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Usage(f"{file} has no keys as /.well-known/audit-keys has them") from error
    return keys


def saved_key(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key as it is published. Raises ValueError, KeyError, TypeError."""
    if document["algorithm"] not in SIGNS:
        raise ValueError("algorithm")
    return {
        "name": _text(document["name"]),
        "id": _key_id(document["key_id"]),
        "algorithm": document["algorithm"],
        "public": _BYTES(document["public_key"]),
        "from": _published(document["valid_from"]),
        "until": _or_null(_published)(document["valid_until"]),
    }


def _published(value: object) -> int:
    found = re.fullmatch(r"([^.+]{19})(\.[0-9]{6})?\+00:00", _text(value))
    if found is None:
        raise ValueError("time")
    return moment(f"{found[1]}{found[2] or '.000000'}Z")


def read_anchors(folder: Path) -> list[Note]:
    """Return the notes in the files of a folder. Raises Usage."""
    found: list[Note] = []
    try:
        for file in sorted(one for one in folder.iterdir() if one.is_file()):
            found += map(read_note, notes_in(file.read_text("utf-8")))
    except OSError as error:
        raise Usage(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Usage(f"{file} has something that is no checkpoint") from error
    if not found:
        raise Usage(f"there are no anchors in {folder}")
    return found


def notes_in(text: str) -> list[str]:
    """Return the notes of an anchor: one after the other, or a JSON document with `note` a line."""
    if text.startswith("{"):
        # What a power cut left of a line has no end, and came again.
        return [_text(json.loads(line)["note"]) for line in text.splitlines() if line[-1:] == "}"]
    found: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        over = not found or (found[-1].count("\n\n") and not line.startswith("\u2014 "))
        if over and not line:
            continue
        if over:
            found.append("")
        found[-1] += f"{line}\n"
    return found


def read_witnesses(file: Path) -> dict[tuple[str, str], bytes]:
    """Return the witnesses of a file: `name+id+key` a line (C2SP signed-note). Raises Usage."""
    try:
        return dict(map(_witness, filter(None, file.read_text("utf-8").split("\n"))))
    except OSError as error:
        raise Usage(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Usage(f"{file} has a line that is no key of a witness") from error


def _witness(line: str) -> tuple[tuple[str, str], bytes]:
    name, id_, key = line.split("+", 2)
    public = decoded(key)
    if public[:1] != TYPES["cosignature"] or len(public) != 33:  # noqa: PLR2004  Ed25519
        raise ValueError("type")
    if id_ != key_id(name, "cosignature", public[1:]):
        raise ValueError("id")
    return (name, id_), public[1:]


# --- The command ------------------------------------------------------------------------------


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> Any:  # noqa: ANN401  it does not return
        raise Usage(f"{message}\n{self.format_usage()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify as the arguments say, and return the exit code."""
    parser = _Arguments(description="Verify a bundle of a trail.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--keys", type=Path, help="keys saved from /.well-known/audit-keys")
    parser.add_argument("--anchors", type=Path, help="a folder with checkpoints kept elsewhere")
    parser.add_argument("--witnesses", type=Path, help="a file with the keys of witnesses")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    try:
        given = parser.parse_args(arguments)
        verdict = verify_file(
            given.bundle, keys=given.keys, anchors=given.anchors, witnesses=given.witnesses
        )
    except Usage as usage:
        verdict = Verdict(status="usage", message=str(usage))
    return say(verdict, as_json=as_json)


def verify_file(
    bundle: Path,
    *,
    keys: Path | None = None,
    anchors: Path | None = None,
    witnesses: Path | None = None,
) -> Verdict:
    """Return the verdict on a file. Raises Usage."""
    trust = Trust(
        read_keys(keys) if keys else None,
        read_anchors(anchors) if anchors else (),
        read_witnesses(witnesses) if witnesses else {},
    )
    try:
        with bundle.open("rb") as file:
            shown = _show if sys.stderr.isatty() else None
            return verify(read_pieces(file), trust, progress=shown)
    except OSError as error:
        raise Usage(f"{bundle} cannot be read: {error.strerror}") from error


def say(verdict: Verdict, *, as_json: bool) -> int:
    """Write a verdict, and return its exit code."""
    text = json.dumps(asdict(verdict)) if as_json else verdict.message
    notes = "" if as_json else "".join(f"\n\n{note.rstrip()}" for note in verdict.notes)
    sys.stdout.write(f"{text}{notes}\n")
    return EXIT[verdict.status]


def _show(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done:,} of {total:,} events")


if __name__ == "__main__":
    sys.exit(main())

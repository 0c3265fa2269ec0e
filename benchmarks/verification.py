"""How long a bundle of a million events takes to verify, and how much memory, by each verifier.

Usage: python benchmarks/verification.py [--events 1000000] [--node node]
Prints one line of JSON. Seconds are of the clock, and of the processor: other work on the machine
makes the first larger, not the second. The bundle is made here, as a busy server would.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authserver.sdk import trail_verifier as verifier

ROOT = Path(__file__).resolve().parents[1]
TENANT, ORIGIN, TIME = "ten_01m8d5e1pxe7eakak9k9kxbmef", "id.example/trail", "2026-11-26T20:30:00"
NODE = """
const { verify } = require(process.argv[1]);
const keys = JSON.parse(require("fs").readFileSync(process.argv[3], "utf8"));
let heard = 0;
const bundle = require("fs").createReadStream(process.argv[2]);
verify(bundle, { keys }, () => { heard += 1; }).then(({ status, events }) => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const seconds = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ status, events, seconds, maxRSS, heard }));
});
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--node", default="node")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle, keys = Path(folder) / "trail.bundle", Path(folder) / "keys.json"
        make(bundle, keys, options.events)
        found = {
            "events": options.events,
            "bytes": bundle.stat().st_size,
            "python": by_python(bundle, keys),
            "javascript": by_node(options.node, bundle, keys),
        }
    print(json.dumps(found))


def by_python(bundle: Path, keys: Path) -> dict[str, Any]:
    """Verify by the offline verifier, in a process of its own."""
    command = [sys.executable, "-I", verifier.__file__, str(bundle), "--keys", str(keys), "--json"]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = json.loads(done.stdout)
    return {
        "status": said["status"],
        "events": said["events"],
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1
        ),
        "most_memory_mb": round(after.ru_maxrss / 1024),
    }


def by_node(node: str, bundle: Path, keys: Path) -> dict[str, Any]:
    """Verify by what the console runs in a browser."""
    script = ROOT / "static" / "js" / "trail_verifier.js"
    start = time.perf_counter()
    command = [node, "-e", NODE, str(script), str(bundle), str(keys)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    return {
        "status": said["status"],
        "events": said["events"],
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(said["seconds"], 1),
        "most_memory_mb": round(said["maxRSS"] / 1024),
        "progress_heard": said["heard"],
    }


def make(bundle: Path, keys: Path, events: int) -> None:
    """Write a bundle of one checkpoint, and the keys that were saved before."""
    tree, body = verifier.Tree(), bundle.with_suffix(".events")
    with body.open("wb") as out:
        for line in event_lines(tree, events):
            out.write(line)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    with bundle.open("wb") as packed, body.open("rb") as written:
        press = zlib.compressobj(6, zlib.DEFLATED, 31)
        for line in beginning(tree, key, events):
            packed.write(press.compress(line))
        while piece := written.read(1 << 20):
            packed.write(press.compress(piece))
        packed.write(press.compress(_line({"kind": "end", "events": events, "tombstones": 0})))
        packed.write(press.flush())
    body.unlink()
    saved = {
        "name": ORIGIN,
        "key_id": verifier.key_id(ORIGIN, "ed25519", public),
        "algorithm": "ed25519",
        "public_key": _text(public),
        "valid_from": f"{TIME}+00:00",
        "valid_until": None,
    }
    keys.write_text(json.dumps({"keys": [saved]}))


def event_lines(tree: verifier.Tree, events: int) -> Iterator[bytes]:
    """Give the lines of events, while the tree grows by them."""
    start = b"\x00auditv1" + verifier.packed(TENANT.encode())
    for number in range(1, events + 1):
        body = json.dumps(_event(number), sort_keys=True, separators=(",", ":"))
        tree.add(hashlib.sha256(start + verifier.packed(body.encode())).digest())
        yield _line({"kind": "event", "seq": number, "body": body, "chain": _text(tree.chain)})


def beginning(tree: verifier.Tree, key: Ed25519PrivateKey, events: int) -> Iterator[bytes]:
    """Give the lines before the events."""
    public = key.public_key().public_bytes_raw()
    id_ = verifier.key_id(ORIGIN, "ed25519", public)
    root = verifier.root_of(tree.subtrees)
    size = verifier.number(events)
    tenant = verifier.packed(TENANT.encode())
    heads_root = verifier.digest(b"\x00headv1" + tenant + size + root + tree.chain)
    time_ = f"{TIME}.000000Z"
    count = verifier.number(1) + verifier.number(verifier.moment(time_)) + verifier.number(1)
    log = verifier.digest(b"\x00checkpointv1" + count + heads_root)
    text = f"{ORIGIN}\n1\n{_text(log)}\ntime {time_}\nheads 1 {_text(heads_root)}\n"
    signature = _text(bytes.fromhex(id_) + key.sign(text.encode()))
    note = f"{text}\n\u2014 {ORIGIN} {signature}\n"
    first = {"kind": "bundle", "version": 1, "tenant": TENANT, "origin": ORIGIN}
    yield _line({**first, "first": 1, "last": events})
    named = {"kind": "key", "name": ORIGIN, "id": id_, "algorithm": "ed25519"}
    times = {"from": time_, "until": None, "signer": None, "cross": None}
    yield _line({**named, "public": _text(public), **times})
    yield _line({"kind": "checkpoint", "number": 1, "note": note, "proof": []})
    head = {"kind": "head", "checkpoint": 1, "size": events, "root": _text(root)}
    yield _line({**head, "chain": _text(tree.chain), "index": 0, "proof": []})


def _event(number: int) -> dict[str, Any]:
    return {
        "id": f"evt_{number:026}",
        "tenant": TENANT,
        "time": f"{TIME}.{number % 1_000_000:06}+00:00",
        "type": "tokens.issued",
        "actor": {"kind": "user", "ref": f"sub_{number % 5000:026}"},
        "subject": None,
        "resource": f"family:fam_{number:026}",
        "correlation_id": f"cor_{number:024x}",
        "facts": {"grant": "authorization_code", "scope": "openid profile email"},
        "before": None,
        "after": None,
        "personal": {
            "address": {"of": f"sub_{number % 5000:026}", "sealed": _sealed(number, 37)},
            "user_agent": {"of": f"sub_{number % 5000:026}", "sealed": _sealed(number, 100)},
        },
    }


def _sealed(number: int, size: int) -> str:
    return _text(hashlib.shake_128(number.to_bytes(8, "big")).digest(size))


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _text(data: bytes) -> str:
    return b64encode(data).decode()


if __name__ == "__main__":
    main()

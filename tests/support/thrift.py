"""What tests make once where a server would make it once, too, and what they need not choose well.

A run starts hundreds of applications: each would compile the same templates again. It draws
thousands of QR codes that nobody holds a camera to. It hashes thousands of passwords, each of
which would give way to the tests of every other worker. And it seals copies of tenants that nobody
will try passphrases at: each takes 128 MB and a third of a second, by intention.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from segno import encoder

from authserver.core.hashing import HashingPool
from authserver.moving import sealing
from authserver.wiring import signing_in


class _Compiled(BytecodeCache):
    """Templates as compiled by the first application that showed them; by their text, too."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


class _Impatient(HashingPool):
    """One whose threads are as good as any other: on a busy machine the idle ones wait long."""

    def __init__(self, *, running: int, waiting: int) -> None:
        super().__init__(running=running, waiting=waiting)
        self._threads = ThreadPoolExecutor(running, "hashing")


@contextmanager
def thrifty() -> Iterator[None]:
    """Compile a template once; take the first mask of a QR code: any can be read; hash at once.

    And let a copy's passphrase cost next to nothing. Processes of their own do as servers do.
    """
    masked = partial(encoder.find_and_apply_best_mask, proposed_mask=0)

    def first(matrix: object, width: int, height: int, _proposed: int | None = None) -> object:
        return masked(matrix, width, height)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _Compiled()})
        patch.setattr(signing_in, "HashingPool", _Impatient)
        patch.setattr(sealing, "_COST", 2**8)
        patch.setattr(encoder, "find_and_apply_best_mask", first)
        yield

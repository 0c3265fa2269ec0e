"""Runs wrk against a prepared server and checks what it says."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import core_seconds, processor_seconds
from operations import Operation
from preparation import prepare
from target import Target

LUA = Path(__file__).parent / "lua"
CONNECTIONS = 16
ANSWER_SECONDS = 10


class LoadError(Exception):
    """The load generator is missing or failed."""


@dataclass(frozen=True)
class Sample:
    """One run of one operation against one server.

    The `_busy` figures are shares of one core: of the load generator on its core, of the server
    on its own, and of strangers on the server's core.
    """

    round: int
    seconds: float
    requests: int
    operations_per_second: float
    p50_ms: float
    p99_ms: float
    mistakes: int
    complaint: str
    generator_busy: float
    server_busy: float
    others_busy: float

    @property
    def is_valid(self) -> bool:
        """Every answer was right, and there were answers."""
        return self.mistakes == 0 and self.requests > 0


@dataclass(frozen=True)
class Load:
    """How hard and how long: seconds a run, kept-alive connections, the generator's core."""

    seconds: int
    connections: int
    core: int | None


def install_wrk() -> None:
    """Make sure wrk is there: by apt for root, else say how."""
    if shutil.which("wrk"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LoadError("wrk is missing: install it, e.g. `apt-get install wrk`")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=True)


def lua_literal(value: Any) -> str:  # noqa: ANN401  any JSON value
    """Return `value` as a Lua expression."""
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"[{lua_literal(k)}]={lua_literal(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "{" + ",".join(lua_literal(item) for item in value) + "}"
    if isinstance(value, str):
        return '"' + "".join(f"\\{byte:03d}" for byte in value.encode()) + '"'
    raise TypeError(f"not for Lua: {value!r}")


def measure(target: Target, operation: Operation, load: Load, *, number: int = 0) -> Sample:
    """Prepare `operation`, run it, and return what happened in round `number`, 0 for no round."""
    data = prepare(target, operation.name, load.connections)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.lua")
        path.write_text("return " + lua_literal(data))
        return _run(target, operation, load, number=number, data=path)


def _command(target: Target, operation: Operation, load: Load) -> list[str]:
    threads = load.connections if operation.state_per_connection else 1
    pin = [] if load.core is None else ["taskset", "-c", str(load.core)]
    return [
        *pin,
        "wrk",
        f"-t{threads}",
        f"-c{load.connections}",
        f"-d{load.seconds}s",
        f"--timeout={ANSWER_SECONDS}s",
        f"--script={operation.script}",
        target.base_url,
    ]


@dataclass(frozen=True)
class _Usage:
    """Processor time in seconds: of the server, of the load generator, of the server's core."""

    moment: float
    server: float
    generator: float
    core: float

    @classmethod
    def now(cls, target: Target) -> "_Usage":
        if target.process is None:
            raise LoadError(f"{target.name} is not running")
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            time.monotonic(),
            processor_seconds(target.process.pid),
            children.ru_utime + children.ru_stime,
            0.0 if target.core is None else core_seconds(target.core),
        )

    def shares(self, after: "_Usage") -> dict[str, float]:
        wall = after.moment - self.moment
        server = after.server - self.server
        return {
            "generator_busy": round((after.generator - self.generator) / wall, 2),
            "server_busy": round(server / wall, 2),
            "others_busy": round(max(0.0, after.core - self.core - server) / wall, 2),
        }


def _run(target: Target, operation: Operation, load: Load, *, number: int, data: Path) -> Sample:
    before = _Usage.now(target)
    done = subprocess.run(
        _command(target, operation, load),
        cwd=LUA,
        env=os.environ | {"BENCH_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    shares = before.shares(_Usage.now(target))
    lines = [line for line in done.stdout.splitlines() if line.startswith("BENCH ")]
    if done.returncode != 0 or len(lines) != 1:
        raise LoadError(f"wrk, {operation.name}: {done.stdout}{done.stderr}")
    said = json.loads(lines[0].removeprefix("BENCH "))
    seconds = said["microseconds"] / 1e6
    rate = said["requests"] / operation.requests_per_operation / seconds
    return Sample(
        round=number,
        seconds=round(seconds, 3),
        requests=said["requests"],
        operations_per_second=round(rate, 1),
        p50_ms=said["p50"] / 1e3,
        p99_ms=said["p99"] / 1e3,
        mistakes=said["mistakes"] + said["socket_errors"],
        complaint=said["complaint"] or ("socket errors" if said["socket_errors"] else ""),
        **shares,
    )

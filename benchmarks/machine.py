"""The machine under the measurement: processors, memory and processor time of a process tree."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Resident memory of a server, in megabytes (10^6 bytes)."""

    processes: int
    resident_mb: float
    largest_process_mb: float


def process_tree(root: int) -> list[int]:
    """Return `root` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may contain blanks."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def processor_seconds(root: int) -> float:
    """Return the processor time that a process tree has used so far."""
    used = [_stat(pid) for pid in process_tree(root)]
    return sum(int(fields[11]) + int(fields[12]) for fields in used if fields) / TICKS


def core_seconds(core: int) -> float:
    """Return the processor time that everybody together has used on one core so far."""
    found = re.search(rf"^cpu{core} (.+)$", (PROC / "stat").read_text(), re.MULTILINE)
    if not found:
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, found[1].split())
    return (user + nice + system + irq + softirq) / TICKS


def memory(root: int) -> Memory:
    """Return the memory of a process tree; pages shared by two processes count twice."""
    sizes = [size for size in map(_resident, process_tree(root)) if size]
    return Memory(len(sizes), round(sum(sizes) / 1e6, 1), round(max(sizes, default=0) / 1e6, 1))


def _resident(pid: int) -> int:
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def describe(folder: Path) -> dict[str, str | int]:
    """Return what a reader needs to judge the figures; `folder` is where servers write."""
    info = (PROC / "cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    disk = subprocess.run(
        ["df", "--output=fstype", str(folder)], capture_output=True, text=True, check=False
    )
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count() or 1,
        "kernel": platform.release(),
        "file_system": disk.stdout.split()[-1] if disk.stdout else "unknown",
        "wrk": " ".join((wrk.stdout + wrk.stderr).split()[1:2]),
    }

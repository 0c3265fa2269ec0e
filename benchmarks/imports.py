"""A hundred thousand people imported, the worker killed on the way: time, memory, who is there.

Takes the installation that the environment names, or an SQLite one of its own. The file is handed
over by the command line, and the work is done by `authserver worker`: it is killed (SIGKILL) once a
third is done, and another one goes on behind it when the lease of the dead one is over.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, text

PROGRAM = Path(sys.executable).with_name("authserver")
TENANT = f"import-{secrets.token_hex(4)}"
# Rows that cannot be: without an address, and twice the same one.
UNFIT_EVERY = 1_000


def rows(count: int) -> str:
    """Return a file of so many rows; two of a thousand are unfit."""
    lines = ["email,name,roles,given_name"]
    for number in range(1, count + 1):
        email = f"p{number:06}@{TENANT}.example"
        if number % UNFIT_EVERY == 0:
            email = "not an address" if number % (2 * UNFIT_EVERY) else f"p000001@{TENANT}.example"
        lines.append(f"{email},Person {number},customer_viewer,P{number}")
    return "\n".join(lines)


class Import:
    """One import, and the processes that work on it."""

    def __init__(self, environ: dict[str, str]) -> None:
        """Take the installation."""
        self._environ = environ

    def cli(self, *arguments: str) -> str:
        """Run a command and return what it prints."""
        done = subprocess.run(
            [PROGRAM, *arguments], env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"authserver {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def hand_over(self, count: int) -> tuple[float, int]:
        """Hand a file over; return seconds, and the command's peak of memory in MB."""
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write(rows(count))
            file.flush()
            before = time.monotonic()
            self.cli("users", "import", file.name, "--tenant", TENANT, "--background")
            took = time.monotonic() - before
        return took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024

    def now(self) -> dict[str, int | str]:
        """Return how far it is."""
        (one,) = json.loads(self.cli("users", "imports", "--tenant", TENANT, "--json"))["imports"]
        return dict(one)

    def work(self, until: int) -> tuple[float, int]:
        """Let a worker work until so many rows are done; kill it, and return seconds and MB."""
        worker = subprocess.Popen([PROGRAM, "worker"], env=self._environ, stdout=subprocess.DEVNULL)
        before = time.monotonic()
        try:
            while True:
                time.sleep(2)
                one, most = self.now(), peak(worker.pid)
                if int(one["done"]) >= until:
                    return time.monotonic() - before, most
        finally:
            worker.kill()
            worker.wait()


def peak(pid: int) -> int:
    """Return the most memory that a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks/imports.py", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        environ = {"AUTHSERVER_DATA_DIR": folder, **os.environ}
        doing = Import(environ)
        doing.cli("init")
        doing.cli("tenants", "create", TENANT, "--name", "Import", "--type", "customer")
        url = environ.get("AUTHSERVER_DATABASE_OWNER_URL") or f"sqlite:///{folder}/authserver.db"
        handed, memory = doing.hand_over(count)
        print(f"handed over in {handed:.1f} s, {memory} MB", flush=True)
        first, most = doing.work(count // 3)
        print(f"killed at {doing.now()['done']} rows after {first:.0f} s, {most} MB", flush=True)
        rest, most = doing.work(count)
        one = doing.now()
        print(f"the rest in {rest:.0f} s, with up to 60 s of the dead one's lease, {most} MB")
        with create_engine(url).connect() as connection:
            there = "SELECT count(*), count(DISTINCT email_canonical) FROM users"
            mine = f"{there} WHERE email_canonical LIKE '%@{TENANT}.example'"
            print(one["state"], one["done"], one["refused"], *connection.execute(text(mine)).one())


if __name__ == "__main__":
    main()

"""Lists, searches and tokens where there is much, which `authserver demo --scale` made.

Needs PostgreSQL, and two installations on it with the same master key: the large one, and one with
nothing in it. Lists are asked of the program itself, by an access token, without a network. Tokens
and sign-ins are asked of two servers by turns.
"""

import argparse
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any, TypeVar

import orjson
import ours
from report import publish
from scale_speed import Speed
from sqlalchemy import select
from werkzeug.test import Client

from authserver.accounts.models import User
from authserver.admin.caller import API
from authserver.admin.rest.operation import Operation, Where
from authserver.admin.rest.paging import Cursors, PageQuery
from authserver.app import Services, create_app
from authserver.audit.events import Actor
from authserver.clients.registration import Registration
from authserver.core import log
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.demo.scale import ROLE, slug
from authserver.roles.catalogue import Permission
from authserver.settings import Settings, from_environment
from authserver.tenants.models import TenantType
from authserver.tenants.service import get_by_slug
from authserver.wiring.administration import make_administration

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
MARKS = "<!-- at scale, by benchmarks/at_scale.py: begin -->", "<!-- at scale: end -->"
T = TypeVar("T")
MOST_MILLISECONDS = 150
# What the copies are found by: see authserver/demo/scale.py.
KINDS = 3  # of those that a filter knows
WARM = 6  # as often as the driver asks before it prepares a statement
DEPTHS = (0.0, 0.25, 0.5, 0.75, 0.99)
SEARCHES = ("ada", "lovelace", "p0004", "p0499999@", "zhang", "nobody at all")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/at_scale.py", description=__doc__)
    parser.add_argument("--empty-url", help="the other installation's server role; none: no tokens")
    parser.add_argument("--empty-owner-url", default="", help="the role that owns its tables")
    parser.add_argument("--times", type=int, default=40, help="that each list is asked")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--sign-ins", type=int, default=15)
    parser.add_argument("--only", default="", help="lists whose path has this in it")
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT.name}")
    return parser.parse_args()


@dataclass(frozen=True)
class Caller:
    """A program with every permission in its tenant."""

    app: Client
    tenant_id: str
    token: str

    def get(self, path: str, query: str) -> float:
        """Return how many milliseconds an answer took."""
        path = path.replace("{tenant_id}", self.tenant_id)
        before = time.perf_counter()
        answer = self.app.get(
            f"{API}{path}?{query}", headers={"Authorization": f"Bearer {self.token}"}
        )
        took = (time.perf_counter() - before) * 1000
        if answer.status_code != 200:
            raise ValueError(f"{path}?{query}: {answer.status_code} {answer.text[:300]}")
        return took


@dataclass(frozen=True)
class Figure:
    """How long one list took, and by turns with it the same list where there is nothing."""

    what: str
    milliseconds: list[float]
    of_nothing: list[float]

    @property
    def median(self) -> float:
        """Half of the answers were as fast."""
        return median(self.milliseconds)

    @property
    def worst(self) -> float:
        """Return the 95th percentile."""
        return quantiles(self.milliseconds, n=20)[-1]

    def row(self) -> str:
        """Return the line of the table."""
        met = "yes" if self.worst < MOST_MILLISECONDS else "NO"
        times = self.median / median(self.of_nothing)
        return f"| {self.what} | {self.median:.1f} | {self.worst:.1f} | {met} | {times:.1f} |"


class Lists:
    """Every list of the administration API, in the largest tenant."""

    def __init__(self, settings: Settings) -> None:
        log.configure("ERROR")
        app = create_app(settings)
        self._services: Services = app.extensions["authserver"]
        self._client = Client(app)
        self._issuer = settings.issuer
        self.operations = make_administration(self._services).operations
        self._large = self._write(lambda tx: get_by_slug(tx, slug(0)).id)
        self._company = self._write(self._new_company)

    def _write(self, job: Callable[[Transaction], T]) -> T:
        found = self._services.database.write(job)
        self._services.watch.changed()
        return found

    def _new_company(self, transaction: Transaction) -> str:
        name = f"bench-{secrets.token_hex(4)}"
        actor = Actor("operator", "", new_id("req"))
        kind = TenantType.INTERNAL
        made = self._services.tenants.create(transaction, name, name=name, type=kind, actor=actor)
        return made.id

    def _caller(self, tenant_id: str) -> Caller:
        actor = Actor("operator", tenant_id, new_id("req"))
        asked = Registration(
            tenant_id,
            "Benchmark",
            "service",
            scopes=tuple(permission.value for permission in Permission),
            audiences=(f"{self._issuer}{API}",),
            rate=f"{ours.NO_LIMIT}/minute",
        )
        made = self._write(lambda tx: self._register(tx, asked, actor))
        answer = self._client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=made
        )
        if answer.status_code != 200:
            raise ValueError(answer.text)
        return Caller(self._client, tenant_id, answer.json["access_token"])

    def _register(
        self, transaction: Transaction, asked: Registration, actor: Actor
    ) -> tuple[str, str | None]:
        client, secret = self._services.clients.register(transaction, asked, actor=actor)
        return client.id, secret

    def ask(self, operation: Operation, query: str, times: int) -> Figure:
        """Ask a list again and again."""
        # Others each time: a caller has a rate.
        platform = operation.where is Where.PLATFORM
        large = self._caller(self._company if platform else self._large)
        nothing = self._caller(self._company)
        alone, _, _ = query.partition("&cursor=")
        for caller, asked in ((large, query), (nothing, alone)) * WARM:
            caller.get(operation.path, asked)
        pairs = [
            (large.get(operation.path, query), nothing.get(operation.path, alone))
            for _ in range(times)
        ]
        took, of_nothing = zip(*pairs, strict=True)
        what = f"`{operation.path}{'?' if query else ''}{query}`"
        return Figure(what, [*took], [*of_nothing])

    def all(self, times: int, only: str) -> Iterator[Figure]:
        """Ask every list as it is, with the longest page, with each filter and each search."""
        for operation in self.operations:
            model, parts = operation.query, operation.path.count("{")
            listed = operation.method == "GET" and model and issubclass(model, PageQuery)
            if not listed or parts > 1 or only not in operation.path:
                continue
            for query in _queries(model):
                yield self.ask(operation, query, times)

    def deep(self, times: int) -> Iterator[Figure]:
        """Ask for pages of people ever deeper in the list."""
        people = next(o for o in self.operations if o.path.endswith("/users"))
        every = select(User.id).order_by(User.id)
        with self._services.database.read() as view:
            ids = view.tenant(self._large).scalars(every).all()
        # Whoever pages through would need thousands of requests to come there.
        Cursors.read = lambda _self, cursor, *_: orjson.loads(bytes.fromhex(cursor))  # type: ignore[method-assign]
        for part in DEPTHS:
            place = orjson.dumps([ids[int(part * (len(ids) - 1))]]).hex()
            found = self.ask(people, f"limit=100&cursor={place}", times)
            yield replace(found, what=f"people, 100 of them after {part:.0%}")


def _queries(model: type[Any]) -> list[str]:
    """Return what to ask a list for: its closed list of filters says what it takes."""
    found = ["", "limit=100"]
    for name, field in model.model_fields.items():
        kinds = getattr(field.annotation, "__args__", (field.annotation,))
        found += [f"{name}={text}" for text in SEARCHES if name == "q"]
        found += [f"{name}={value}" for value in ("true", "false") if bool in kinds]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Enum):
                found += [f"{name}={one.value}" for one in [*kind][:KINDS]]
        found += [f"{name}={ROLE}" for _ in (1,) if name == "role"]
    return found


def main() -> None:
    """Measure, print, and publish if asked to."""
    options = arguments()
    lists = Lists(from_environment(os.environ))
    lines = [
        f"{datetime.now(UTC).date()}; budget: {MOST_MILLISECONDS} ms at the 95th percentile.",
        "",
        "| list, in the tenant of half of all people | ms | 95th percentile | met | x empty |",
        "|---|---|---|---|---|",
    ]
    for figure in chain(lists.all(options.times, options.only), lists.deep(options.times)):
        print(figure.row(), flush=True)
        lines.append(figure.row())
    if options.empty_url:
        lines += Speed(options).lines()
    text = "\n".join(lines)
    print(text)
    if options.write:
        publish(DOCUMENT, text, MARKS)


if __name__ == "__main__":
    main()

"""Everything that can be read: each operation with every id that there is, each screen by links."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from itertools import product

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.admin.rest.operation import IDS, Where
from authserver.roles.catalogue import BUILTIN
from authserver.schema import metadata
from authserver.wiring.administration import make_administration
from tests.admin.console import ROOT, Console
from tests.support.browser import ISSUER
from tests.support.world import World

_LINK = re.compile(r'(?:href|action|src)="([^"]*)"')
_MOST_OF_A_KIND = 3
# What goes by a name in URLs: the column that it is in, and the part of the path.
_NAMED = {"federation_connections": "name"}
_PARTS = {"federation_connections": "connection"}
_NOT_FOLLOWED = ("cursor=", "/login/", "/account")


def ids_of(world: World, tenant_id: str) -> dict[str, list[str]]:
    """Return some ids of each kind that the tenant has, and names of what goes by its name."""
    found: dict[str, list[str]] = defaultdict(list)
    with world.services.database.read() as view:
        platform = view.platform()
        for table in metadata.sorted_tables:
            if "id" not in table.c or "tenant_id" not in table.c:
                continue
            named = _NAMED.get(table.name, "id")
            wanted = select(table.c.id, table.c[named]).where(table.c.tenant_id == tenant_id)
            for one, name in platform.execute(wanted.limit(_MOST_OF_A_KIND)):
                found[str(one).partition("_")[0]].append(str(one))
                found[_PARTS.get(table.name, "")].append(str(name))
    found["ten"], found["role"] = [tenant_id], list(BUILTIN)[:2]
    return found


def paths(world: World, tenant_id: str) -> Iterator[tuple[str, str]]:
    """Return every path that can be read in a tenant, with the operation's name."""
    ids = ids_of(world, tenant_id)
    for operation in make_administration(world.services).operations:
        if operation.method != "GET" or operation.where is Where.PLATFORM:
            continue
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        choices = [ids[IDS[name] or name] for name in names]
        for chosen in product(*choices):
            values = dict(zip(names, chosen, strict=True))
            yield operation.name, operation.path.format_map(values)


def answers(console: Console) -> Iterator[TestResponse]:
    """Ask for everything that can be read in the person's tenant, with their session."""
    session = {"Console-Session": console.session}
    for _, path in paths(console.world, console.tenant.id):
        yield console.browser.http.get(f"/api/v1{path}", base_url=ISSUER, headers=session)


def screens(console: Console, most: int = 300) -> Iterator[TestResponse]:
    """Go to every screen that links lead to, files included."""
    waiting, seen = [ROOT], {ROOT}
    while waiting and len(seen) <= most:
        page = console.browser.get(waiting.pop(0), buffered=True)
        yield page
        found = [page.headers["Location"]] if "Location" in page.headers else links(page.text)
        for url in found:
            if url.startswith(ROOT) and url not in seen and not _skipped(url):
                seen.add(url)
                waiting.append(url)


def links(html: str) -> list[str]:
    """Return what a page leads to, once each."""
    return list(dict.fromkeys(unescape(url).partition("#")[0] for url in _LINK.findall(html)))


def _skipped(url: str) -> bool:
    return any(part in url for part in _NOT_FOLLOWED)

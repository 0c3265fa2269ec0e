"""A file is made so on both databases: all of it, or nothing."""

from pathlib import Path

import pytest

from authserver.declared import applying
from authserver.declared.applying import Wanted
from authserver.declared.form import check
from authserver.declared.present import export
from authserver.declared.reading import UnfitFile, read
from authserver.declared.references import resolve
from authserver.declared.tools import Tools
from authserver.tenants.service import get_by_slug
from tests.support.trail import events
from tests.support.world import World

FILE = """\
version: 1
tenants:
  SLUG:
    name: Globex
    type: customer
    own_issuer: true
    roles:
      night-shift: {description: At night., permissions: [users:read]}
    connections:
      entra:
        kind: azure_ad
        label: Globex
        client_id: 11111111-2222-4333-8444-555555555555
        client_secret: {env: ENTRA}
        allowed: [66666666-7777-4888-8999-000000000000]
    clients:
      Portal: {kind: web, redirect_uris: [https://portal.example/callback]}
"""


def tools(world: World) -> Tools:
    services = world.services
    return Tools(
        services.tenants,
        services.federation.admission,
        services.keys,
        services.custom_roles,
        services.clients,
        services.amendments,
        services.federation.connections,
        world.operator,
    )


def wanted(text: str) -> Wanted:
    file = read(text)
    form = check(file)
    return Wanted(file, form, resolve(form, file, environment={"ENTRA": "s"}, folder=Path()))


def there(world: World, slug: str) -> object:
    with world.services.database.read() as view:
        return export(tools(world), view, [slug])["tenants"].get(slug)


def test_a_plan_leaves_nothing_and_promises_what_applying_does(world: World) -> None:
    slug = f"{world.tenant().slug}-p"
    asked = wanted(FILE.replace("SLUG", slug))
    planned = applying.plan(world.services.database, tools(world), asked)
    assert there(world, slug) is None
    applied = applying.apply(world.services.database, tools(world), asked)
    assert [str(one) for one in applied.changes] == [str(one) for one in planned.changes]
    assert list(applied.secrets) == [f"{slug}/Portal"]
    assert applying.apply(world.services.database, tools(world), asked).changes == []


def test_what_is_refused_at_last_undoes_what_came_first(world: World) -> None:
    slug = f"{world.tenant().slug}-r"
    text = FILE.replace("SLUG", slug).replace("kind: web", "kind: service")
    with pytest.raises(UnfitFile, match=r"line 17: tenants\..*\.clients\.Portal: Nobody comes"):
        applying.apply(world.services.database, tools(world), wanted(text))
    assert there(world, slug) is None


def test_what_a_file_does_is_in_the_trail_of_the_tenant(world: World) -> None:
    slug = f"{world.tenant().slug}-t"
    applying.apply(world.services.database, tools(world), wanted(FILE.replace("SLUG", slug)))
    with world.services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
    kinds = {event.type for event in events(world, tenant_id)}
    assert {"tenant.created", "role.created", "connection.created", "client.created"} <= kinds

"""Canaries: what is secret appears in no answer, on no screen, in no file and in no log."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from authserver.declared.present import export
from authserver.wiring.tenancy.parts import Tenancy
from tests.admin.console import Console
from tests.admin.crawling import answers, screens
from tests.api_keys.making import of_person
from tests.flows.test_declared import tools
from tests.support import linked
from tests.support.browser import ISSUER
from tests.support.factors import Keeper
from tests.support.provider_tokens import Owner
from tests.support.sql import every_row
from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import hook

pytestmark = pytest.mark.any_database


def test_no_secret_is_read_back_anywhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    owner = Owner(world)
    keeper = Keeper(world, owner.tenant)
    assert keeper.add("Phone").status_code == 303
    assert keeper.app is not None
    client = world.client(owner.tenant, "service")
    console = Console(world, owner.tenant, world.user(owner.tenant, "admin"))
    console.enter()
    key = of_person(world, console.user, "users:read")
    told = hook(world, owner.tenant)
    cookie = console.browser.http.get_cookie("__Host-as-session", domain="auth.example")
    assert cookie is not None
    canaries = {
        "client secret": client.secret,
        "seed": keeper.app.secret,
        "provider's refresh token": linked.REFRESH,
        "password": console.user.password,
        "browser": cookie.value,
        "API key": key.text,
        "webhook's secret": told.secret,
    }
    read, shown = [*answers(console)], [*screens(console)]
    # What a tenant has no own of is not found: its issuer's keys.
    odd = {one.request.path: one.text for one in read if one.status_code not in {200, 404}}
    assert odd == {}
    assert sum(one.status_code == 200 for one in read) > len(read) / 2
    assert {one.status_code for one in shown} <= {200, 303}
    assert len(shown) > 5
    texts = [one.text for one in (*read, *shown, *refused(console, canaries))]
    texts += [exported(world, owner.tenant), "".join(capfd.readouterr())]
    texts += [console.browser.get(path).text for path in ("/health", "/console/health")]
    for name, canary in canaries.items():
        assert canary, name
        assert not any(canary in text for text in texts), name
        assert not [where for where, text in stored(world) if canary in text], name


def stored(world: World) -> Iterator[tuple[str, str]]:
    """Return all that is in the database, as somebody reads it who has no key."""
    for table, row in every_row(world):
        for name, value in row.items():
            text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            yield f"{table}.{name}", text


def refused(console: Console, canaries: dict[str, str]) -> Iterator[TestResponse]:
    """Send every secret where it does not belong: pages of errors do not say it again."""
    session = {"Console-Session": console.session}
    here = f"/api/v1/tenants/{console.tenant.id}"
    for canary in canaries.values():
        for body in ({"email": canary}, {"email": "a@b.example", "password_hash": canary}):
            yield console.browser.http.post(
                f"{here}/users", base_url=ISSUER, headers=session, json=body
            )
        wrong = {"Authorization": f"Bearer {canary}x"}
        yield console.browser.http.get(f"{here}/users", base_url=ISSUER, headers=wrong)
        form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": canary}
        yield console.browser.http.post("/oauth/token", base_url=ISSUER, data=form)


def exported(world: World, tenant: TenantFixture) -> str:
    """Return a tenant as a file of configuration, and as a copy that nobody can open."""
    with world.services.database.read() as view:
        declared = str(export(tools(world), view, [tenant.slug]))
    copy = BytesIO()
    Tenancy.of(world.services).writer.write(
        tenant.slug, copy, "correct horse battery", actor=world.operator
    )
    return declared + copy.getvalue().decode("latin-1")


def test_the_search_for_canaries_would_find_one(world: World) -> None:
    """Without this the test above would pass if nothing were looked at."""
    tenant = world.tenant()
    console = Console(world, tenant, world.user(tenant, "admin"))
    console.enter()
    assert any(console.user.email in one.text for one in answers(console))
    assert any(console.user.email in one.text for one in screens(console))
    assert any(console.user.email in text for _, text in stored(world))

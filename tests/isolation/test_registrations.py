"""Registrations and logos of clients of another tenant: the answer that nonsense gets."""

from io import BytesIO

import pytest
from PIL import Image

from tests.isolation.test_every_url import NONSENSE, same, stable
from tests.support.browser import Browser
from tests.support.registering import published, registrar, somewhere
from tests.support.world import World


@pytest.mark.attack("ATK-114")
def test_a_registration_of_another_tenant_is_not_there(world: World) -> None:
    """Not with its own token at our issuer, and not with ours at its URL."""
    theirs, ours = registrar(world, own_issuer=True), registrar(world, own_issuer=True)
    document, mine = theirs.registered(), ours.registered()
    path = f"/oauth/register/{document['client_id']}"
    nobody = f"/oauth/register/cli_{'0' * 26}"
    token, own = (one["registration_access_token"] for one in (document, mine))
    for method in ("GET", "PUT", "DELETE"):
        foreign = ours.send(method, path, token, {})
        assert same(foreign, ours.send(method, nobody, own, {}))
        assert same(foreign, ours.send(method, path, own, {}))
    assert same(ours.register(theirs.token), ours.register(NONSENSE))
    assert theirs.own("GET", document).status_code == 200


@pytest.mark.attack("ATK-114")
def test_a_logo_of_another_tenant_is_not_there(world: World) -> None:
    theirs, ours = registrar(world, own_issuer=True), registrar(world, own_issuer=True)
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with published(world) as out:
        url = out.put(somewhere("/logo.png"), picture.getvalue())
        client_id = theirs.registered(logo_uri=url)["client_id"]
    found = world.services.caches.clients.get(client_id)
    assert found is not None
    path = f"/login/logo/{found.logo_id}"
    assert Browser(world, theirs.prefix).get(theirs.prefix + path).status_code == 200
    foreign = Browser(world).get(ours.prefix + path)
    nonsense = Browser(world).get(f"{ours.prefix}/login/logo/{NONSENSE}")
    assert (foreign.status_code, stable(foreign)) == (404, stable(nonsense))

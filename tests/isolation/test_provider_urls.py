"""The URLs around providers, with what belongs to another tenant or to nobody."""

import pytest

from authserver.federation.values import Kind
from tests.support.browser import hidden
from tests.support.providers import openid, stand_in
from tests.support.upstream import Traveller, away, connect
from tests.support.world import World

NONSENSE = "n" * 43


@pytest.mark.attack("ATK-021")
@pytest.mark.attack("ATK-022")
def test_a_provider_of_another_tenant_leads_nowhere(world: World) -> None:
    """Its connection at our issuer, and at its own what was sent from ours."""
    tenants = [world.tenant(own_issuer=True) for _ in range(2)]
    theirs, ours = (f"/t/{tenant.slug}" for tenant in tenants)
    client = world.client(tenants[1], at_tenant_issuer=True)
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        made = [
            connect(world, Kind.OIDC, provider, tenant, server=provider.url) for tenant in tenants
        ]
        provider.person(email="ada@acme.example")
        browser = Traveller(world, ours)
        page = browser.follow(browser.authorize(client))
        for connection_id in (made[0].id, "idp_" + "0" * 26):
            url = f"{ours}/login/federation/{connection_id}"
            answers = [
                browser.post(url, data=hidden(page)),
                browser.get(url, query_string={"flow": hidden(page)["flow"]}),
                browser.get(f"{url}/callback", query_string={"state": NONSENSE, "code": "c"}),
            ]
            assert [answer.status_code for answer in answers] == [404, 303, 400]
            assert "/login/password" in answers[1].headers["Location"]
        back = provider.sign_in(away(browser.press(page, made[1])))
        for wrong in (back.replace(made[1].id, made[0].id), back.replace(ours, theirs)):
            answer = browser.get(wrong.removeprefix("https://auth.example"))
            assert answer.status_code == 400
            assert "Location" not in answer.headers

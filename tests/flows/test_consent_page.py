"""The consent page names whom the permissions are for."""

import pytest

from tests.support.browser import ISSUER, Browser
from tests.support.world import World


@pytest.mark.parametrize(
    ("audiences", "resource", "named"),
    [
        (["urn:acme:reports", "urn:acme:orders"], "urn:acme:orders", "urn:acme:orders"),
        (["urn:acme:reports", "urn:acme:orders"], None, "urn:acme:reports"),
        ([], None, ISSUER),
    ],
)
def test_the_consent_page_names_the_service_that_the_token_will_name(
    world: World, audiences: list[str], resource: str | None, *, named: str
) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant, audiences=audiences)
    browser = Browser(world)
    signed_in = browser.sign_in(browser.authorize(client, resource=resource), person)
    page = browser.follow(browser.follow(signed_in))
    assert f"<code>{named}</code>" in page.text


def test_a_sign_in_that_asks_for_no_service_names_none(world: World) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant, audiences=["urn:acme:reports"])
    browser = Browser(world)
    signed_in = browser.sign_in(browser.authorize(client, scope="openid profile"), person)
    page = browser.follow(browser.follow(signed_in))
    assert "would like" in page.text
    assert "urn:acme:reports" not in page.text

"""A tenant's language and website, and the links of its clients, where people see them."""

import pytest

from authserver.audit.events import EventType
from authserver.clients.policy import UnfitRegistration
from authserver.core.problems import Problem
from authserver.tenants.policy import TenantPolicy, UnfitPolicy
from tests.attacks.mailed import ask
from tests.attacks.people import Scene
from tests.support.browser import Browser
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import World

POLICY, TERMS = "https://rp.example/privacy", "https://rp.example/terms?v=2"
UNFIT = ("http://rp.example/", "javascript:alert(1)", "https://rp.example/\n", "rp.example", "")


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def say(scene: Scene, **words: str) -> None:
    scene.world.services.database.write(
        lambda tx: scene.world.services.tenants.set_policy(
            tx, scene.tenant.slug, TenantPolicy(**words), actor=scene.world.operator
        )
    )
    scene.world.services.watch.changed()


def link(scene: Scene, **links: str | None) -> None:
    services = scene.world.services
    services.database.write(
        lambda tx: services.amendments.amend(
            tx, scene.tenant.id, scene.client.id, changes=links, actor=scene.world.operator
        )
    )
    services.watch.changed()


def page(scene: Scene) -> str:
    browser = Browser(scene.world)
    return browser.follow(browser.authorize(scene.client)).text


def test_pages_are_in_the_tenants_language_where_nothing_else_decides(scene: Scene) -> None:
    assert '<html lang="en"' in page(scene)
    say(scene, locale="fr")
    assert '<html lang="fr"' in page(scene)
    browser = Browser(scene.world)
    asked = browser.follow(browser.authorize(scene.client, ui_locales="de"))
    assert '<html lang="de"' in asked.text
    say(scene, locale="")
    assert '<html lang="en"' in page(scene)


def test_mails_are_in_the_tenants_language_else_the_installations(scene: Scene) -> None:
    say(scene, locale="es")
    ask(scene)
    (mail,) = mails(scene.world, scene.person.id, "new_password")
    assert mail["Subject"] == "Elija una contraseña nueva"
    say(scene, locale="")
    ask(scene)
    *_, mail = mails(scene.world, scene.person.id, "new_password")
    assert mail["Subject"] == "Choose a new password"


def test_the_website_is_on_pages_and_its_host_in_mails(scene: Scene) -> None:
    say(scene, website="https://globex.example/about")
    assert 'href="https://globex.example/about"' in page(scene)
    ask(scene)
    (mail,) = mails(scene.world, scene.person.id, "new_password")
    assert "globex.example" in mail.get_body(("plain",)).get_content()
    (event,) = events(scene.world, scene.tenant.id, EventType.TENANT_CHANGED)
    assert event.document["before"] == {"website": None}
    assert event.document["after"] == {"website": "https://globex.example/about"}


@pytest.mark.parametrize("website", UNFIT[:-1])
def test_a_website_that_is_not_https_is_refused(scene: Scene, website: str) -> None:
    with pytest.raises(UnfitPolicy):
        say(scene, website=website)


def test_a_language_that_there_is_not_is_refused(scene: Scene) -> None:
    with pytest.raises(UnfitPolicy):
        say(scene, locale="tlh")


def test_the_links_of_a_client_are_seen_at_once_and_recorded(scene: Scene) -> None:
    assert POLICY not in page(scene)
    link(scene, policy_uri=POLICY, tos_uri=TERMS)
    assert f'href="{POLICY}"' in page(scene)
    assert f'href="{TERMS}"' in page(scene)
    link(scene, policy_uri=POLICY)
    link(scene, tos_uri=None)
    assert TERMS not in page(scene)
    changes = [one.document for one in events(scene.world, scene.tenant.id, "client.changed")]
    assert [change["after"] for change in changes] == [
        {"policy_uri": POLICY, "tos_uri": TERMS},
        {"tos_uri": None},
    ]
    assert changes[-1]["before"] == {"tos_uri": TERMS}


@pytest.mark.parametrize("uri", UNFIT)
def test_a_link_of_a_client_that_is_not_https_is_refused(scene: Scene, uri: str) -> None:
    with pytest.raises(UnfitRegistration):
        link(scene, tos_uri=uri)


def test_the_client_of_another_tenant_is_not_found(scene: Scene) -> None:
    other = Scene(scene.world)
    scene.client = other.client
    with pytest.raises(Problem, match="no such client"):
        link(scene, policy_uri=POLICY)

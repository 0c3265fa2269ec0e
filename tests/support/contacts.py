"""Security contacts, named and confirmed as people do it."""

from werkzeug.test import TestResponse

from authserver.audit.contacts.values import Contact
from authserver.audit.events import Actor
from authserver.core.ids import new_id
from tests.support.browser import Browser
from tests.support.mails import link_in, mails_to, path_of
from tests.support.world import TenantFixture, World

TO = "security@globex.example"


def by(tenant: TenantFixture) -> Actor:
    return Actor("operator", tenant.id, new_id("cor"))


def asked(world: World, tenant: TenantFixture, address: str = TO) -> Contact:
    """Have a link mailed to a mailbox."""
    contacts = world.services.proving.contacts
    return world.services.database.write(
        lambda tx: contacts.name(tx, tenant.id, address=address, actor=by(tenant))
    )


def link_to(world: World, tenant: TenantFixture, address: str = TO) -> str:
    """Return the newest link that a mailbox got."""
    found = [one for one in mails_to(world, address, tenant.id) if "token=" in one.as_string()]
    return link_in(found[-1])


def opened(world: World, link: str, browser: Browser | None = None) -> TestResponse:
    """Follow a link to its page."""
    browser = browser or Browser(world)
    moved = browser.get(path_of(link))
    return browser.follow(moved) if moved.status_code == 303 else moved


def used(world: World, link: str) -> int:
    """Follow a link and press its button; return the answer's status."""
    browser = Browser(world)
    page = opened(world, link, browser)
    if page.status_code != 200:
        return page.status_code
    done = browser.submit(page)
    return browser.follow(done).status_code if done.status_code == 303 else done.status_code


def named(world: World, tenant: TenantFixture, address: str = TO) -> None:
    """Name a contact that confirms it."""
    asked(world, tenant, address)
    assert used(world, link_to(world, tenant, address)) == 200


def contact_of(world: World, tenant: TenantFixture) -> Contact:
    with world.services.database.read() as view:
        return world.services.proving.contacts.of(view, tenant.id)

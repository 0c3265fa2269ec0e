"""Turning the checkpoints of a trail away from who watches it, or upon who never asked for them."""

import pytest

from authserver.audit.contacts.links import AN_HOUR
from authserver.audit.events import EventType
from authserver.core.problems import TooManyRequests
from authserver.tenants.models import Tenant
from tests.admin.console import enter
from tests.support.browser import Browser
from tests.support.contacts import TO, asked, contact_of, link_to, named, opened, used
from tests.support.mails import mails_to, path_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.attack("AUD-11")
EVIL = "evil@nowhere.example"


@pytest.mark.any_database
def test_who_has_an_old_session_of_an_administrator_names_and_removes_nobody(world: World) -> None:
    console = enter(world, "admin", kind="customer", path="")
    named(world, console.tenant)
    path = f"/tenants/{console.tenant.id}/trail/contact"
    forms = {act: console.get(f"{path}/{act}") for act in ("change", "remove")}
    world.clock.move(minutes=6)
    for page in forms.values():
        late = console.browser.submit(page, address=EVIL)
        assert (late.status_code, "/login/password" in late.headers["Location"]) == (303, True)
    assert contact_of(world, console.tenant).address == TO
    assert mails_to(world, EVIL, console.tenant.id) == []


@pytest.mark.any_database
def test_looking_at_a_link_or_its_url_confirms_nothing(world: World) -> None:
    tenant = world.tenant()
    asked(world, tenant)
    link, browser = link_to(world, tenant), Browser(world)
    for _ in range(2):
        page = opened(world, link, browser)
        assert (page.status_code, TO in page.text) == (200, True)
        assert "token=" not in page.request.url
    assert browser.post(path_of(link)).status_code >= 400, "no form, no token of it"
    assert contact_of(world, tenant).address is None


def test_a_link_is_good_once_even_at_the_same_moment(world: World) -> None:
    tenant = world.tenant()
    asked(world, tenant)
    link = link_to(world, tenant)
    browsers = [Browser(world) for _ in range(4)]
    pages = [opened(world, link, one) for one in browsers]
    answers = together(4, lambda number: browsers[number].submit(pages[number]).status_code)
    assert sorted(answers) == [303, 400, 400, 400]
    assert len(events(world, tenant.id, EventType.TRAIL_CONTACT_CHANGED.value)) == 1
    assert used(world, link) == 400


@pytest.mark.any_database
@pytest.mark.parametrize("what", ["a day", "another link", "another issuer", "another token"])
def test_a_link_that_is_over_or_of_elsewhere_does_nothing(world: World, what: str) -> None:
    tenant = world.tenant()
    asked(world, tenant)
    link = link_to(world, tenant)
    if what == "a day":
        world.clock.move(hours=24, seconds=1)
    elif what == "another link":
        asked(world, tenant)
    elif what == "another issuer":
        link = link.replace("/login/", f"/t/{world.tenant(own_issuer=True).slug}/login/")
    else:
        link = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    assert used(world, link) == 400
    assert contact_of(world, tenant).address is None


@pytest.mark.any_database
def test_the_link_of_a_suspended_tenant_waits(world: World) -> None:
    tenant = world.tenant()
    asked(world, tenant)
    world.services.database.write(
        lambda tx: setattr(
            tx.platform().get_one(Tenant, tenant.id), "suspended_at", world.clock.now()
        )
    )
    assert used(world, link_to(world, tenant)) == 400
    assert contact_of(world, tenant).address is None


@pytest.mark.any_database
def test_whoever_names_contacts_does_not_fill_a_strangers_mailbox(world: World) -> None:
    tenant = world.tenant()
    for number in range(AN_HOUR):
        asked(world, tenant, f"{number}@nowhere.example")
    with pytest.raises(TooManyRequests) as refused:
        asked(world, tenant, EVIL)
    assert 0 < int(refused.value.headers["Retry-After"]) <= 3601
    assert mails_to(world, EVIL, tenant.id) == []
    world.clock.move(minutes=61)
    asked(world, tenant, EVIL)
    assert len(mails_to(world, EVIL, tenant.id)) == 1

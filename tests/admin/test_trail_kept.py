"""Where checkpoints are kept: the anchors of the platform, the security contact of a tenant."""

from collections.abc import Iterator
from itertools import count

import pytest

from authserver.audit.events import EventType
from tests.admin.callers import person
from tests.admin.console import Console, enter
from tests.support import contacts
from tests.support.trail import contradict, events, everywhere
from tests.support.world import World

pytestmark = pytest.mark.any_database
PATH = "/trail/anchors"
WHY = "Restored the backup of 03:00, INC-7"
TO = "security@globex.example"
_NUMBERS = count(4713)


@pytest.fixture(name="far")
def _far(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name an anchor, as the settings do."""
    name = "far"
    monkeypatch.setitem(world.services.proving.anchors.urls, name, "file:/mnt/worm/trail.ndjson")
    return name


@pytest.fixture(name="denied")
def _denied(world: World, far: str) -> Iterator[int]:
    """Let the anchor contradict the database; return the number that it has.

    Nothing is signed until that is accepted, and other tests have to sign.
    """
    number = next(_NUMBERS)
    contradict(world, far, number)
    yield number
    contradictions = world.services.proving.anchors.contradictions
    database = world.services.database
    with database.read() as view:
        standing = contradictions.standing(view)
    if standing:
        database.write(lambda tx: contradictions.accept(tx, world.operator, reason=WHY))


def test_anchors_say_how_far_they_are_and_what_went_wrong(world: World, far: str) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    (fresh,) = platform.call("GET", PATH).json["anchors"]
    assert (fresh["name"], fresh["url"]) == (far, "file:/mnt/worm/trail.ndjson")
    world.services.proving.anchors.standings.refused(far, "No such file or directory")
    (failing,) = platform.call("GET", PATH).json["anchors"]
    assert failing["error"] == "No such file or directory"
    assert failing["failing_since"]
    page = enter(world, "PLATFORM_ADMIN", path="/health").get(PATH).text
    assert "No such file or directory" in page
    assert "Fails" in page


def test_a_contradiction_is_accepted_once_with_a_reason_that_stays(
    world: World, denied: int
) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    (found,) = platform.call("GET", PATH).json["contradictions"]
    assert (found["number"], found["why"]) == (denied, "rolled_back")
    assert platform.call("POST", f"{PATH}/accept", {"reason": " \n "}).status_code == 400
    accepted = platform.call("POST", f"{PATH}/accept", {"reason": WHY})
    assert (accepted.status_code, accepted.json["contradictions"]) == (200, [])
    assert platform.call("POST", f"{PATH}/accept", {"reason": WHY}).status_code == 403
    told = everywhere(world, EventType.TRAIL_CONTRADICTION_ACCEPTED.value)[-1]
    assert told.document["facts"]["reason"] == WHY


def test_who_only_sees_health_accepts_nothing(world: World, denied: int) -> None:
    seeing = person(world, "NOC_OPERATOR")
    assert seeing.call("GET", PATH).json["contradictions"][0]["number"] == denied
    assert seeing.call("POST", f"{PATH}/accept", {"reason": WHY}).status_code == 403
    page = enter(world, "NOC_OPERATOR", path="/health").get(PATH).text
    assert "Nothing is signed" in page
    assert f"{PATH}/accept" not in page


def test_the_console_shows_what_is_denied_and_takes_the_reason(world: World, denied: int) -> None:
    console = enter(world, "PLATFORM_ADMIN", path="/health")
    page = console.get(PATH).text
    assert page.index("Contradictions") < page.index("Where checkpoints go"), "first of all"
    assert f"{denied:,}" in page
    asked = console.send(f"{PATH}/accept", reason="")
    assert asked.status_code == 422
    sent = console.send(f"{PATH}/accept", reason=WHY)
    assert "It is accepted" in console.browser.follow(sent).text
    assert console.get(f"{PATH}/accept").status_code == 303, "there is nothing to accept"
    assert "Contradictions" not in console.get(PATH).text


def of_tenant(world: World) -> tuple[Console, str]:
    console = enter(world, "admin", kind="customer", path="")
    return console, f"/tenants/{console.tenant.id}/trail/contact"


def test_an_administrator_names_and_removes_the_security_contact(world: World) -> None:
    console, path = of_tenant(world)
    assert "Nobody is mailed" in console.get(path).text
    refused = console.send(f"{path}/change", address="nobody")
    assert (refused.status_code, "not usable" in refused.text) == (400, True)
    sent = console.send(f"{path}/change", address=TO)
    waits = console.browser.follow(sent).text
    assert (TO in waits, "Waiting for confirmation" in waits) == (True, True)
    assert "Nobody is mailed" in waits
    assert contacts.used(world, contacts.link_to(world, console.tenant, TO)) == 200
    shown = console.get(path).text
    assert ("The first mail is sent within the hour" in shown, "Waiting" in shown) == (True, False)
    gone = console.browser.follow(console.send(f"{path}/remove")).text
    assert "Nobody is mailed the checkpoint any more" in gone
    kind = EventType.TRAIL_CONTACT_CHANGED.value
    assert len(events(world, console.tenant.id, kind)) == 2


def test_an_administrator_mails_the_link_again_and_calls_it_off(world: World) -> None:
    console, path = of_tenant(world)
    console.send(f"{path}/change", address=TO)
    first = contacts.link_to(world, console.tenant, TO)
    assert "on its way" in console.browser.follow(console.send(f"{path}/resend")).text
    assert contacts.used(world, first) == 400
    shown = console.browser.follow(console.send(f"{path}/withdraw")).text
    assert ("called off" in shown, "Waiting" in shown) == (True, False)
    assert contacts.used(world, contacts.link_to(world, console.tenant, TO)) == 400


def test_who_reads_settings_sees_the_contact_and_is_offered_no_change(world: World) -> None:
    console = enter(world, "admin_viewer", kind="customer", path="")
    path = f"/tenants/{console.tenant.id}/trail/contact"
    assert "/change" not in console.get(path).text.partition("<main")[2]
    assert console.get(f"{path}/change").status_code == 403

"""What ends when a connection is switched off, has stricter rules, or is removed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.service import get
from authserver.audit.events import EventType
from authserver.core.problems import Conflict, NotFound
from authserver.federation import connections
from authserver.federation.administration.ending import without_another_way
from authserver.federation.models import (
    FederatedIdentity,
    ProviderToken,
)
from authserver.federation.values import Connection, Kind
from authserver.tenants.service import get_by_slug
from tests.attacks.people import Scene
from tests.support.federation import (
    begin,
    by,
    came_by,
    change,
    connect,
    disable,
    epoch,
    is_live,
    leave,
    linked,
    set_policy,
    told,
    under_way,
    write,
)
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import World

MAIL = "connection_removed"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_switching_off_ends_what_is_under_way_and_nothing_else(scene: Scene) -> None:
    made, other = connect(scene.world, scene.tenant), connect(scene.world, scene.tenant)
    identity = linked(scene.world, scene.person, made)
    colleague = scene.world.user(scene.tenant)
    theirs = linked(scene.world, colleague, other)
    for connection in (made, other):
        leave(scene.world, connection)
    for person, link in ((scene.person, identity), (colleague, theirs)):
        scene.world.services.database.write(
            lambda tx, person=person, link=link: begin(tx, scene.world, person, link)
        )
    tokens = scene.tokens()
    came_by(scene.world, scene.person, identity)
    ended = disable(scene.world, made)
    assert (ended.sign_ins, ended.people) == (1, 0)
    assert under_way(scene.world, made) == {"requests": 0, "offers": 0, "partial": 0}
    assert under_way(scene.world, other) == {"requests": 1, "offers": 1, "partial": 1}
    assert is_live(scene.party(), tokens["access_token"]), "the tenant does not say otherwise"
    assert len(told(scene.world, made, EventType.CONNECTION_DISABLED)) == 1


@pytest.mark.parametrize("owned", [True, False], ids=["own", "platform"])
def test_sessions_and_tokens_end_where_the_tenant_says_so(scene: Scene, owned: bool) -> None:  # noqa: FBT001
    world = scene.world
    made = connect(world, scene.tenant if owned else None)
    set_policy(world, scene.tenant, ends_federated_sessions=True)
    identity, colleague = linked(world, scene.person, made), world.user(scene.tenant)
    linked(world, colleague, made)  # came by a password
    elsewhere = world.user(world.tenant())
    if not owned:
        came_by(world, elsewhere, linked(world, elsewhere, made))
    tokens = scene.tokens()
    came_by(world, scene.person, identity)
    assert is_live(scene.party(), tokens["access_token"])
    assert disable(world, made).people == 1
    assert not is_live(scene.party(), tokens["access_token"])
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 400
    assert scene.browser.get("/account").status_code == 303
    assert [epoch(world, one) for one in (scene.person, colleague, elsewhere)] == [2, 1, 1]
    (event,) = events(world, scene.tenant.id, EventType.CONNECTION_SESSIONS_ENDED)
    assert event.document["facts"] == {"connection": made.name, "people": 1}
    assert events(world, elsewhere.tenant.id, EventType.CONNECTION_SESSIONS_ENDED) == []


def test_tokens_of_a_session_that_is_over_end_as_well(scene: Scene) -> None:
    made = connect(scene.world, scene.tenant)
    set_policy(scene.world, scene.tenant, ends_federated_sessions=True)
    code = scene.browser.code(scene.client, scene.person, scope="openid offline_access")
    token = scene.party().redeem(code).json["refresh_token"]
    came_by(scene.world, scene.person, linked(scene.world, scene.person, made))
    scene.browser.submit(scene.browser.get("/login/logout"))
    renewed = scene.party().refresh(token)
    assert renewed.status_code == 200, "the offline tokens outlive the session"
    token = renewed.json["refresh_token"]
    assert disable(scene.world, made).people == 1
    assert scene.party().refresh(token).status_code == 400


def test_switched_on_again_nothing_comes_back(scene: Scene) -> None:
    made = connect(scene.world, scene.tenant)
    leave(scene.world, made)
    disable(scene.world, made)
    service = scene.world.services.federation.connections
    for _ in range(2):
        write(
            scene.world,
            lambda tx: service.enable(tx, scene.tenant.id, made.name, actor=by(scene.world)),
        )
    assert under_way(scene.world, made) == {"requests": 0, "offers": 0, "partial": 0}
    assert len(told(scene.world, made, EventType.CONNECTION_ENABLED)) == 1
    with scene.world.services.database.read() as view:
        assert made.id in {one.id for one in connections.usable(view, [scene.tenant.id])}


def trust_off(world: World, made: Connection) -> Any:
    return change(world, made, trusts_amr=False)


def narrower(world: World, made: Connection) -> Any:
    return change(world, made, allowed=("acme",))


@pytest.mark.parametrize(
    ("fields", "stricter", "levels"),
    [
        ({"trusts_amr": True}, trust_off, {2}),
        ({"kind": Kind.GITHUB, "server": ""}, narrower, {1, 2}),
    ],
)
def test_a_stricter_rule_signs_out_who_came_by_a_laxer_one(
    scene: Scene,
    fields: dict[str, Any],
    stricter: Callable[[World, Connection], Any],
    levels: set[int],
) -> None:
    world = scene.world
    made = connect(world, scene.tenant, **fields)
    identity = linked(world, scene.person, made)
    tokens = scene.tokens()
    for level in (1, 2):
        before = epoch(world, scene.person)
        came_by(world, scene.person, identity, level=level)
        leave(world, made)
        assert stricter(world, made).people == (level in levels)
        assert epoch(world, scene.person) == before + (level in levels)
        assert under_way(world, made)["requests"] == 0
        change(world, made, **{"trusts_amr": True} if "trusts_amr" in fields else {"allowed": ()})
    assert not is_live(scene.party(), tokens["access_token"])


def test_tokens_that_are_not_kept_any_more_are_forgotten(scene: Scene) -> None:
    made = connect(scene.world, scene.tenant, keeps_tokens=True)
    identity = linked(scene.world, scene.person, made)
    change(scene.world, made, keeps_tokens=False)
    with scene.world.services.database.read() as view:
        left = select(ProviderToken).where(ProviderToken.identity_id == identity)
        assert view.platform().scalar(left) is None


def test_a_tenant_that_allows_fewer_connections_ends_what_was_by_the_others(scene: Scene) -> None:
    world = scene.world
    made, kept = connect(world), connect(world)
    elsewhere = world.user(world.tenant())
    set_policy(world, scene.tenant, ends_federated_sessions=True)
    tokens, identity = scene.tokens(), linked(world, scene.person, made)
    came_by(world, scene.person, identity)
    theirs = linked(world, elsewhere, made)
    for person, link in ((scene.person, identity), (elsewhere, theirs)):
        world.services.database.write(
            lambda tx, person=person, link=link: begin(tx, world, person, link)
        )
    leave(world, made)
    set_policy(world, scene.tenant, platform_connections=[kept.name])
    assert under_way(world, made) == {"requests": 1, "offers": 1, "partial": 1}, "of other tenants"
    assert not is_live(scene.party(), tokens["access_token"])
    with world.services.database.read() as view:
        assert not connections.admits(view, scene.tenant.id, made)
        assert connections.admits(view, scene.tenant.id, kept)
        assert connections.admits(view, elsewhere.tenant.id, made)
    set_policy(world, scene.tenant, platform_connections="all")
    with world.services.database.read() as view:
        assert connections.admits(view, scene.tenant.id, made)
    (first, second) = events(world, scene.tenant.id, EventType.TENANT_CHANGED)[-2:]
    assert first.document["after"] == {"platform_connections": [kept.name]}
    assert second.document["after"] == {"platform_connections": None}


def test_a_name_that_the_platform_does_not_have_changes_nothing(scene: Scene) -> None:
    with pytest.raises(NotFound):
        set_policy(
            scene.world, scene.tenant, links_by_email=True, platform_connections=["nonsense"]
        )
    with scene.world.services.database.read() as view:
        assert not get_by_slug(view, scene.tenant.slug).links_by_email


def remove(world: World, made: Connection) -> int:
    removal, people = world.services.federation.removal, 0
    where = (made.tenant_id, made.name)
    while some := write(world, lambda tx: removal.unlink_some(tx, *where, actor=by(world))):
        people += some
    write(world, lambda tx: removal.remove(tx, *where, actor=by(world)))
    return people


def test_only_what_is_switched_off_is_removed(scene: Scene) -> None:
    made = connect(scene.world, scene.tenant)
    identity = linked(scene.world, scene.person, made)
    with pytest.raises(Conflict, match="disable it first"):
        remove(scene.world, made)
    disable(scene.world, made)
    removal = scene.world.services.federation.removal
    with pytest.raises(Conflict, match="are linked"):
        write(
            scene.world,
            lambda tx: removal.remove(tx, scene.tenant.id, made.name, actor=by(scene.world)),
        )
    with scene.world.services.database.read() as view:
        wanted = select(FederatedIdentity).where(FederatedIdentity.id == identity)
        assert view.platform().scalar(wanted) is not None


def test_who_was_linked_by_what_is_removed_is_signed_out_and_told(scene: Scene) -> None:
    world = scene.world
    made = connect(world, label="Corp SSO")
    elsewhere = world.user(world.tenant())
    linked(world, scene.person, made, email="Ada@corp.example")
    linked(world, elsewhere, made, email=elsewhere.email.upper())
    set_policy(world, scene.tenant, platform_connections=[made.name])
    tokens = scene.tokens()  # by a password: a link's end ends everything (decision 0026)
    disable(world, made)
    assert remove(world, made) == 2
    assert not is_live(scene.party(), tokens["access_token"])
    told_to = [mail["To"] for mail in mails(world, scene.person.id, MAIL)]
    assert told_to == [scene.person.email, "Ada@corp.example"]
    (mail,) = mails(world, elsewhere.id, MAIL)
    assert "Corp SSO" in mail.get_body(("plain",)).get_content()
    (event,) = events(world, elsewhere.tenant.id, EventType.IDENTITY_UNLINKED)
    assert event.document["facts"]["how"] == "connection_removed"
    assert len(told(world, made, EventType.CONNECTION_REMOVED)) == 1
    with world.services.database.read() as view:
        assert connections.find(view, made.id) is None
        assert get_by_slug(view, scene.tenant.slug).platform_connections == []
    connect(world, name=made.name)
    with world.services.database.read() as view:
        assert connections.usable(view, [scene.tenant.id]) == [], "a name is no connection"


def test_people_without_another_way_in_are_counted(scene: Scene) -> None:
    world = scene.world
    made, other = connect(world, scene.tenant), connect(world, scene.tenant)

    def count() -> int:
        with world.services.database.read() as view:
            return without_another_way(view, made.id)

    linked(world, scene.person, made)
    assert count() == 0
    bare = world.user(scene.tenant)
    write(world, lambda tx: setattr(get(tx, bare.tenant.id, bare.id), "password_hash", None))
    linked(world, bare, made)
    assert count() == 1
    linked(world, bare, other)
    assert count() == 0
    change(world, other, link_only=True)
    assert count() == 1
    world.disable(bare)
    assert count() == 0

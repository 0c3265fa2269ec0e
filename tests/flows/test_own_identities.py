"""Links of one's own: what is shown, and what may go. The last way in stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.models import User
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.federation.identities import LastWayIn
from authserver.federation.models import ProviderToken
from authserver.federation.policy import Decision
from authserver.federation.values import Kind
from tests.support.factors import edit
from tests.support.mails import mails, mails_to, text_of
from tests.support.proofs import House, acting, answer, gmail, make
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture
def house(world: World) -> House:
    return make(world)


def row(house: House, person: UserFixture) -> User:
    with house.world.services.database.read() as view:
        found = view.platform().scalars(select(User).where(User.id == person.id)).one()
        view.platform().expunge_all()
    return found


def test_the_person_sees_what_is_linked_the_oldest_first(house: House) -> None:
    person, identities = house.world.user(house.tenant), house.world.services.upstream.identities
    google, github = house.connect(), house.connect(Kind.GITHUB)
    said = answer(label="ada@gmail.com")
    first = house.link(person, google, said)
    house.world.clock.move(minutes=1)
    second = house.link(person, github, answer(label="ada"))
    house.enter(google, said)
    with house.world.services.database.read() as view:
        found = identities.of_person(view, house.snapshot(view, person))
    assert [one.id for one in found] == [first, second]
    assert [(one.label, one.kind) for one in found] == [
        ("ada@gmail.com", Kind.GOOGLE),
        ("ada", Kind.GITHUB),
    ]
    assert found[0].last_used_at == house.world.clock.now()
    assert found[1].last_used_at is None


def test_an_unlinked_identity_opens_nothing_and_everything_else_ends(house: House) -> None:
    person, google, there = house.world.user(house.tenant), house.connect(), gmail()
    said = answer(email=there)
    link = house.link(person, google, said)
    live = house.arrive(house.enter(google, said))
    half = house.enter(google, said)
    before = row(house, person).security_epoch
    moved = house.unlink(person, link)
    assert moved.security_epoch == row(house, person).security_epoch == before + 1
    assert house.links() == []
    assert house.enter(google, said).decision is Decision.ASK
    with pytest.raises(AssertionError):
        house.partial(half)
    assert live.user.security_epoch == before
    (event,) = events(house.world, house.tenant.id, "identity.unlinked")
    assert event.document["resource"] == f"identity:{link}"
    (mail,) = mails(house.world, person.id, "identity_unlinked")
    assert "203.0.113.9" in text_of(mail)
    told = [one["Subject"] for one in mails_to(house.world, there, house.tenant.id)]
    assert told == [
        "Your account elsewhere was linked here",
        "Your account elsewhere is linked here no more",
    ]


def test_the_providers_tokens_go_with_their_link(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect(keeps_tokens=True)
    link = house.link(person, google, answer())
    token = ProviderToken(
        identity_id=link,
        user_id=person.id,
        access_token=b"sealed",
        scope="",
        updated_at=house.world.clock.now(),
    )
    house.write(lambda tx: tx.tenant(house.tenant.id).merge(token) and None)
    house.unlink(person, link)
    with house.world.services.database.read() as view:
        wanted = select(ProviderToken.identity_id).where(ProviderToken.user_id == person.id)
        assert view.tenant(house.tenant.id).scalars(wanted).all() == []


def nothing(_house: House, _person: UserFixture) -> None: ...


def no_password(house: House, person: UserFixture) -> None:
    edit(house.world, person, password_hash=None)


def void_password(house: House, person: UserFixture) -> None:
    edit(house.world, person, password_reset_required=True)


def old_password(house: House, person: UserFixture) -> None:
    over = house.world.clock.now() - timedelta(seconds=1)
    edit(house.world, person, password_expires_at=over)


def another(house: House, person: UserFixture, **more: Any) -> None:
    no_password(house, person)
    connection = house.connect(Kind.GITHUB)
    house.link(person, connection, answer())
    if more:
        house.change(connection, **more)


@pytest.mark.parametrize(
    ("arrange", "may_go"),
    [
        (nothing, True),
        (no_password, False),
        (void_password, False),
        (old_password, False),
        (another, True),
        (lambda house, person: another(house, person, enabled=False), False),
        (lambda house, person: another(house, person, link_only=True), False),
    ],
    ids=["password", "none", "reset-due", "over", "another", "switched-off", "link-only"],
)
def test_the_last_way_in_stays(house: House, arrange: Any, *, may_go: bool) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    link = house.link(person, google, answer())
    arrange(house, person)
    identities = house.world.services.upstream.identities
    with house.world.services.database.read() as view:
        asked = identities.may_unlink(view, house.snapshot(view, person), link)
    assert asked is may_go
    if may_go:
        house.unlink(person, link)
        assert link not in {one.id for one in house.links()}
        return
    with pytest.raises(LastWayIn):
        house.unlink(person, link)
    assert link in {one.id for one in house.links()}
    assert events(house.world, house.tenant.id, "identity.unlinked") == []


def test_nobody_unlinks_what_is_not_theirs(world: World, house: House) -> None:
    owner, other = world.user(house.tenant), world.user(world.tenant())
    link = house.link(owner, house.connect(), answer())
    for thief in (other, world.user(house.tenant)):
        with pytest.raises(NotFound):
            house.unlink(thief, link)
    assert len(house.links()) == 1


def test_guests_link_nothing(world: World, house: House) -> None:
    guest = world.guest(world.user(world.tenant("internal")), house.tenant)
    with pytest.raises(Conflict):
        house.link(guest, house.connect(), answer())


@pytest.mark.parametrize("closed", ["enabled", "person", "epoch"])
def test_nothing_is_linked_where_something_was_closed(house: House, closed: str) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    identities = house.world.services.upstream.identities
    with house.world.services.database.read() as view:
        before = house.snapshot(view, person)
    if closed == "enabled":
        house.change(google, enabled=False)
    elif closed == "person":
        house.world.disable(person)
    else:
        edit(house.world, person, security_epoch=before.security_epoch + 1)
    with pytest.raises(Refused):
        house.write(
            lambda tx: identities.link(tx, before, answer(), connection=google, by=acting(person))
        )
    assert house.links() == []


def test_a_connection_that_signs_nobody_in_can_be_linked(house: House) -> None:
    person, github = house.world.user(house.tenant), house.connect(Kind.GITHUB, link_only=True)
    said = answer()
    house.link(person, github, said)
    assert house.enter(github, said).decision is Decision.REFUSE
    assert house.reasons() == [("refuse", "link_only")]

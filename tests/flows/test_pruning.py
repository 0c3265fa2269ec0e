"""What is over goes, in time and in order; what is not, and what protects somebody, stays."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select, update

from authserver import retention
from authserver.accounts.models import FailureCounter, KnownDevice, User
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.delivery.models import OutboxMessage
from authserver.links.models import MailedLink
from authserver.mfa.models import GuessCounter, PartialSignIn
from authserver.oauth.models import AuthorizationCode, PendingAuthorization
from authserver.ops.pruning import Kind, Pruner
from authserver.sessions.models import UserSession
from authserver.tokens.models import RefreshToken, RevokedToken, TokenFamily
from tests.attacks.people import Scene
from tests.support.authenticator import Owner
from tests.support.browser import Browser, Party, answered
from tests.support.world import World

GROWING = (
    MailedLink, PartialSignIn, PendingAuthorization, OutboxMessage, RevokedToken,
    AuthorizationCode, RefreshToken, TokenFamily, UserSession, KnownDevice,
)  # fmt: skip


@pytest.fixture
def scene(world: World) -> Scene:
    """A tenant in which something of everything happened."""
    scene = Scene(world)
    tokens = scene.tokens()
    scene.party().refresh(tokens["refresh_token"])
    owner = Owner(world, scene.client)
    owner.at_the_code()
    browser = Browser(world)
    browser.submit(browser.get("/login/recover"), email=scene.person.email)
    service = world.client(scene.tenant, "service")
    machine = Party(world, service)
    machine.revoke(machine.machine().json["access_token"])
    page = browser.follow(browser.authorize(scene.client))
    browser.sign_in(page, scene.person, password="Wrong-Horse-7")
    world.services.database.write(
        lambda tx: tx.tenant(scene.tenant.id).execute(
            update(OutboxMessage).values(sent_at=world.clock.now(), content=b"")
        )
    )
    return scene


def rows(scene: Scene, model: type) -> int:
    with scene.world.services.database.read() as view:
        return view.tenant(scene.tenant.id).scalar(select(func.count()).select_from(model)) or 0


def held(scene: Scene) -> dict[str, int]:
    return {model.__tablename__: rows(scene, model) for model in GROWING}


def test_nothing_that_is_not_over_goes(scene: Scene) -> None:
    before = held(scene)
    assert all(before.values()), before
    scene.world.services.pruner.prune()
    assert held(scene) == before


def test_everything_that_grows_goes_in_the_end(scene: Scene) -> None:
    scene.world.clock.move(hours=24 * 200)
    scene.world.services.pruner.prune()
    assert held(scene) == dict.fromkeys(held(scene), 0)


def test_what_is_counted_is_what_goes(scene: Scene) -> None:
    """Rows that wait for those that refer to them are counted when their turn has come."""
    pruner = scene.world.services.pruner
    scene.world.clock.move(hours=24 * 200)
    counted = pruner.count()
    gone = pruner.prune()
    waiting = {"token families", "sessions"}
    assert {n: r for n, r in counted.items() if n not in waiting} == {
        n: r for n, r in gone.items() if n not in waiting
    }
    assert set(pruner.count().values()) == {0}


def test_a_chain_of_exchanges_goes_in_one_pass_from_its_end(scene: Scene) -> None:
    columns = [column.key for column in inspect(TokenFamily).columns]

    def exchange_on(transaction: Transaction) -> None:
        session = transaction.tenant(scene.tenant.id)
        last = session.scalars(select(TokenFamily)).first()
        for _ in range(3):
            values = {name: getattr(last, name) for name in columns}
            last = TokenFamily(**{**values, "id": new_id("fam"), "parent_id": last.id})
            session.add(last)
            session.flush()

    scene.world.services.database.write(exchange_on)
    assert rows(scene, TokenFamily) >= 4
    scene.world.clock.move(hours=24 * 200)
    scene.world.services.pruner.prune()
    assert rows(scene, TokenFamily) == 0


SOON: dict[str, tuple[type, timedelta]] = {
    "mailed links": (MailedLink, timedelta(days=1, minutes=31)),
    "partial sign-ins": (PartialSignIn, timedelta(minutes=16)),
    "pending authorizations": (PendingAuthorization, timedelta(days=1, hours=1, minutes=1)),
    "mails": (OutboxMessage, timedelta(days=30, minutes=1)),
    "authorization codes": (AuthorizationCode, timedelta(days=31, minutes=2)),
    "refresh tokens": (RefreshToken, timedelta(days=31, minutes=1)),
    "sessions": (UserSession, timedelta(days=31, minutes=2)),
    "known devices": (KnownDevice, timedelta(days=180, minutes=1)),
}


@pytest.mark.parametrize("what", SOON)
def test_each_kind_has_its_own_time(scene: Scene, what: str) -> None:
    model, life = SOON[what]
    scene.world.clock.move(seconds=(life - timedelta(minutes=5)).total_seconds())
    scene.world.services.pruner.prune()
    assert rows(scene, model), "too early"
    scene.world.clock.move(minutes=6)
    scene.world.services.pruner.prune()
    assert rows(scene, model) == 0, "too late"


def test_a_refresh_token_goes_with_its_whole_family_alone(scene: Scene) -> None:
    """Else reuse would not be noticed: the first generation is as old as the family."""
    party, tokens = scene.party(), scene.tokens()
    first = token = tokens["refresh_token"]
    for _ in range(5):
        scene.world.clock.move(hours=24 * 5)
        token = party.refresh(token).json["refresh_token"]
        scene.world.services.pruner.prune()
    assert party.refresh(first).json["error"] == "invalid_grant"
    assert party.refresh(token).json["error"] == "invalid_grant"  # the family ended with it


def test_a_used_code_that_comes_again_is_known_as_long_as_its_tokens(scene: Scene) -> None:
    code, party = scene.code(), scene.party()
    tokens = party.redeem(code).json
    scene.world.clock.move(hours=24 * 6)
    scene.world.services.pruner.prune()
    tokens = party.refresh(tokens["refresh_token"]).json
    assert party.redeem(code).json["error"] == "invalid_grant"
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def counters(scene: Scene) -> list[tuple[str, int]]:
    query = select(FailureCounter.device, FailureCounter.failures)
    with scene.world.services.database.read() as view:
        return sorted(tuple(row) for row in view.tenant(scene.tenant.id).execute(query))


def test_wrong_passwords_in_a_row_are_remembered_however_long_ago(scene: Scene) -> None:
    """Else patience would give new guesses: the hundredth in a row must stay the hundredth."""
    before = counters(scene)
    assert ("everywhere", 1) in before
    scene.world.clock.move(hours=24 * 400)
    scene.world.services.pruner.prune()
    assert counters(scene) == [one for one in before if one[1]]


def test_a_closed_second_factor_stays_closed(world: World) -> None:
    scene = Scene(world)
    owner = Owner(world, scene.client)

    def close(transaction: object) -> None:
        mine = update(GuessCounter).where(GuessCounter.user_id == owner.user.id)
        transaction.tenant(scene.tenant.id).execute(mine.values(in_a_row=100))

    world.services.database.write(close)
    world.clock.move(hours=24 * 400)
    world.services.pruner.prune()
    assert rows(scene, GuessCounter) == 1
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code()).status_code == 401


def test_mails_that_wait_stay_and_those_given_up_can_be_retried_for_a_month(scene: Scene) -> None:
    def change(transaction: object, **values: object) -> None:
        transaction.tenant(scene.tenant.id).execute(update(OutboxMessage).values(**values))

    database, clock = scene.world.services.database, scene.world.clock
    total = rows(scene, OutboxMessage)
    database.write(lambda tx: change(tx, sent_at=None))
    clock.move(hours=24 * 90)
    scene.world.services.pruner.prune()
    assert rows(scene, OutboxMessage) == total
    database.write(lambda tx: change(tx, failed_at=clock.now()))
    clock.move(hours=24 * 29)
    scene.world.services.pruner.prune()
    assert rows(scene, OutboxMessage) == total
    clock.move(hours=25)
    scene.world.services.pruner.prune()
    assert rows(scene, OutboxMessage) == 0


def test_a_live_session_stays_and_goes_on(scene: Scene) -> None:
    for _ in range(3):
        scene.world.clock.move(minutes=50)
        scene.world.services.pruner.prune()
        assert "code" in answered(scene.browser.authorize(scene.client, prompt="none"))


def small(world: World, batch: int) -> Pruner:
    kinds = retention.kinds(world.services.settings)
    return Pruner(world.services.database, world.clock, kinds, batch=batch)


def test_it_goes_in_small_batches(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.world.clock.move(hours=24 * 200)
    pruner, write, sizes = small(scene.world, 2), Database.write, []

    def watched(database: Database, job: Callable) -> object:
        went = write(database, job)
        sizes.append(went)
        return went

    monkeypatch.setattr(Database, "write", watched)
    gone = pruner.prune()
    assert sum(sizes) == sum(gone.values())
    assert max(sizes) <= 2
    assert held(scene) == dict.fromkeys(held(scene), 0)


def test_a_tick_stops_after_its_share_and_goes_on_at_the_next(scene: Scene) -> None:
    for _ in range(30):
        browser = Browser(scene.world)
        browser.authorize(scene.client)
    scene.world.clock.move(hours=48)
    pruner = small(scene.world, 1)
    pruner.tick()
    left = rows(scene, PendingAuthorization)
    for _ in range(1000):
        if not rows(scene, PendingAuthorization):
            break
        pruner.tick()
    assert left > 0
    assert rows(scene, PendingAuthorization) == 0


def test_any_number_of_processes_prune_at_once(scene: Scene) -> None:
    scene.world.clock.move(hours=24 * 200)
    failed = []

    def prune() -> None:
        try:
            small(scene.world, 1).prune()
        except BaseException as error:  # noqa: BLE001  a thread's errors are nobody's
            failed.append(error)

    threads = [threading.Thread(target=prune) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert held(scene) == dict.fromkeys(held(scene), 0)


def test_a_kind_without_anything_over_is_one_small_read(world: World) -> None:
    never = Kind("nothing", User, lambda _now: User.id == "nobody")
    pruner = Pruner(world.services.database, world.clock, [never])
    assert pruner.count() == pruner.prune() == {"nothing": 0}


def test_every_kind_has_a_key_to_delete_by(world: World) -> None:
    for kind in retention.kinds(world.services.settings):
        assert inspect(kind.model).primary_key

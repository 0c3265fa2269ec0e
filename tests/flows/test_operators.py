"""What operators do for people: end sessions, send a reset, set a password for a while."""

from dataclasses import replace
from datetime import timedelta

import pytest

from authserver.accounts.policy import Refusal
from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor, EventType
from authserver.core.problems import Conflict
from authserver.core.values.reasons import UnfitReason
from tests.attacks.mailed import NEW, ask, use
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import (
    everybodys_sessions_ended,
    sessions_ended,
    user_disabled,
)
from tests.support.account import enter
from tests.support.browser import Browser
from tests.support.mails import links, mails
from tests.support.trail import events, personal
from tests.support.world import PASSWORD, UserFixture, World

WEEK = timedelta(days=7)
SET = "Amber-Kettle-8"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def operator(scene: Scene) -> Actor:
    return replace(scene.world.operator, principal=scene.tenant.id)


def send(scene: Scene, person: UserFixture) -> None:
    def job(tx: object) -> None:
        user = find_by_email(tx, person.tenant.id, person.email)
        scene.world.services.mailed.recovery.send(tx, user, actor=operator(scene))

    scene.world.services.database.write(job)


def set_for_a_while(scene: Scene) -> None:
    services = scene.world.services
    made = services.hasher.hash(SET)
    services.database.write(
        lambda tx: services.accounts.set_password(
            tx,
            scene.tenant.id,
            user_id=scene.person.id,
            password_hash=made,
            actor=operator(scene),
            temporary_for=WEEK,
        )
    )


def tried(scene: Scene, password: str) -> tuple[int, str]:
    """Try to sign in; return the page that is left, without what differs at every time."""
    browser = Browser(scene.world)
    page = browser.follow(browser.get("/account"))
    answer = browser.submit(page, email=scene.person.email, password=password)
    _, _, said = answer.text.partition('role="alert"')
    return answer.status_code, said.partition("</")[0]


def test_ended_sessions_can_begin_again_at_once(scene: Scene) -> None:
    browser = Browser(scene.world)
    enter(browser, scene.person)
    sessions_ended(scene)
    assert browser.get("/account").status_code == 303
    assert enter(Browser(scene.world), scene.person).status_code == 200
    (event,) = events(scene.world, scene.tenant.id, EventType.USER_SESSIONS_ENDED)
    assert event.document["actor"]["kind"] == "operator"
    (mail,) = mails(scene.world, scene.person.id, "signed_out_everywhere")
    assert "signed out everywhere" in mail["Subject"]


def test_only_the_persons_sessions_end(scene: Scene) -> None:
    colleague, other = scene.world.user(scene.tenant), Browser(scene.world)
    enter(other, colleague)
    sessions_ended(scene)
    assert other.get("/account").status_code == 200


def test_everybodys_sessions_end_in_one_tenant_and_no_mail_is_sent(scene: Scene) -> None:
    colleague, stranger = (
        scene.world.user(tenant) for tenant in (scene.tenant, scene.world.tenant())
    )
    browsers = {who.id: Browser(scene.world) for who in (scene.person, colleague, stranger)}
    for who in (scene.person, colleague, stranger):
        enter(browsers[who.id], who)
    everybodys_sessions_ended(scene)
    left = {user_id for user_id, one in browsers.items() if one.get("/account").status_code == 200}
    assert left == {stranger.id}
    assert len(events(scene.world, scene.tenant.id, EventType.TENANT_SESSIONS_ENDED)) == 1
    assert mails(scene.world, colleague.id) == []


def test_a_reset_goes_to_the_person_alone_and_works(scene: Scene) -> None:
    send(scene, scene.person)
    (mail,) = mails(scene.world, scene.person.id, "new_password_by_operator")
    assert mail["To"] == scene.person.email
    assert enter(Browser(scene.world), scene.person).status_code == 200, "until then as before"
    (link,) = links(scene.world, scene.person.id, "new_password_by_operator")
    assert use(scene, link) == 303
    assert tried(scene, PASSWORD)[0] != 303
    assert tried(scene, NEW)[0] == 303
    (event,) = events(scene.world, scene.tenant.id, EventType.RECOVERY_REQUESTED)
    assert event.document["actor"]["kind"] == "operator"
    assert link.partition("token=")[2] not in str(event.document)


def test_a_reset_is_sent_however_often_somebody_asked_before(scene: Scene) -> None:
    for _ in range(4):
        ask(scene)
    send(scene, scene.person)
    assert len(mails(scene.world, scene.person.id, "new_password_by_operator")) == 1


def test_nobody_gets_a_reset_who_could_not_use_it(scene: Scene) -> None:
    guest = scene.world.guest(scene.person, scene.world.tenant())
    user_disabled(scene)
    for person in (scene.person, guest):
        with pytest.raises(Conflict):
            send(scene, person)
        assert mails(scene.world, person.id) == []


def test_a_temporary_password_works_within_its_time(scene: Scene) -> None:
    set_for_a_while(scene)
    scene.world.clock.move(days=7, seconds=-1)
    browser = Browser(scene.world)
    page = browser.follow(browser.get("/account"))
    page = browser.follow(browser.submit(page, email=scene.person.email, password=SET))
    assert page.request.path == "/login/change/password"
    assert browser.submit(page, password=NEW).status_code == 303
    scene.world.clock.move(days=365)
    assert tried(scene, NEW)[0] == 303, "what the person chose does not expire"


def test_a_temporary_password_that_is_over_is_refused_like_a_wrong_one(scene: Scene) -> None:
    set_for_a_while(scene)
    scene.world.clock.move(days=7)
    over, wrong = tried(scene, SET), tried(scene, "Wrong-Horse-7")
    assert over == wrong
    assert over[1]
    reasons = [
        event.document["facts"]["reason"]
        for event in events(scene.world, scene.tenant.id, EventType.SIGN_IN_FAILED)
    ]
    assert reasons == [Refusal.PASSWORD_OVER, Refusal.WRONG_PASSWORD]


def test_a_reset_follows_a_temporary_password_that_is_over(scene: Scene) -> None:
    set_for_a_while(scene)
    scene.world.clock.move(days=8)
    send(scene, scene.person)
    assert use(scene, links(scene.world, scene.person.id, "new_password_by_operator")[0]) == 303
    assert tried(scene, NEW)[0] == 303


def test_the_reason_of_a_reset_is_read_with_the_persons_key_alone(scene: Scene) -> None:
    factors, by = scene.world.services.factors, operator(scene)
    who = (scene.tenant.id, scene.person.id)
    write = scene.world.services.database.write
    write(lambda tx: factors.reset(tx, *who, by=by, reason=" Lost phone, ticket 4711 "))
    (event,) = events(scene.world, scene.tenant.id, EventType.FACTORS_RESET)
    assert personal(scene.world, event)["reason"] == "Lost phone, ticket 4711"
    assert b"4711" not in event.body
    with pytest.raises(UnfitReason):
        write(lambda tx: factors.reset(tx, *who, by=by, reason="two\nlines"))

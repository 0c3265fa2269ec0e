"""Asking for a new password tells nobody who has an account: not by words, work or trail."""

import pytest
from markupsafe import escape
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from tests.attacks.mailed import nonce
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import tenant_suspended, user_disabled
from tests.support.browser import Browser, hidden
from tests.support.mails import links
from tests.support.sql import executed
from tests.support.trail import events, personal
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def ask(scene: Scene, email: str, *, with_flow: bool = True, **more: str) -> str:
    """Ask in a new browser; return the whole answer without what is new in every one."""
    browser = Browser(scene.world)
    query = {}
    if with_flow:
        query = {"flow": browser.follow(browser.authorize(scene.client)).request.args["flow"]}
    page = browser.get("/login/recover", query_string=query)
    fields = hidden(page)
    answer = browser.post("/login/recover", data={**fields, "email": email, **more})
    return stable(answer, email, query.get("flow", ""))


def stable(answer: TestResponse, *own: str) -> str:
    said = f"{answer.status_code} {answer.headers}\n{answer.text}"
    for value in (answer.headers["X-Correlation-Id"], nonce(answer), *own):
        said = said.replace(str(escape(value)), "") if value else said
    # The cookie of the flow is signed anew, and so differs in length by its random values.
    lines = [line for line in said.splitlines() if not line.startswith(("Set-Cookie", "Content-L"))]
    return "\n".join(lines)


def locked(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    for _ in range(5):
        browser.sign_in(page, scene.person, password="Wrong-Horse-7")


def as_guest(scene: Scene) -> None:
    home = scene.world.user(scene.world.tenant())

    def job(tx: object) -> None:
        tx.platform().get(User, scene.person.id).home_user_id = home.id

    scene.world.services.database.write(job)


def asked_often(scene: Scene) -> None:
    for _ in range(4):
        ask(scene, scene.person.email)


def people(scene: Scene) -> dict[str, str]:
    """Return an address of every kind; all of the tenant whose client asks, except one."""
    made: dict[str, UserFixture] = {}
    first = scene.person
    for name, happens in {
        "disabled": user_disabled,
        "locked": locked,
        "a guest": as_guest,
        "asked often": asked_often,
    }.items():
        scene.person = made[name] = scene.world.user(scene.tenant)
        happens(scene)
    made["unverified"] = scene.world.user(scene.tenant, verified=False)
    made["of another tenant"] = scene.world.user(scene.world.tenant())
    scene.person = first
    return {name: person.email for name, person in made.items()}


@pytest.mark.attack("ATK-095")
@pytest.mark.parametrize("with_flow", [True, False])
def test_every_address_gets_the_same_answer(scene: Scene, *, with_flow: bool) -> None:
    addresses = {
        "an account": scene.person.email,
        **people(scene),
        "unknown": "nobody@example.com",
        "no address": "@",
        "two at signs": "a@b@example.com",
        "very long": "x" * 4000 + "@example.com",
        "a script": "x'or 1=1--@example.com",
    }
    answers = {name: ask(scene, email, with_flow=with_flow) for name, email in addresses.items()}
    first = answers["an account"]
    assert first.startswith("200")
    assert [name for name, answer in answers.items() if answer != first] == []


@pytest.mark.attack("ATK-095")
def test_a_suspended_tenant_gets_the_same_answer_and_no_mail(world: World) -> None:
    served = Scene(world)
    client = world.client(
        world.tenant("internal"), serves=[served.tenant.slug, world.tenant().slug]
    )
    served.client = client
    before = ask(served, served.person.email)
    tenant_suspended(served)
    assert ask(served, served.person.email) == before
    assert len(links(world, served.person.id)) == 1


@pytest.mark.attack("ATK-095")
def test_the_same_statements_run_for_everybody_except_two_insertions(scene: Scene) -> None:
    """Row and mail: in the one commit that everybody waits for, since all are recorded."""
    ask(scene, scene.person.email)
    ask(scene, "nobody@example.com")

    def statements(email: str) -> list[str]:
        browser = Browser(scene.world)
        page = browser.follow(browser.authorize(scene.client))
        form = hidden(browser.get("/login/recover", query_string={"flow": hidden(page)["flow"]}))
        with executed(scene.world.services.database.engine) as found:
            browser.post("/login/recover", data={**form, "email": email})
        return [statement.split(None, 2)[0] for statement in found]

    known, unknown = statements(scene.person.email), statements("nobody@example.com")
    assert known.count("SELECT") == unknown.count("SELECT")
    assert known.count("INSERT") == unknown.count("INSERT") + 2


@pytest.mark.attack("ATK-095")
def test_who_gets_a_mail(scene: Scene) -> None:
    disabled = scene.world.user(scene.tenant)
    unverified = scene.world.user(scene.tenant, verified=False)
    first, scene.person = scene.person, disabled
    user_disabled(scene)
    for person in (first, disabled, unverified):
        ask(scene, person.email)
    assert [len(links(scene.world, p.id)) for p in (first, disabled, unverified)] == [1, 0, 1]


def test_who_means_nobody_leaves_nothing_personal(scene: Scene) -> None:
    ask(scene, "nobody-canary@example.com")
    event = events(scene.world, scene.tenant.id, "recovery.requested")[-1]
    assert event.document["facts"] == {"outcome": "unknown_account"}
    assert b"canary" not in event.body
    assert personal(scene.world, event) == {}


def test_without_a_sign_in_under_way_the_oldest_proved_account_is_meant(world: World) -> None:
    email = f"many-{world.tenant().slug}@example.com"
    unproved = world.user(world.tenant(), email=email, verified=False)
    older, newer = (world.user(world.tenant(), email=email) for _ in range(2))
    scene = Scene(world)
    ask(scene, email, with_flow=False)
    assert [len(links(world, person.id)) for person in (unproved, older, newer)] == [0, 1, 0]
    ask(scene, email, with_flow=False, organization=newer.tenant.slug)
    assert [len(links(world, person.id)) for person in (unproved, older, newer)] == [0, 1, 1]

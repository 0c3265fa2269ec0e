"""Links in mails: who sends them where, who may use them, how often, and for what."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from authserver.links.policy import PATHS, Purpose
from tests.attacks.mailed import (
    NEW,
    ask,
    change,
    enabled_again,
    link_for,
    nonce,
    opened,
    set_password,
    use,
    user_row,
)
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import tenant_suspended, user_disabled
from tests.attacks.test_hosts_and_proxies import LIES
from tests.support.browser import Browser, answered, hidden
from tests.support.mails import html_of, links, mails, path_of, text_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import World

every_purpose = pytest.mark.parametrize("purpose", Purpose)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.any_database
@pytest.mark.attack("ATK-089")
@pytest.mark.parametrize("lie", LIES)
def test_no_header_reaches_a_link_in_a_mail(scene: Scene, lie: str) -> None:
    answer = ask(scene, **LIES[lie])
    for mail in mails(scene.world, scene.person.id):
        for body in (text_of(mail), html_of(mail), str(mail)):
            assert "evil.test" not in body
            assert ":666" not in body
    for link in links(scene.world, scene.person.id):
        assert link.startswith("https://auth.example/login/recover/new?token=")
    assert links(scene.world, scene.person.id) or answer.status_code >= 400


@pytest.mark.attack("ATK-147")
@pytest.mark.parametrize("typed", ["mi\u212ae.{0}@example.com", "MIKE.{0}@EXAMPLE.COM"])
def test_mail_goes_to_the_stored_address_alone(scene: Scene, typed: str) -> None:
    stored = f"mike.{scene.tenant.slug}@example.com"
    person = scene.world.user(scene.tenant, email=stored)
    ask(scene, typed.format(scene.tenant.slug))
    found = mails(scene.world, person.id)
    assert [mail["To"] for mail in found] == ([] if "\u212a" in typed else [stored])


@pytest.mark.every_database
@pytest.mark.attack("ATK-084")
@pytest.mark.attack("ATK-085")
@every_purpose
def test_twenty_uses_at_once_are_one(scene: Scene, purpose: Purpose) -> None:
    link = link_for(scene, purpose)
    ready = []
    for _ in range(20):
        browser = Browser(scene.world)
        ready.append((browser, opened(scene, link, browser)))
    answers = together(
        20, lambda n: ready[n][0].submit(ready[n][1], password=f"Lantern-Number-{n}").status_code
    )
    assert sorted(answers) == [303] + [400] * 19
    assert use(scene, link) == 400


@pytest.mark.attack("ATK-042")
@every_purpose
def test_a_token_opens_nothing_but_its_own_page(scene: Scene, purpose: Purpose) -> None:
    link = link_for(scene, purpose)
    token = link.partition("token=")[2]
    before = user_row(scene).security_epoch
    for other in set(Purpose) - {purpose}:
        assert use(scene, f"https://auth.example{PATHS[other]}?token={token}") == 400
    party = scene.party()
    assert party.redeem(token).json["error"] == "invalid_grant"
    assert party.refresh(token).json["error"] == "invalid_grant"
    browser = Browser(scene.world)
    assert browser.get("/login/password", query_string={"flow": token}).status_code == 400
    assert user_row(scene).security_epoch == before
    assert use(scene, link) == 303


@pytest.mark.attack("ATK-042")
def test_codes_and_handles_open_no_page_of_a_link(scene: Scene) -> None:
    browser = Browser(scene.world)
    handle = browser.follow(browser.authorize(scene.client)).request.args["flow"]
    tokens = scene.tokens()
    for secret in (scene.code(), handle, tokens["refresh_token"], "", "x" * 43, "../" * 20):
        for path in PATHS.values():
            page = opened(scene, f"https://auth.example{path}?token={secret}")
            assert page.status_code == 400, path


@pytest.mark.attack("ATK-090")
@every_purpose
def test_a_link_is_good_at_its_own_issuer_alone(scene: Scene, purpose: Purpose) -> None:
    link = link_for(scene, purpose)
    own, nowhere = scene.world.tenant(own_issuer=True), scene.world.tenant()
    foreign = link.replace("auth.example", f"auth.example/t/{own.slug}")
    assert opened(scene, foreign).status_code == 400
    missing = link.replace("auth.example", f"auth.example/t/{nowhere.slug}")
    assert opened(scene, missing).status_code == 404
    assert use(scene, link) == 303


CHANGES: dict[str, Callable[[Scene], None]] = {
    "half an hour": lambda scene: scene.world.clock.move(minutes=30),
    "another address": lambda scene: change(scene, email_canonical="new@example.com"),
    "another password": set_password,
    "a disabled account": user_disabled,
    "disabled and enabled again": enabled_again,
    "a suspended tenant": tenant_suspended,
}


@pytest.mark.attack("ATK-084")
@pytest.mark.parametrize("what", CHANGES)
@every_purpose
def test_a_link_does_not_outlive_what_it_was_made_for(
    scene: Scene, purpose: Purpose, what: str
) -> None:
    link = link_for(scene, purpose)
    browser = Browser(scene.world)
    page = opened(scene, link, browser)
    CHANGES[what](scene)
    before = user_row(scene).password_hash, user_row(scene).email_verified
    assert browser.submit(page, password=NEW).status_code == 400
    assert opened(scene, link).status_code == 400
    assert (user_row(scene).password_hash, user_row(scene).email_verified) == before


@pytest.mark.attack("ATK-088")
@pytest.mark.attack("ATK-080")
def test_a_password_changes_only_by_a_link(scene: Scene) -> None:
    """Every step in every order, with everything but the link."""
    ask(scene)
    before = user_row(scene).password_hash
    browser = Browser(scene.world)
    form = hidden(browser.get("/login/recover"))
    for path in ("/login/recover/new", "/login/recover/done", "/login/verify", "/login/recover"):
        for more in ({}, {"email": scene.person.email}, {"user_id": scene.person.id}):
            data = {**form, "password": NEW, "username": scene.person.email, **more}
            assert browser.post(path, data=data).status_code in {200, 400, 405}
            assert browser.get(path, query_string={"confirmed": "yes"}).status_code in {
                200,
                303,
                400,
            }
    assert user_row(scene).password_hash == before


@pytest.mark.attack("ATK-080")
@every_purpose
def test_looking_uses_nothing_up(scene: Scene, purpose: Purpose) -> None:
    link = link_for(scene, purpose)
    for method in ("HEAD", "GET", "HEAD", "GET"):
        browser = Browser(scene.world)
        moved = browser.http.open(path_of(link), method=method, base_url="https://auth.example")
        assert moved.status_code == 303
        assert browser.get(moved.headers["Location"]).status_code == 200
    assert use(scene, link) == 303


@pytest.mark.any_database
@pytest.mark.attack("ATK-071")
@every_purpose
def test_the_token_is_in_no_page_no_url_and_no_referrer(scene: Scene, purpose: Purpose) -> None:
    link = link_for(scene, purpose)
    token = link.partition("token=")[2]
    browser = Browser(scene.world)
    moved = browser.get(path_of(link))
    assert token not in moved.text + moved.headers["Location"]
    cookie = moved.headers["Set-Cookie"]
    assert cookie.startswith(f"__Secure-as-link={token};")
    for attribute in ("Secure", "HttpOnly", f"Path={PATHS[purpose]}", "SameSite=Lax", "Max-Age"):
        assert attribute in cookie
    page = browser.follow(moved)
    assert token not in page.text
    for answer in (moved, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    done = browser.submit(page, password=NEW)
    assert token not in done.text + done.headers["Location"]


@pytest.mark.attack("ATK-095")
def test_every_dead_link_gets_one_page(scene: Scene) -> None:
    used, old, disabled = (Scene(scene.world) for _ in range(3))
    dead = [link_for(one, Purpose.RESET_PASSWORD) for one in (used, old, disabled)]
    use(used, dead[0])
    user_disabled(disabled)
    scene.world.clock.move(minutes=30)
    unknown = "https://auth.example/login/recover/new?token=" + "x" * 43
    pages = {stable(opened(scene, link)) for link in [*dead, unknown]}
    assert len(pages) == 1
    assert "Ask for a new mail" in pages.pop()


def stable(answer: TestResponse) -> str:
    assert answer.status_code == 400
    return answer.text.replace(answer.headers["X-Correlation-Id"], "").replace(nonce(answer), "")


@pytest.mark.every_database
def test_a_flood_of_requests_is_three_mails_an_hour(scene: Scene) -> None:
    """The third only when the links of the others are over."""
    answers = {ask(scene).status_code for _ in range(8)}
    assert answers == {200}
    assert len(links(scene.world, scene.person.id)) == 2
    together(8, lambda _n: ask(scene).status_code)
    assert len(links(scene.world, scene.person.id)) == 2
    recorded = events(scene.world, scene.tenant.id, "recovery.requested")
    outcomes = [event.document["facts"]["outcome"] for event in recorded]
    assert outcomes == ["mailed"] * 2 + ["too_many_mails"] * 14
    scene.world.clock.move(minutes=30)
    together(8, lambda _n: ask(scene).status_code)
    assert len(links(scene.world, scene.person.id)) == 3
    scene.world.clock.move(minutes=29, seconds=59)
    ask(scene)
    assert len(links(scene.world, scene.person.id)) == 3


def test_a_used_link_closes_the_others(scene: Scene) -> None:
    ask(scene)
    ask(scene)
    first, second = links(scene.world, scene.person.id)
    assert use(scene, second) == 303
    assert use(scene, first) == 400


@pytest.mark.attack("ATK-077")
def test_a_new_password_signs_nobody_in(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = opened(scene, link_for(scene, Purpose.RESET_PASSWORD), browser)
    done = browser.submit(page, password=NEW)
    assert browser.http.get_cookie("__Host-as-session", domain="auth.example") is None
    assert "as-session" not in done.headers.get("Set-Cookie", "")
    refused = answered(browser.authorize(scene.client, prompt="none"))
    assert refused["error"] == "login_required"


@pytest.mark.any_database
@pytest.mark.attack("ATK-037")
def test_nothing_in_the_request_says_where_to_go_afterwards(scene: Scene) -> None:
    evil = {"next": "https://evil.test", "continue": "//evil.test", "redirect_uri": "/\\evil.test"}
    browser = Browser(scene.world)
    link = link_for(scene, Purpose.RESET_PASSWORD)
    moved = browser.get(path_of(link) + "&next=https://evil.test&flow=https://evil.test")
    page = browser.get(moved.headers["Location"], query_string=evil)
    done = browser.submit(page, password=NEW, flow="https://evil.test", **evil)
    last = browser.get(done.headers["Location"], query_string=evil)
    for answer in (moved, page, done, last):
        assert "evil.test" not in answer.text + answer.headers.get("Location", "")


@pytest.mark.any_database
@pytest.mark.attack("ATK-132")
def test_names_are_text_in_mails(world: World) -> None:
    scene = Scene(world)
    scene.person = world.user(scene.tenant, name="<a href='https://evil.test'>x</a>")
    ask(scene)
    (mail,) = mails(world, scene.person.id)
    assert "<a href='https://evil.test'" not in html_of(mail)

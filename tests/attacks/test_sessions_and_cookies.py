"""Sessions, cookies and forms belong to the browser that began them."""

import pytest

from tests.attacks.people import Scene
from tests.support.browser import ISSUER, Browser, answered, hidden
from tests.support.world import World

COOKIES = ("__Host-as-session", "__Host-as-flow", "__Host-as-device")
DOMAIN = "auth.example"


def cookie(browser: Browser, name: str) -> str | None:
    found = browser.http.get_cookie(f"__Host-as-{name}", domain=DOMAIN)
    return found.value if found else None


def plant(browser: Browser, name: str, value: str) -> None:
    browser.http.set_cookie(f"__Host-as-{name}", value, domain=DOMAIN, secure=True)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.every_database
@pytest.mark.attack("ATK-064")
@pytest.mark.attack("ATK-071")
def test_a_flow_that_an_attacker_began_never_completes_in_a_victims_browser(
    scene: Scene,
) -> None:
    """The link is sent to somebody who is signed in; it leads nowhere, and nothing is issued."""
    attacker = Browser(scene.world)
    page = attacker.follow(attacker.authorize(scene.client))
    handle = hidden(page)["flow"]
    scene.code()  # the victim is signed in and has consented before
    for path in ("/oauth/authorize", "/login/password", "/login/consent"):
        opened = scene.browser.get(path, query_string={"flow": handle})
        assert opened.status_code == 400
        assert "Location" not in opened.headers
    assert answered(attacker.authorize(scene.client, prompt="none"))["error"] == "login_required"


@pytest.mark.attack("ATK-064")
def test_a_session_cookie_that_was_planted_before_the_sign_in_is_worth_nothing_after_it(
    scene: Scene,
) -> None:
    attacker = Scene(scene.world)
    attacker.code()
    planted = cookie(attacker.browser, "session")
    assert planted is not None
    for value in (planted, "a" * 43):
        victim = Browser(scene.world)
        plant(victim, "session", value)
        victim.code(scene.client, scene.person)
        assert cookie(victim, "session") != value
        thief = Browser(scene.world)
        plant(thief, "session", value)
        assert scene.person.email not in thief.get("/").text


@pytest.mark.attack("ATK-064")
def test_each_sign_in_renames_the_session_and_the_old_name_is_dead(scene: Scene) -> None:
    scene.code()
    before = cookie(scene.browser, "session")
    assert before is not None
    scene.world.clock.move(seconds=1)
    scene.browser.complete(scene.client, scene.person, prompt="login")
    assert cookie(scene.browser, "session") != before
    thief = Browser(scene.world)
    plant(thief, "session", before)
    assert scene.person.email not in thief.get("/").text


@pytest.mark.attack("ATK-065")
def test_every_cookie_is_the_hosts_alone(scene: Scene) -> None:
    """A __Host- cookie is refused by browsers when a sub-domain or plain http sets it."""
    seen = set()
    answer = scene.browser.authorize(scene.client)
    answers = [answer, scene.browser.sign_in(answer, scene.person)]
    answers.append(scene.browser.submit(scene.browser.get("/login/logout")))
    for one in answers:
        for header in one.headers.getlist("Set-Cookie"):
            name, _, rest = header.partition("=")
            attributes = {part.strip().lower() for part in rest.split(";")[1:]}
            assert name in COOKIES
            assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes, header
            assert not any(attribute.startswith("domain") for attribute in attributes)
            seen.add(name)
    assert seen == set(COOKIES)


@pytest.mark.attack("ATK-067")
@pytest.mark.parametrize(
    "forged",
    [
        "=__Host-as-session={token}",
        "a=b; =__Host-as-session={token}",
        "__Host-as-session=x; __Host-as-session={token}",
        "__Host-as-session={token}; __Host-as-session=x",
        "__Host-as-session ={token}; __Host-as-session=x",
        "__Host-as-session=x;__Host-as-session={token}",
    ],
)
def test_a_cookie_that_pretends_to_be_another_clears_the_jar(scene: Scene, forged: str) -> None:
    scene.code()
    header = forged.format(token=cookie(scene.browser, "session"))
    for path in ("/", "/oauth/authorize", "/login/logout", "/oauth/userinfo"):
        answer = scene.world.app.test_client(use_cookies=False).get(
            path, base_url=ISSUER, headers={"Cookie": header}
        )
        assert answer.status_code == 400
        assert answer.headers["Clear-Site-Data"] == '"cookies"'
        assert scene.person.email not in answer.text


@pytest.mark.attack("ATK-067")
@pytest.mark.parametrize(
    "name", ["as-session", "__host-as-session", "__HOST-as-session", "__Host-as-session2"]
)
def test_a_cookie_by_nearly_the_name_is_another_cookie(scene: Scene, name: str) -> None:
    scene.code()
    header = f"{name}={cookie(scene.browser, 'session')}"
    home = scene.world.app.test_client(use_cookies=False).get(
        "/", base_url=ISSUER, headers={"Cookie": header}
    )
    assert scene.person.email not in home.text


@pytest.mark.attack("ATK-068")
def test_no_answer_to_a_person_is_kept_by_a_cache(scene: Scene) -> None:
    scene.code()
    answers = [
        *(scene.browser.get(path) for path in ("/", "/login/logout", "/login/signed-out", "/x")),
        scene.browser.authorize(scene.client),
        scene.browser.authorize(scene.client, response_mode="form_post"),
        scene.browser.authorize(scene.client, client_id="cli_unknown"),
        scene.party().userinfo(scene.tokens()["access_token"]),
        scene.party().redeem(scene.code()),
        scene.party().redeem("nonsense"),
        scene.party().introspect("nonsense"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        if "Set-Cookie" in answer.headers:
            assert "Cookie" in answer.headers.get("Vary", "")


@pytest.mark.attack("ATK-070")
def test_signing_out_ends_the_session_in_the_database_and_takes_the_cookies(
    scene: Scene,
) -> None:
    scene.code()
    kept = cookie(scene.browser, "session")
    assert kept is not None
    page = scene.browser.get("/login/logout")
    gone = scene.browser.submit(page)
    assert gone.status_code == 303
    assert cookie(scene.browser, "session") is None
    assert cookie(scene.browser, "flow") is None
    plant(scene.browser, "session", kept)
    assert scene.person.email not in scene.browser.get("/").text
    assert answered(scene.browser.authorize(scene.client, prompt="none"))["error"]


@pytest.mark.attack("ATK-070")
def test_a_flow_begun_before_the_sign_out_is_closed_after_it(scene: Scene) -> None:
    scene.code()
    scene.world.clock.move(seconds=1)
    waiting = scene.browser.follow(scene.browser.authorize(scene.client, prompt="consent"))
    scene.browser.submit(scene.browser.get("/login/logout"))
    assert scene.browser.submit(waiting, decision="allow").status_code == 400


@pytest.mark.attack("ATK-072")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_get_gives_a_secret_or_changes_anything(scene: Scene, method: str) -> None:
    scene.code()
    forms = {
        "/oauth/token": {"grant_type": "client_credentials", "client_id": scene.client.id},
        "/oauth/revoke": {"token": scene.tokens()["refresh_token"]},
        "/oauth/introspect": {"token": scene.tokens()["refresh_token"]},
    }
    for path, query in forms.items():
        answer = scene.browser.http.open(path, method=method, base_url=ISSUER, query_string=query)
        assert answer.status_code in {403, 405}  # 403: a preflight of an origin nobody registered
        assert "Access-Control-Allow-Origin" not in answer.headers
    for path in ("/", "/login/logout", "/login/signed-out"):
        page = scene.browser.http.open(path, method=method, base_url=ISSUER)
        for secret in (cookie(scene.browser, "session"), cookie(scene.browser, "device")):
            assert str(secret) not in page.text
    assert scene.person.email in scene.browser.get("/").text


@pytest.mark.attack("ATK-073")
def test_a_link_or_a_foreign_form_signs_nobody_out(scene: Scene) -> None:
    scene.code()
    form = hidden(scene.browser.get("/login/logout"))
    scene.browser.get("/login/logout")
    attempts = [
        {"data": {}},
        {"data": {"csrf_token": "x"}},
        {"data": {"csrf_token": form["csrf_token"][:-1]}},
        {"data": form, "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"data": form, "headers": {"Sec-Fetch-Site": "same-site"}},
        {"data": form, "headers": {"Origin": "https://evil.test"}},
        {"data": form, "headers": {"Origin": "https://auth.example.evil.test"}},
        {"data": form, "headers": {"Origin": "http://auth.example"}},
    ]
    for attempt in attempts:
        refused = scene.browser.post("/login/logout", **attempt)
        assert refused.status_code in {400, 403}, attempt
        assert scene.person.email in scene.browser.get("/").text
    assert scene.browser.post("/login/logout", data=form).status_code == 303


@pytest.mark.attack("ATK-073")
def test_no_form_of_a_page_works_without_its_token_or_with_another_browsers(
    scene: Scene,
) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    theirs = hidden(Browser(scene.world).get("/login/logout"))["csrf_token"]
    typed = {"email": scene.person.email, "password": scene.person.password}
    for token in ("", "x", theirs):
        data = {**hidden(page), **typed, "csrf_token": token}
        assert scene.browser.post("/login/password", data=data).status_code == 400
        assert cookie(scene.browser, "session") is None


@pytest.mark.attack("ATK-073")
def test_the_token_of_a_form_that_was_known_before_the_sign_in_is_dead_after_it(
    scene: Scene,
) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    before = hidden(page)["csrf_token"]
    scene.browser.sign_in(page, scene.person)
    assert scene.browser.post("/login/logout", data={"csrf_token": before}).status_code == 400


@pytest.mark.attack("ATK-077")
def test_before_the_password_nothing_works_and_after_it_nothing_without_consent(
    scene: Scene,
) -> None:
    """The flow cookie has no rights, and the answer comes only after the last step."""
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    handle = hidden(page)["flow"]
    for attempt in (
        lambda: scene.browser.get("/oauth/authorize", query_string={"flow": handle}),
        lambda: scene.browser.get("/login/consent", query_string={"flow": handle}),
        lambda: scene.browser.post("/login/consent", data={**hidden(page), "decision": "allow"}),
        lambda: scene.browser.authorize(scene.client, prompt="none"),
    ):
        answer = attempt()
        for _ in range(3):
            if answer.headers.get("Location", "").startswith("/"):
                answer = scene.browser.follow(answer)
        assert "code=" not in answer.headers.get("Location", "")
    scene.browser.sign_in(page, scene.person)
    waiting = scene.browser.get("/oauth/authorize", query_string={"flow": handle})
    assert "/login/consent" in waiting.headers["Location"]
    assert answered(scene.browser.authorize(scene.client, prompt="none"))["error"] == (
        "consent_required"
    )

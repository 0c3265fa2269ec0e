"""Guessing passwords and finding out who has an account."""

import re
import time

import pytest
from werkzeug.test import TestResponse

from authserver.core.hashing import HashingPool
from authserver.core.problems import Unavailable
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import tenant_suspended, user_disabled
from tests.support.browser import ISSUER, Browser
from tests.support.factors import edit
from tests.support.parallel import together
from tests.support.world import ClientFixture, UserFixture, World


def attempt(
    scene: Scene, email: str, password: str, browser: Browser | None = None
) -> TestResponse:
    browser = browser or Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    return browser.submit(page, email=email, password=password)


def stable(answer: TestResponse, email: str) -> tuple[int, str, list[str]]:
    """Return an answer without what is new in every one, and without the address typed."""
    text = answer.text.replace(email, "")
    text = re.sub(r'nonce="[^"]+"|cor_[0-9a-f]+|value="[^"]*"|flow=[\w-]+', "", text)
    return answer.status_code, text, sorted(name for name, _ in answer.headers)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.attack("ATK-095")
@pytest.mark.attack("ATK-078")
def test_every_refusal_of_a_sign_in_reads_the_same(scene: Scene) -> None:
    wrong = "Wrong-Horse-7"
    disabled, locked, elsewhere = (Scene(scene.world) for _ in range(3))
    user_disabled(disabled)
    for _ in range(5):
        attempt(locked, locked.person.email, wrong)
    answers = {
        "a wrong password": stable(attempt(scene, scene.person.email, wrong), scene.person.email),
        "an empty password": stable(attempt(scene, scene.person.email, ""), scene.person.email),
        "an unknown address": stable(attempt(scene, "no@body.example", wrong), "no@body.example"),
        "unknown, empty": stable(attempt(scene, "no@body.example", ""), "no@body.example"),
        "no address at all": stable(attempt(scene, "@", wrong), "@"),
        "another tenant's": stable(
            attempt(scene, elsewhere.person.email, elsewhere.person.password),
            elsewhere.person.email,
        ),
        "disabled": stable(
            attempt(disabled, disabled.person.email, disabled.person.password),
            disabled.person.email,
        ),
        "locked": stable(
            attempt(locked, locked.person.email, locked.person.password), locked.person.email
        ),
        "a very long password": stable(
            attempt(scene, scene.person.email, "x" * 5000), scene.person.email
        ),
    }
    first = answers["a wrong password"]
    different = [
        name
        for name, answer in answers.items()
        if (answer[0], answer[2]) != (first[0], first[2])
        or without_tenant(answer[1]) != without_tenant(first[1])
    ]
    assert different == []


@pytest.mark.attack("ATK-095")
@pytest.mark.attack("ATK-078")
def test_every_refusal_at_the_account_pages_reads_the_same(scene: Scene) -> None:
    """There accounts of all tenants sign in, and of those that are suspended as well."""
    world, wrong = scene.world, "Wrong-Horse-7"
    nothing, due, suspended = (Scene(world) for _ in range(3))
    edit(world, nothing.person, password_hash=None)
    edit(world, due.person, password_reset_required=True)
    tenant_suspended(suspended)
    host, gone = Scene(world), Scene(world)
    guest = world.guest(scene.person, host.tenant)
    homeless = world.guest(gone.person, host.tenant, email=f"guest.{gone.person.email}")
    user_disabled(gone)
    unproved = world.user(scene.tenant, verified=False)
    tried = {
        "a wrong password": (scene.person, wrong),
        "an unknown address": (UserFixture("-", "no@body.example", scene.tenant), wrong),
        "no password": (nothing.person, nothing.person.password),
        "a password that must be reset": (due.person, due.person.password),
        "a suspended tenant": (suspended.person, suspended.person.password),
        "a guest, wrong": (guest, wrong),
        "a guest whose home is disabled": (homeless, homeless.password),
        "an unproved address, wrong": (unproved, wrong),
    }
    answers = {}
    for name, (person, password) in tried.items():
        browser = Browser(world)
        page = browser.follow(browser.get("/account"))
        fields = {"email": person.email, "organization": person.tenant.slug}
        answer = browser.submit(page, **fields, password=password)
        assert browser.http.get_cookie("__Host-as-session", domain="auth.example") is None
        answers[name] = stable(answer, person.email)
    first = answers["a wrong password"]
    assert first[0] == 401
    assert [name for name, answer in answers.items() if answer != first] == []


def without_tenant(text: str) -> str:
    return re.sub(r"Tenant t-[0-9a-f]+|Client \w+|\S*cli_\w+\S*", "", text)


@pytest.mark.attack("ATK-095")
def test_every_refusal_of_a_client_reads_the_same(scene: Scene) -> None:
    unknown = ClientFixture("cli_" + "0" * 26, "cs_wrong", scene.tenant)
    wrong = ClientFixture(scene.client.id, "cs_wrong", scene.tenant)
    suspended = Scene(scene.world)
    tenant_suspended(suspended)
    for endpoint in ("token", "introspect", "revoke"):
        form = {"grant_type": "client_credentials", "token": "x"}
        answers = [
            scene.party(client).send(endpoint, form)
            for client in (unknown, wrong, suspended.client)
        ]
        assert {a.status_code for a in answers} == {401}
        assert len({a.data for a in answers}) == 1
        assert len({a.headers["WWW-Authenticate"] for a in answers}) == 1


@pytest.mark.attack("ATK-078")
def test_the_right_password_of_a_locked_account_opens_nothing(scene: Scene) -> None:
    for _ in range(5):
        attempt(scene, scene.person.email, "Wrong-Horse-7")
    browser = Browser(scene.world)
    refused = attempt(scene, scene.person.email, scene.person.password, browser)
    assert refused.status_code >= 400
    assert browser.http.get_cookie("__Host-as-session", domain="auth.example") is None
    scene.world.clock.move(minutes=30, seconds=1)
    assert attempt(scene, scene.person.email, scene.person.password).status_code == 303


@pytest.mark.attack("ATK-082")
def test_spellings_of_an_address_and_new_flows_share_one_counter(scene: Scene) -> None:
    local, _, domain = scene.person.email.partition("@")
    spellings = [
        scene.person.email,
        f"  {scene.person.email} ",
        f"{local}@{domain.upper()}",
        f"{local}@{domain.title()}",
        f"\t{scene.person.email}",
    ]
    for spelling in spellings:
        attempt(scene, spelling.replace("\t", " "), "Wrong-Horse-7")
    assert attempt(scene, scene.person.email, scene.person.password).status_code >= 400


@pytest.mark.every_database
@pytest.mark.attack("ATK-082")
def test_parallel_guesses_are_all_counted(scene: Scene) -> None:
    together(12, lambda _n: attempt(scene, scene.person.email, "Wrong-Horse-7").status_code)
    assert attempt(scene, scene.person.email, scene.person.password).status_code >= 400


@pytest.mark.attack("ATK-083")
def test_strangers_cannot_lock_a_person_out_of_a_browser_they_use(scene: Scene) -> None:
    scene.code()
    scene.browser.submit(scene.browser.get("/login/logout"))
    for _ in range(12):
        attempt(scene, scene.person.email, "Wrong-Horse-7")
    own = attempt(scene, scene.person.email, scene.person.password, scene.browser)
    assert own.status_code == 303


@pytest.mark.attack("ATK-083")
def test_a_device_that_knows_one_account_is_a_stranger_to_another(scene: Scene) -> None:
    other = scene.world.user(scene.tenant)
    scene.code()
    scene.browser.submit(scene.browser.get("/login/logout"))
    for _ in range(5):
        attempt(scene, other.email, "Wrong-Horse-7")
    assert attempt(scene, other.email, other.password, scene.browser).status_code >= 400


@pytest.mark.attack("ATK-097")
def test_secrets_are_looked_up_and_compared_as_hashes(scene: Scene) -> None:
    """What is compared is a SHA-256 of the whole: a right beginning is worth nothing.

    A timing test would measure this machine; that every comparison of secrets goes through
    hmac.compare_digest on hashes is what can be shown.
    """
    secret = str(scene.client.secret)
    for wrong in (secret[:-1], secret + "x", secret[:-1] + "A", secret.swapcase(), "cs_"):
        if wrong != secret:
            client = ClientFixture(scene.client.id, wrong, scene.tenant)
            assert scene.party(client).machine().json["error"] == "invalid_client"
    with scene.world.services.database.read() as view:
        stored = view.connection.exec_driver_sql("SELECT secret_hash FROM client_secrets").all()
    assert all(len(bytes(row[0])) == 32 for row in stored)


@pytest.mark.attack("ATK-146")
def test_a_huge_password_costs_nothing_and_breaks_nothing(scene: Scene) -> None:
    started = time.perf_counter()
    for size in (4097, 60_000, 1_000_000):
        refused = attempt(scene, scene.person.email, "x" * size)
        assert refused.status_code in {200, 400, 401, 403, 413}
    assert time.perf_counter() - started < 5


@pytest.mark.attack("ATK-146")
def test_more_sign_ins_than_can_be_hashed_are_told_to_come_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: HashingPool, _compute: object) -> None:
        raise Unavailable("Too many sign-ins at this moment.", retry_after=2)

    monkeypatch.setattr(HashingPool, "run", full)
    refused = attempt(scene, scene.person.email, scene.person.password)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "2"
    assert scene.party().machine().status_code != 503


@pytest.mark.attack("ATK-147")
@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("mike@example.com", "mi\u212ae@example.com"),
        ("strasse@example.com", "stra\u00dfe@example.com"),
        ("imail@example.com", "\u0131mail@example.com"),
        ("imail@example.com", "\u0130mail@example.com"),
        ("admin@corp.example", "admin\uff20corp.example"),
        ("admin@corp.example", "admin@corp\uff0eexample"),
    ],
)
def test_letters_that_fold_into_others_are_other_letters(
    scene: Scene, stored: str, typed: str
) -> None:
    local, _, domain = stored.partition("@")
    unique = scene.tenant.slug
    person = scene.world.user(scene.tenant, email=f"{local}.{unique}@{domain}")
    for at in ("@", "\uff20"):
        typed = typed.replace(at, f".{unique}{at}", 1) if at in typed else typed
    assert attempt(scene, typed, person.password).status_code >= 400
    assert attempt(scene, person.email, person.password).status_code == 303


@pytest.mark.attack("ATK-019")
@pytest.mark.attack("ATK-020")
@pytest.mark.parametrize(
    "spelling",
    ["{0}@evil.test@{1}", '"{0}@evil.test"@{1}', "{0}@{1}.", "{0}(x)@{1}", "{0}@{1}@", "@{0}@{1}"],
)
def test_an_address_has_one_at_sign_and_one_reading(scene: Scene, spelling: str) -> None:
    local, _, domain = scene.person.email.partition("@")
    typed = spelling.format(local, domain)
    assert attempt(scene, typed, scene.person.password).status_code >= 400


def test_a_sign_in_still_works(scene: Scene) -> None:
    """Without this the refusals above would prove nothing."""
    person: UserFixture = scene.person
    assert attempt(scene, person.email, person.password).status_code == 303
    assert Browser(scene.world).http.get("/", base_url=ISSUER).status_code == 200

"""A callback that comes from elsewhere, a second time, late, or for somebody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore
from urllib.parse import parse_qsl, urlencode

import jwt
import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from authserver.federation.connectors.base import UpstreamDown
from authserver.federation.connectors.line import Line
from authserver.federation.values import Connection, Kind
from tests.spec.tools import restarted
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.providers import OpenId, Person, openid, stand_in
from tests.support.trail import events
from tests.support.upstream import Traveller, away, connect
from tests.support.world import ClientFixture, TenantFixture, World

PEOPLE, THREADS = 30, 8
PATIENCE = 60  # seconds, for a machine that is busy


@pytest.fixture
def provider(world: World) -> Iterator[OpenId]:
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        yield provider


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def client(world: World, tenant: TenantFixture) -> ClientFixture:
    return world.client(tenant, first_party=True)


@pytest.fixture
def acme(world: World, tenant: TenantFixture, provider: OpenId) -> Connection:
    return connect(world, Kind.OIDC, provider, tenant, server=provider.url, creates_people=True)


@pytest.fixture
def other(world: World, tenant: TenantFixture) -> Iterator[Connection]:
    """Another provider of the same tenant."""
    with openid(world.clock) as there:
        yield connect(world, Kind.OIDC, there, tenant, server=there.url, creates_people=True)


def is_closed(answer: TestResponse) -> bool:
    """Tell whether nothing came of it, and the page says what to do."""
    text = answer.text
    said = "This sign-in is no longer open" in text and "cor_" in text
    return answer.status_code == 400 and said and "Location" not in answer.headers


def is_signed_in(browser: Browser, client: ClientFixture) -> bool:
    return "code" in answered(browser.authorize(client, prompt="none"))


@pytest.mark.attack("ATK-021")
def test_the_state_of_one_provider_is_none_at_the_callback_of_another(
    world: World, client: ClientFixture, acme: Connection, other: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    back = provider.sign_in(browser.depart(client, acme))
    assert is_closed(browser.back(back.replace(acme.id, other.id)))
    assert not is_signed_in(browser, client)
    assert provider.requests("token") == []
    browser.onward(browser.back(back))  # where it belongs it is good still
    assert is_signed_in(browser, client)


@pytest.mark.attack("ATK-021")
def test_a_callback_of_an_attacker_signs_nobody_else_in(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    """Login CSRF: the attacker's callback, opened in the victim's browser."""
    mallory = provider.person(email="mallory@acme.example")
    attacker, victim = Traveller(world), Traveller(world)
    link = provider.sign_in(attacker.depart(client, acme), mallory)
    assert is_closed(victim.back(link))
    assert is_closed(Traveller(world).back(link))
    ada = provider.person(email="ada@acme.example")
    own = victim.depart(client, acme)
    assert is_closed(victim.back(link))
    for_victim = dict(parse_qsl(own.partition("?")[2]))["state"]
    stolen = dict(parse_qsl(link.partition("?")[2]))
    # The attacker's code with the victim's state: the verifier and the nonce are the victim's.
    mixed = f"{link.partition('?')[0]}?{urlencode({**stolen, 'state': for_victim})}"
    victim.onward(victim.back(mixed))
    assert not is_signed_in(victim, client)
    assert is_closed(victim.back(provider.sign_in(own, ada)))  # it was used up by the attempt
    assert events(world, client.tenant.id, EventType.SIGN_IN_SUCCEEDED) == []


@pytest.mark.attack("ATK-012")
def test_a_callback_is_good_once(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    back = provider.sign_in(browser.depart(client, acme))
    browser.onward(browser.back(back))
    assert is_closed(browser.back(back))
    assert len(provider.requests("token")) == 1


@pytest.mark.every_database
@pytest.mark.attack("ATK-012")
def test_of_many_at_once_one_callback_wins(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    back = provider.sign_in(browser.depart(client, acme))
    cookies = {cookie.key: cookie.value for cookie in browser.http._cookies.values()}  # noqa: SLF001

    def come(_: int) -> int:
        tab = Traveller(world)
        for name, value in cookies.items():
            tab.http.set_cookie(name, value, domain="auth.example", secure=True)
        return tab.back(back).status_code

    with ThreadPoolExecutor(THREADS) as pool:
        answers = sorted(pool.map(come, range(THREADS)))
    assert answers == [303, *[400] * (THREADS - 1)]
    assert len(provider.requests("token")) == 1


@pytest.mark.attack("ATK-012")
@pytest.mark.parametrize("late", [timedelta(minutes=10), timedelta(days=1)], ids=str)
def test_a_callback_is_good_for_ten_minutes(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId, late: timedelta
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    back = provider.sign_in(browser.depart(client, acme))
    world.clock.move(seconds=int(late.total_seconds()))
    assert is_closed(browser.back(back))


@pytest.mark.attack("ATK-008")
@pytest.mark.parametrize(
    "forged",
    [
        "",
        "state=",
        "code=c",
        "state={flow}&code=c",
        "state={state}x&code=c",
        "state=%00&code=c",
        "state={state}&state={state}&code=c",
        "state={long}&code=c",
        "state=%C3%BC&code=c",
    ],
)
def test_a_callback_made_of_what_others_know_is_none(
    world: World, client: ClientFixture, acme: Connection, forged: str
) -> None:
    browser = Traveller(world)
    page = browser.follow(browser.authorize(client))
    url = away(browser.press(page, acme))
    state = dict(parse_qsl(url.partition("?")[2]))["state"]
    query = forged.format(flow=hidden(page)["flow"], state=state, long="s" * 5000)
    answer = browser.get(f"/login/federation/{acme.id}/callback", query_string=query)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "Traceback" not in answer.text


@pytest.mark.attack("ATK-008")
def test_looking_at_a_callback_uses_nothing_up(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    browser = Traveller(world)
    path, _, query = provider.sign_in(browser.depart(client, acme)).partition("?")
    path = path.removeprefix("https://auth.example")
    for method in ("HEAD", "POST", "PUT"):
        answer = browser.http.open(
            path, method=method, query_string=query, base_url="https://auth.example"
        )
        assert answer.status_code in {400, 405}
    browser.onward(browser.get(path, query_string=query))
    assert is_signed_in(browser, client)


@pytest.mark.rfc("TOP-06")
def test_who_goes_away_again_and_again_has_to_wait(world: World, tenant: TenantFixture) -> None:
    """Each way out stores a row, and each way back asks a provider."""
    with (
        openid(world.clock) as there,
        restarted(world, login_rate=3) as server,
        stand_in(server.services.connectors),
    ):
        made = connect(server, Kind.OIDC, there, tenant, server=there.url)
        browser = Traveller(server)
        page = browser.follow(browser.authorize(server.client(tenant), idp_hint="nobody"))
        url = f"/login/federation/{made.id}"
        for ask in (
            lambda: browser.post(url, data=hidden(page)),
            lambda: browser.get(url, query_string={"flow": hidden(page)["flow"]}),
            lambda: browser.get(f"{url}/callback", query_string={"state": "s" * 43}),
        ):
            found = [ask().status_code for _ in range(4)]
            assert found[3] == 429 not in found[:3]


def test_a_sign_in_that_was_answered_meanwhile_is_not_gone_on_with(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    """In another tab the person signed in by password; then the provider's answer comes."""
    provider.person(email="ada@acme.example")
    person = world.user(client.tenant)
    browser = Traveller(world)
    sent = browser.authorize(client)
    page = browser.follow(sent)
    leaving = away(browser.press(page, acme))
    browser.onward(browser.sign_in(page, person))
    assert is_closed(browser.back(provider.sign_in(leaving)))


@pytest.mark.attack("ATK-040")
def test_nothing_in_the_callback_leads_anywhere_else(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    provider.person(email="ada@acme.example")
    for name in ("flow", "to", "next", "redirect_uri", "return_to", "RelayState"):
        browser = Traveller(world)
        back = provider.sign_in(browser.depart(client, acme))
        answer = browser.back(f"{back}&{name}=https%3A%2F%2Fevil.example")
        assert "evil" not in answer.headers.get("Location", "")
        assert answer.headers["Location"].startswith(("/oauth/authorize?", "/login/"))


@pytest.mark.every_database
def test_thirty_people_at_once_are_each_themselves(
    world: World, client: ClientFixture, acme: Connection, provider: OpenId
) -> None:
    people = [provider.person(email=f"p{n}@acme.example") for n in range(PEOPLE)]

    def sign_in(person: Person) -> tuple[str, str]:
        browser = Traveller(world)
        answer = browser.onward(browser.through(client, acme, at=provider, person=person))
        party = Party(world, client)
        tokens = party.redeem(answered(answer)["code"]).json
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        return claims["sub"], party.userinfo(tokens["access_token"]).json["email"]

    with ThreadPoolExecutor(THREADS) as pool:
        first = list(pool.map(sign_in, people))
        again = list(pool.map(sign_in, reversed(people)))
    assert [email for _, email in first] == [person.email for person in people]
    assert len({sub for sub, _ in first}) == PEOPLE
    assert list(reversed(again)) == first


@pytest.mark.every_database
def test_a_provider_that_hangs_holds_nobody_else_up(
    world: World,
    client: ClientFixture,
    acme: Connection,
    provider: OpenId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who waits for it holds neither the database nor those who sign in by password."""
    provider.person(email="ada@acme.example")
    person = world.user(client.tenant)
    travellers = [Traveller(world) for _ in range(3)]
    backs = [provider.sign_in(one.depart(client, acme)) for one in travellers]
    asked, enough = Semaphore(0), Event()

    def hang(*_: object, **__: object) -> None:
        asked.release()
        enough.wait(PATIENCE)
        raise UpstreamDown("it took too long")

    monkeypatch.setattr(Line, "post", hang)
    with ThreadPoolExecutor(len(backs)) as pool:
        waiting = [pool.submit(one.back, back) for one, back in zip(travellers, backs, strict=True)]
        assert all(asked.acquire(timeout=PATIENCE) for _ in waiting)
        done = [answered(Browser(world).complete(client, person)) for _ in range(10)]
        assert not any(one.done() for one in waiting)
        enough.set()
        answers = [one.result() for one in waiting]
    assert all("code" in answer for answer in done)
    for browser, answer in zip(travellers, answers, strict=True):
        page = browser.onward(answer)
        assert page.request.path == "/login/password"
        assert "cannot be reached right now" in page.text
        assert 'name="password"' in page.text

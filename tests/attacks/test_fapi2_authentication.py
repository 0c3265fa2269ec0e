"""FAPI 2.0 attacker model, goal authentication: nobody signs in to the bank as the victim."""

import pytest
from werkzeug.test import TestResponse

from tests.attacks.personas import EVIL, Scene, ask, authorize, post, proof_for, refused
from tests.spec.tools import part
from tests.support.browser import ISSUER, Browser, answered, authorization
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def code_of_alice_for_mallory(scene: Scene) -> dict[str, str]:
    """Alice signs in to an application of Mallory's: a code of hers that Mallory holds."""
    own = scene.evil_client
    form = {**authorization(own, scope="openid"), **scene.mallorys_assertion(own.id)}
    pushed = post(scene.world, "par", form, scene.mallorys_proof("/oauth/par"))
    request = {"client_id": own.id, "request_uri": pushed.json["request_uri"]}
    return scene.answer(scene.alices, scene.alice, request, of=own)


@pytest.mark.every_database
@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1, authentication")
def test_a1_a_code_of_another_application_is_injected_into_the_bank(scene: Scene) -> None:
    stolen = code_of_alice_for_mallory(scene)
    scene.bank.start(scene.mallorys)
    state = scene.bank.begun[scene.mallorys].state
    scene.bank.callback(scene.mallorys, {**stolen, "state": state})
    assert scene.bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1a, authentication")
def test_a1a_a_malicious_server_says_that_the_attacker_is_the_victim(scene: Scene) -> None:
    bank, begun = scene.bank, scene.bank.begin(scene.mallorys)
    now = int(scene.world.clock.now().timestamp())
    claims = {"iss": ISSUER, "sub": scene.alice.id, "aud": bank.client.id, "nonce": begun.nonce}
    header = {"alg": "ES256", "kid": scene.evil_key.public["kid"], "typ": "JWT"}
    forged = scene.evil_key.sign(header, {**claims, "iat": now, "exp": now + 60})
    bank.accept(scene.mallorys, begun, {"id_token": forged})
    # A true ID token of the victim, but for the attacker's own application.
    own, said = scene.evil_client, code_of_alice_for_mallory(scene)
    form = {
        "grant_type": "authorization_code",
        "code": said["code"],
        "redirect_uri": own.redirect_uri,
        "code_verifier": "v" * 64,
        **scene.mallorys_assertion(own.id),
    }
    tokens = post(scene.world, "token", form, scene.mallorys_proof()).json
    assert part(tokens["id_token"], 1)["aud"] == own.id
    bank.accept(scene.mallorys, begun, tokens)
    bank.callback(scene.mallorys, {"code": said["code"], "state": begun.state, "iss": EVIL})
    assert bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A2, authentication")
def test_a2_what_a_network_attacker_can_have_of_cookies_is_nobodys_session(scene: Scene) -> None:
    scene.sign_in(scene.alices, scene.alice)
    jar = list(scene.alices.http._cookies.values())  # noqa: SLF001
    assert jar
    # No browser sends them in the clear, nor takes one of these names from there.
    assert all(cookie.secure and cookie.http_only for cookie in jar)
    assert all(cookie.key.startswith("__Host-") for cookie in jar)
    weaker = "; ".join(f"{c.key.removeprefix('__Host-')}={c.value}" for c in jar)
    answer = authorize(scene.world, scene.bank.start(scene.mallorys), weaker)
    assert answer.headers["Location"].startswith("/login/")
    # Only the names that it cannot have are somebody's.
    true = "; ".join(f"{c.key}={c.value}" for c in jar)
    assert "code=" in authorize(scene.world, scene.bank.start(scene.alices), true).location
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A3a, authentication")
def test_a3a_the_victims_request_is_finished_in_the_attackers_browser(scene: Scene) -> None:
    bank = scene.bank
    request = bank.start(scene.alices)
    page = scene.alices.get("/oauth/authorize", query_string=request)
    # The page that the victim is at, and the request itself, lead nowhere in another browser.
    elsewhere = scene.mallorys.follow(page)
    assert elsewhere.status_code >= 400
    again = scene.mallorys.get("/oauth/authorize", query_string=request)
    assert "code=" not in again.headers.get("Location", "")
    # The answer of the victim belongs to the victim's sign-in.
    said = _finished(scene.alices, scene, page)
    bank.start(scene.mallorys)
    bank.callback(scene.mallorys, said)
    assert bank.sessions == {}
    scene.ends_well()


def _finished(browser: Browser, scene: Scene, page: TestResponse) -> dict[str, str]:
    answer = browser.sign_in(page, scene.alice)
    for _ in range(4):
        location = answer.headers.get("Location", "")
        if not location.startswith(("/", ISSUER)):
            break
        answer = browser.follow(answer)
        if answer.status_code == 200:
            answer = browser.submit(answer, decision="allow")
    return answered(answer)


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A5, authentication")
def test_a5_the_victims_code_is_put_into_the_attackers_token_request(scene: Scene) -> None:
    bank = scene.bank
    victims = bank.begin(scene.alices)
    code = scene.answer(scene.alices, scene.alice, bank.push(victims))["code"]
    own = scene.answer(scene.mallorys, scene.mallory, bank.start(scene.mallorys))
    # The bank proves itself and its key; that the ID token is for another sign-in, its nonce says.
    bank.callback(
        scene.mallorys,
        own,
        tampered=lambda form: {**form, "code": code, "code_verifier": victims.verifier},
    )
    assert bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A7, authentication")
def test_a7_a_resource_request_is_no_way_to_sign_in(scene: Scene) -> None:
    bank, world = scene.bank, scene.world
    token = scene.sign_in(scene.alices, scene.alice)["access_token"]
    proof = proof_for(bank.holder, token)
    assert ask(world, token, proof=proof).status_code == 200
    bank.start(scene.mallorys)
    begun = bank.begun[scene.mallorys]
    bank.accept(scene.mallorys, begun, {"id_token": token})
    bank.callback(scene.mallorys, {"code": token, "state": begun.state, "iss": ISSUER})
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    answer = scene.mallorys.get("/oauth/authorize", query_string=bank.push(begun), headers=headers)
    assert "code=" not in answer.headers["Location"]
    assert refused(post(world, "par", {**bank.request(begun), "client_assertion": token}, proof))
    assert scene.mallorys not in bank.sessions
    scene.ends_well()

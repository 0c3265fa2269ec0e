"""FAPI 2.0 attacker model, goal session integrity: the victim acts in no session but their own."""

import pytest

from tests.attacks.personas import EVIL, Scene, ask, authorize, proof_for, refused
from tests.support.browser import ISSUER
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def answer_of_mallory(scene: Scene) -> dict[str, str]:
    """Mallory signs in to the bank and keeps the answer for somebody else's browser."""
    return scene.answer(scene.mallorys, scene.mallory, scene.bank.start(scene.mallorys))


@pytest.mark.every_database
@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1, session integrity")
def test_a1_the_victim_follows_a_link_with_the_attackers_answer(scene: Scene) -> None:
    bank, own = scene.bank, answer_of_mallory(scene)
    bank.callback(scene.alices, own)
    # The same while the victim is about to sign in, with and without the victim's state.
    bank.start(scene.alices)
    bank.callback(scene.alices, own)
    bank.start(scene.alices)
    bank.callback(scene.alices, {**own, "state": bank.begun[scene.alices].state})
    # A page of the attacker's sign-in, opened by the victim, is not the victim's.
    page = scene.mallorys.get("/oauth/authorize", query_string=bank.start(scene.mallorys))
    if page.headers["Location"].startswith("/"):
        assert scene.alices.follow(page).status_code >= 400
    assert scene.alices not in bank.sessions
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1a, session integrity")
def test_a1a_a_malicious_server_answers_with_the_attackers_code_of_ours(scene: Scene) -> None:
    bank, own = scene.bank, answer_of_mallory(scene)
    for issuer in (ISSUER, EVIL):
        begun = bank.begin(scene.alices, issuer=EVIL)
        bank.callback(scene.alices, {"code": own["code"], "state": begun.state, "iss": issuer})
    assert bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A2, session integrity")
def test_a2_a_network_attacker_plants_cookies_in_the_victims_browser(scene: Scene) -> None:
    bank = scene.bank
    answer_of_mallory(scene)
    request = bank.start(scene.alices)
    jar = list(scene.mallorys.http._cookies.values())  # noqa: SLF001
    planted = "; ".join(f"{c.key.removeprefix('__Host-')}={c.value}" for c in jar)
    first = authorize(scene.world, request, planted)
    assert first.headers["Location"].startswith("/login/")
    # Whoever manages to send a name twice is heard neither time.
    doubled = "; ".join(f"{c.key}={c.value}; {c.key}=other" for c in jar)
    twice = authorize(scene.world, bank.start(scene.alices), doubled)
    assert twice.status_code == 400
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A3a, session integrity")
def test_a3a_the_attacker_finishes_the_request_that_the_victim_opened(scene: Scene) -> None:
    bank = scene.bank
    request = bank.start(scene.alices)
    scene.alices.get("/oauth/authorize", query_string=request)
    # Read afterwards it is used up, so that no answer to it can be the attacker's.
    said = scene.mallorys.get("/oauth/authorize", query_string=request)
    assert "code=" not in said.headers.get("Location", "")
    begun = bank.begun[scene.alices]
    own = answer_of_mallory(scene)
    bank.callback(scene.alices, {**own, "state": begun.state})
    assert bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A5, session integrity")
def test_a5_the_attackers_code_is_put_into_the_victims_token_request(scene: Scene) -> None:
    bank = scene.bank
    own = answer_of_mallory(scene)
    verifier = bank.begun[scene.mallorys].verifier
    said = scene.answer(scene.alices, scene.alice, bank.start(scene.alices))
    bank.callback(
        scene.alices,
        said,
        tampered=lambda form: {**form, "code": own["code"], "code_verifier": verifier},
    )
    assert bank.sessions == {}
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A7, session integrity")
def test_a7_the_victims_proof_does_not_carry_the_attackers_token(scene: Scene) -> None:
    bank, world = scene.bank, scene.world
    victims = scene.sign_in(scene.alices, scene.alice)["access_token"]
    own = scene.sign_in(scene.mallorys, scene.mallory)["access_token"]
    proof = proof_for(bank.holder, victims)
    # Swapped on the way, the request is about nobody; as it was, about the victim.
    assert refused(ask(world, own, proof=proof))
    assert ask(world, victims, proof=proof).json["sub"] == scene.alice.id
    scene.ends_well()

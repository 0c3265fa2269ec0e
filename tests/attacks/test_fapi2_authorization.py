"""FAPI 2.0 attacker model, goal authorization: nobody gets at the victim's resources."""

import pytest

from tests.attacks.personas import EVIL, Scene, ask, post, proof_for, refused
from tests.support.browser import ISSUER, answered, authorization
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.every_database
@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1, authorization")
def test_a1_a_web_attacker_sends_the_victim_with_a_request_of_their_own(scene: Scene) -> None:
    bank, victim = scene.bank.client, scene.alices
    # A link with everything in it, towards the attacker and towards the bank.
    stray = victim.authorize(bank, redirect_uri=f"{EVIL}/cb")
    assert (stray.status_code, "Location" in stray.headers) == (400, False)
    assert "code" not in answered(victim.authorize(bank))
    # A pushed request in the bank's name, without its keys; and the attacker's own in the bank's.
    form = {**authorization(bank), **scene.mallorys_assertion(bank.id)}
    assert refused(post(scene.world, "par", form))
    own = scene.evil_client
    form = {**authorization(own, scope="openid"), **scene.mallorys_assertion(own.id)}
    pushed = post(scene.world, "par", form).json["request_uri"]
    crossed = {"client_id": bank.id, "request_uri": pushed}
    answer = victim.get("/oauth/authorize", query_string=crossed)
    assert "code=" not in answer.headers.get("Location", "")
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A1a, authorization")
def test_a1a_a_malicious_server_passes_on_what_the_bank_sends_it(scene: Scene) -> None:
    """Mix-up: the bank begins a sign-in with the attacker's server, which answers with our code."""
    bank = scene.bank
    begun = bank.begin(scene.alices, issuer=EVIL)
    pushed_to_evil, proof = bank.request(begun), bank.holder.proof("/par", htu=f"{EVIL}/par")
    assert refused(post(scene.world, "par", pushed_to_evil, proof))
    # A request that the bank had begun here is answered with our name in it, and goes no further.
    other = bank.begin(scene.mallorys)
    said = scene.answer(scene.alices, scene.alice, bank.push(other))
    assert said["iss"] == ISSUER
    bank.callback(scene.alices, {**said, "state": begun.state})
    # Even from a bank that looked at no name, the token request is worth nothing here.
    form = bank.token_request(begun, said["code"])
    htu = {"htu": f"{EVIL}/token"}
    assert refused(post(scene.world, "token", form, bank.holder.proof("/token", **htu)))
    assert refused(post(scene.world, "token", form, scene.mallorys_proof()))
    form |= scene.mallorys_assertion(bank.client.id)
    assert refused(post(scene.world, "token", form, scene.mallorys_proof()))
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A2, authorization")
def test_a2_a_network_attacker_holds_the_answer_back(scene: Scene) -> None:
    bank = scene.bank
    said = scene.answer(scene.alices, scene.alice, bank.start(scene.alices))
    scene.world.clock.move(seconds=61)
    bank.callback(scene.alices, said)
    assert bank.tokens == {}
    # Nothing of ours is ever sent in the clear, whatever a request says of its host.
    headers = {"Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Host": EVIL[8:]}
    metadata = scene.world.app.test_client().get(
        "/.well-known/openid-configuration", base_url="http://evil.example", headers=headers
    )
    urls = [
        v for k, v in metadata.json.items() if k.endswith(("_endpoint", "_uri")) or k == "issuer"
    ]
    assert all(url.startswith(ISSUER) for url in urls if isinstance(url, str))
    assert "max-age" in metadata.headers["Strict-Transport-Security"]
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A3a, authorization")
def test_a3a_who_reads_the_authorization_request_learns_a_used_name(scene: Scene) -> None:
    bank = scene.bank
    request = bank.start(scene.alices)
    assert set(request) == {"client_id", "request_uri"}
    code = scene.answer(scene.alices, scene.alice, request)["code"]
    again = scene.mallorys.get("/oauth/authorize", query_string=request)
    assert "code=" not in again.headers.get("Location", "")
    form = {
        "grant_type": "authorization_code",
        "code": request["request_uri"],
        "client_id": bank.client.id,
    }
    assert refused(post(scene.world, "token", form))
    own = {"code": code, **scene.mallorys_assertion(scene.evil_client.id)}
    assert refused(post(scene.world, "token", {**form, **own}, scene.mallorys_proof()))
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A5, authorization")
def test_a5_who_reads_and_changes_token_requests_gets_no_token_that_works(scene: Scene) -> None:
    bank, world = scene.bank, scene.world
    begun = bank.begin(scene.alices)
    said = scene.answer(scene.alices, scene.alice, bank.push(begun))
    form, proof = bank.token_request(begun, said["code"]), bank.holder.proof("/oauth/token")
    # Held back and sent on with another key: the code is bound to the bank's.
    assert refused(post(world, "token", form, scene.mallorys_proof()))
    assert refused(post(world, "token", form))
    # Sent on as it is: tokens that need the bank's key for every use.
    form |= bank.assertion()
    answer = post(world, "token", form, proof).json
    token = answer["access_token"]
    assert refused(ask(world, token, scheme="Bearer"))
    assert refused(ask(world, token))
    assert refused(ask(world, token, proof=proof))
    assert refused(ask(world, token, proof=proof_for(scene.evil_holder, token)))
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    used = {name: form[name] for name in ("client_assertion", "client_assertion_type")}
    assert refused(post(world, "token", {**refresh, **used}, proof))
    assert refused(post(world, "token", {**refresh, **bank.assertion()}, proof))
    scene.ends_well()


@pytest.mark.rfc("FAPI 2.0 Attacker Model section A7, authorization")
def test_a7_who_reads_resource_requests_cannot_repeat_them(scene: Scene) -> None:
    world, token = scene.world, scene.sign_in(scene.alices, scene.alice)["access_token"]
    proof = proof_for(scene.bank.holder, token)
    assert ask(world, token, proof=proof).json["sub"] == scene.alice.id
    assert refused(ask(world, token, proof=proof))
    assert refused(ask(world, token, scheme="Bearer", proof=proof))
    assert refused(ask(world, token, proof=proof_for(scene.evil_holder, token)))
    for grant, name in (("refresh_token", "refresh_token"), ("authorization_code", "code")):
        form = {"grant_type": grant, name: token, **scene.mallorys_assertion(scene.evil_client.id)}
        assert refused(post(world, "token", form, scene.mallorys_proof()))
    scene.ends_well()

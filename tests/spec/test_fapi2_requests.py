"""The profile `fapi2` at requests: FAPI 2.0 Security Profile 5.3.2."""

from datetime import timedelta

import pytest

from tests.attacks.personas import Scene, post, refused
from tests.spec.assertions import ASSERTION_TYPE, KeyPair, assertion
from tests.spec.tools import restarted
from tests.support.browser import ISSUER, answered, authorization
from tests.support.holder import Holder
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-3")
@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-7")
@pytest.mark.every_database
def test_a_request_that_was_not_pushed_is_refused_with_iss(scene: Scene) -> None:
    said = answered(scene.alices.authorize(scene.bank.client))
    assert (said["error"], said["iss"]) == ("invalid_request", ISSUER)


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-5")
@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-6")
def test_a_pushed_request_without_pkce_is_refused(scene: Scene) -> None:
    form = scene.bank.request(scene.bank.begin(scene.alices))
    for name in ("code_challenge", "redirect_uri"):
        less = {key: value for key, value in form.items() if key != name}
        assert refused(post(scene.world, "par", {**less, **scene.bank.assertion()}))


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-8")
def test_only_the_issuer_is_the_audience_of_an_assertion(scene: Scene) -> None:
    bank, world = scene.bank, scene.world
    begun = bank.begin(scene.alices)
    good = {**bank.request(begun)}
    for audience in (f"{ISSUER}/oauth/token", f"{ISSUER}/oauth/par", [ISSUER]):
        jwt = assertion(world, bank.key, bank.client.id, aud=audience)
        assert refused(post(world, "par", {**good, "client_assertion": jwt}))
    assert post(world, "par", good).status_code == 201


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.4.1")
@pytest.mark.parametrize("alg", ["RS256", "ES384"])
def test_algorithms_that_the_profile_does_not_name_are_refused(scene: Scene, alg: str) -> None:
    bank, world = scene.bank, scene.world
    request = bank.request(bank.begin(scene.alices))
    assert refused(post(world, "par", request, Holder(world, alg).proof("/oauth/par")))
    tenant, key = scene.tenant, KeyPair(alg)
    other = world.client(
        tenant,
        auth_method="private_key_jwt",
        jwks={"keys": [key.public]},
        options=world.services.caches.clients.get(bank.client.id).options,
    )
    form = authorization(other, client_assertion_type=ASSERTION_TYPE)
    signed = assertion(world, key, other.id)
    assert refused(post(world, "par", {**form, "client_assertion": signed}))


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-4")
def test_tokens_are_given_for_a_proof_alone_and_are_good_with_it_alone(scene: Scene) -> None:
    bank = scene.bank
    begun = bank.begin(scene.alices)
    said = scene.answer(scene.alices, scene.alice, bank.push(begun))
    form = bank.token_request(begun, said["code"])
    assert refused(post(scene.world, "token", form))
    answer = post(
        scene.world, "token", {**form, **bank.assertion()}, bank.holder.proof("/oauth/token")
    )
    assert answer.json["token_type"] == "DPoP"


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-11")
@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
def test_a_code_is_over_after_a_minute_whatever_the_installation_says(
    world: World, seconds: int, status: int
) -> None:
    with restarted(world, code_life=timedelta(minutes=5)) as patient:
        scene = Scene(patient)
        begun = scene.bank.begin(scene.alices)
        code = scene.answer(scene.alices, scene.alice, scene.bank.push(begun))["code"]
        patient.clock.move(seconds=seconds)
        form = scene.bank.token_request(begun, code)
        answer = post(patient, "token", form, scene.bank.holder.proof("/oauth/token"))
    assert answer.status_code == status

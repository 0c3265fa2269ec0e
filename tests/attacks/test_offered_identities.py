"""A proof of one upstream account that is used for another, elsewhere, or twice."""

from dataclasses import replace

import pytest

from authserver.federation.policy import Decision
from authserver.federation.values import Kind
from tests.support.proofs import House, answer, gmail, hop, make
from tests.support.world import World


@pytest.fixture
def house(world: World) -> House:
    return make(world)


@pytest.mark.attack("ATK-005")
def test_a_proof_of_one_upstream_account_links_no_other(house: House) -> None:
    person, google, email = house.world.user(house.tenant), house.connect(), gmail()
    first, second, there, here = answer(email=email), answer(email=email), hop(), hop()
    house.enter(google, first, at=there)
    house.enter(google, second, at=here)
    assert house.take(here, person)
    assert [row.subject for row in house.links(person)] == [second.identity.subject]
    assert house.enter(google, first).decision is Decision.ASK
    assert not house.take(here, person), "once"
    assert not house.take(there, person), "one of each connection"
    assert house.not_linked() == ["identity or connection is linked already"]
    assert [row.subject for row in house.links(person)] == [second.identity.subject]


@pytest.mark.attack("ATK-005")
def test_what_is_offered_last_is_what_is_linked_and_what_the_page_says(house: House) -> None:
    person, google, at = house.world.user(house.tenant), house.connect(), hop()
    house.enter(google, answer(label="first"), at=at)
    second = answer(label="second")
    house.enter(google, second, at=at)
    offers = house.world.services.upstream.offers
    with house.world.services.database.read() as view:
        waiting = offers.waiting(view, at, now=house.world.clock.now())
    assert waiting is not None
    assert waiting.label == "second"
    assert house.take(at, person)
    assert [row.subject for row in house.links(person)] == [second.identity.subject]


@pytest.mark.every_database
@pytest.mark.attack("ATK-006")
@pytest.mark.parametrize("label", ["", "\0\n", "victim", "x" * 5000])
def test_a_name_that_is_missing_or_strange_binds_nothing(house: House, label: str) -> None:
    person, github = house.world.user(house.tenant), house.connect(Kind.GITHUB)
    there, here = hop(), hop()
    first, second = answer("1", label=label), answer("2", label=label)
    house.enter(github, first, at=there)
    house.enter(github, second, at=here)
    assert house.take(here, person)
    (row,) = house.links(person)
    assert (row.subject, row.label) == ("2", "" if label < " " else label[:320])
    assert house.partial(house.enter(github, second)).user.id == person.id
    assert house.enter(github, first).decision is Decision.ASK


@pytest.mark.every_database
@pytest.mark.attack("ATK-006")
@pytest.mark.parametrize("subject", ["", "x" * 256, "1\0"])
def test_a_subject_that_cannot_be_kept_as_it_is_is_nobody(house: House, subject: str) -> None:
    said = answer()
    unfit = replace(said, identity=replace(said.identity, subject=subject))
    assert house.enter(house.connect(), unfit).decision is Decision.REFUSE
    assert house.reasons() == [("refuse", "unfit_subject")]


@pytest.mark.attack("ATK-012")
@pytest.mark.parametrize("other", ["browser", "page"])
def test_what_is_offered_is_bound_to_its_browser_and_page(house: House, other: str) -> None:
    person, google, at = house.world.user(house.tenant), house.connect(), hop()
    house.enter(google, answer(), at=at)
    elsewhere = (
        replace(at, browser="x" * 43) if other == "browser" else replace(at, pending_id="page:x:y")
    )
    assert not house.take(elsewhere, person)
    assert house.links(person) == []
    assert house.take(at, person)


@pytest.mark.attack("ATK-012")
def test_an_offer_is_over_after_ten_minutes_or_when_it_is_declined(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    late, declined = hop(), hop()
    offers = house.world.services.upstream.offers
    house.enter(google, answer(), at=declined)
    house.write(lambda tx: offers.decline(tx, declined))
    assert not house.take(declined, person)
    house.enter(google, answer(), at=late)
    house.world.clock.move(minutes=10)
    assert not house.take(late, person)
    with house.world.services.database.read() as view:
        assert offers.waiting(view, late, now=house.world.clock.now()) is None


@pytest.mark.attack("ATK-012")
def test_what_names_a_sign_in_is_good_in_its_browser_and_once(house: House) -> None:
    person, google, said = house.world.user(house.tenant), house.connect(), answer()
    house.link(person, google, said)
    outcome = house.enter(google, said)
    claimed, factors = outcome.claimed, house.world.services.factors
    assert claimed is not None
    stolen = replace(claimed, hop=replace(claimed.hop, browser="x" * 43))
    with house.world.services.database.read() as view:
        assert factors.find(view, stolen) is None
    assert house.arrive(outcome)
    with pytest.raises(AssertionError):
        house.arrive(outcome)

"""Whoever made an account with a victim's address waits for the victim to come by a provider.

The five ways of "Pre-hijacked accounts" (arXiv 2205.10174). The victim proves the address by a
mailed link in the end: from then on the account is theirs alone.
"""

import pytest

from authserver.federation.policy import Decision
from authserver.federation.values import Kind
from tests.attacks.mailed import NEW, opened, send_verification, use, user_row, want
from tests.attacks.people import Scene
from tests.support.browser import Browser
from tests.support.mails import links
from tests.support.proofs import House, answer, gmail
from tests.support.world import World


class Attack:
    """An account with the victim's address, which nobody has proved, and the victim at Google."""

    def __init__(self, world: World) -> None:
        self.scene = Scene(world)
        self.house = House(world, self.scene.tenant)
        self.house.set(links_by_email=True)
        self.scene.person = world.user(self.scene.tenant, email=gmail("victim"), verified=False)
        self.google = self.house.connect()
        self.victim = answer(email=self.scene.person.email)

    def comes(self) -> Decision:
        """Let the victim sign in with Google."""
        return self.house.enter(self.google, self.victim).decision

    def proves(self) -> None:
        """Let the victim follow a mailed link, and choose a password."""
        send_verification(self.scene)
        link = links(self.scene.world, self.scene.person.id, "verify_email")[-1]
        assert use(self.scene, link) == 303
        assert user_row(self.scene).email_verified

    def is_the_victims(self) -> bool:
        """Tell whether the victim's identity is the one that opens the account now."""
        outcome = self.house.enter(self.google, self.victim)
        found = self.house.links(self.scene.person)
        return outcome.decision is Decision.LINK and [one.subject for one in found] == [
            self.victim.identity.subject
        ]


@pytest.fixture
def attack(world: World) -> Attack:
    return Attack(world)


@pytest.mark.every_database
@pytest.mark.attack("ATK-003")
@pytest.mark.attack("ATK-004")
def test_an_account_with_the_attackers_password_is_not_merged(attack: Attack) -> None:
    assert attack.comes() is Decision.ASK
    assert attack.house.links() == []
    attack.proves()
    browser, scene = Browser(attack.scene.world), attack.scene
    assert browser.sign_in(browser.authorize(scene.client), scene.person).status_code == 401
    assert attack.is_the_victims()


@pytest.mark.attack("ATK-003")
def test_a_session_that_the_attacker_left_open_ends(attack: Attack) -> None:
    tokens = attack.scene.tokens()
    assert attack.comes() is Decision.ASK
    attack.proves()
    assert attack.scene.silent_code()["error"] == "login_required"
    assert attack.scene.party().refresh(tokens["refresh_token"]).status_code == 400
    assert attack.is_the_victims()


@pytest.mark.attack("ATK-003")
def test_an_identity_that_the_attacker_linked_opens_it_no_more(attack: Attack) -> None:
    house, attackers = attack.house, answer(email=gmail("attacker"))
    github = house.connect(Kind.GITHUB)
    house.link(attack.scene.person, attack.google, attackers)
    house.link(attack.scene.person, github, attackers)
    assert house.enter(github, attackers).decision is Decision.SIGN_IN
    assert attack.comes() is Decision.ASK
    attack.proves()
    for connection in (attack.google, github):
        assert house.enter(connection, attackers).decision is Decision.ASK
    assert attack.is_the_victims()


@pytest.mark.attack("ATK-003")
def test_a_sign_in_of_the_attacker_that_is_half_done_ends(attack: Attack) -> None:
    house, attackers = attack.house, answer(email=gmail("attacker"))
    house.link(attack.scene.person, attack.google, attackers)
    outcome = house.enter(attack.google, attackers)
    assert house.partial(outcome)
    attack.proves()
    with pytest.raises(AssertionError):
        house.partial(outcome)


@pytest.mark.attack("ATK-003")
def test_a_change_of_address_that_the_attacker_began_comes_to_nothing(attack: Attack) -> None:
    scene = attack.scene
    want(scene, gmail("attacker"))
    link = links(scene.world, scene.person.id, "confirm_new_address")[-1]
    assert attack.comes() is Decision.ASK
    attack.proves()
    browser = Browser(scene.world)
    page = opened(scene, link, browser)
    assert page.status_code != 200 or browser.submit(page, password=NEW).status_code != 303
    assert user_row(scene).email == scene.person.email
    assert attack.is_the_victims()


@pytest.mark.attack("ATK-003")
def test_an_account_made_by_a_provider_that_proves_nothing_is_taken_back(world: World) -> None:
    attack = Attack(world)
    house = attack.house
    careless = house.connect(Kind.OIDC, own=True, creates_people=True)
    victim = answer(email=gmail("victim"))
    attackers = answer("evil", email=victim.identity.email.as_typed, email_verified=False)
    outcome = house.enter(careless, attackers)
    assert outcome.decision is Decision.CREATE
    attack.scene.person.id = house.arrive(outcome).user.id
    attack.scene.person.email = victim.identity.email.as_typed
    assert not user_row(attack.scene).email_verified
    attack.victim = victim
    assert attack.comes() is Decision.ASK
    attack.proves()
    assert house.enter(careless, attackers).decision is Decision.ASK
    assert attack.is_the_victims()


@pytest.mark.attack("ATK-003")
def test_a_new_password_by_mail_takes_the_account_back_as_well(attack: Attack) -> None:
    house, attackers = attack.house, answer(email=gmail("attacker"))
    house.link(attack.scene.person, attack.google, attackers)
    browser = Browser(attack.scene.world)
    page = browser.get("/login/recover")
    email, organization = attack.scene.person.email, attack.scene.tenant.slug
    browser.submit(page, email=email, organization=organization)
    link = links(attack.scene.world, attack.scene.person.id, "new_password")[-1]
    assert use(attack.scene, link) == 303
    assert house.enter(attack.google, attackers).decision is Decision.ASK
    assert attack.is_the_victims()

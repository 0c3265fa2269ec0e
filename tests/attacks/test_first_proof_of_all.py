"""The first proof of an address takes everything away that whoever waited for it has, in any way.

A row of the account that is added by a later feature has to be placed here: either it goes, or it
is worth nothing to a stranger.
"""

import pytest

from authserver.core.database.tenancy import Base
from authserver.federation.policy import Decision
from authserver.links.policy import Purpose
from tests.attacks.factors import has_session
from tests.attacks.mailed import user_row
from tests.attacks.squatting import TRUST, Squatter
from tests.support.authenticator import halfway, set_up, where
from tests.support.browser import Browser, answered
from tests.support.factors import MFA, set_policy
from tests.support.passkeys import signs_in
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.every_database

FIRST_PROOFS = [Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL]
GOES = {
    "backup_code_sheets", "backup_codes", "factor_guesses", "failure_counters",
    "federated_identities", "known_devices", "partial_sign_ins", "passkey_owners", "passkeys",
    "provider_tokens", "totp_factors", "trusted_browsers",
}  # fmt: skip
STAYS = {
    "api_keys": "void: the account's epoch has moved",
    "authorization_codes": "void: the account's epoch has moved",
    "consent_records": "the proof of what was allowed: only added to",
    "consents": "open nothing without a session",
    "data_exports": "opened by the mail to the address and a fresh sign-in",
    "erasures": "said again by a mailed link and a fresh sign-in, or ordered by administrators",
    "invitations": "how the account came to be",
    "legal_holds": "set by administrators, not by whoever waited",
    "logout_notices": "tell clients that sessions are over",
    "mailed_links": "void: the account's epoch has moved",
    "outbox_messages": "mails on their way",
    "pictures": "what the account looks like opens nothing",
    "registrations": "how the account came to be",
    "role_assignments": "given by administrators, not by whoever waited",
    "sessions": "void: the account's epoch has moved",
    "token_families": "void: the account's epoch has moved",
}


@pytest.fixture
def squatter(world: World) -> Squatter:
    return Squatter(world)


def of_accounts() -> dict[str, type]:
    """Return every table whose rows are an account's."""
    return {
        mapper.local_table.name: mapper.class_
        for mapper in Base.registry.mappers
        if "user_id" in mapper.local_table.columns
    }


def test_every_row_of_an_account_is_placed() -> None:
    assert set(of_accounts()) == GOES | set(STAYS)


@pytest.mark.attack("ATK-003")
@pytest.mark.parametrize("purpose", FIRST_PROOFS)
def test_nothing_of_whoever_waited_is_left(squatter: Squatter, purpose: Purpose) -> None:
    link, models = squatter.offered(purpose), of_accounts()
    assert {name for name in GOES if not squatter.rows(models[name])} == set()
    squatter.proves(link)
    assert {name for name in GOES if squatter.rows(models[name])} == set()
    assert user_row(squatter.scene).email_verified
    proved = events(squatter.world, squatter.tenant.id, "user.email_verified")
    facts = {"authenticators": 1, "passkeys": 1, "identities": 1}
    assert [event.document["facts"] for event in proved] == [facts]


@pytest.mark.any_database
@pytest.mark.attack("ATK-003")
@pytest.mark.attack("ATK-084")
@pytest.mark.parametrize("purpose", FIRST_PROOFS)
def test_the_owner_is_asked_for_nothing_that_a_stranger_has(
    squatter: Squatter, purpose: Purpose
) -> None:
    squatter.proves(squatter.offered(purpose))
    owner = Browser(squatter.world)
    assert answered(owner.complete(squatter.client, squatter.person))["code"]
    assert has_session(owner)
    page = halfway(Browser(squatter.world), squatter.client, squatter.person, acr_values=MFA)
    assert page.request.path == "/login/mfa/setup", "the owner has no factor yet"


@pytest.mark.attack("ATK-003")
@pytest.mark.attack("ATK-084")
@pytest.mark.parametrize("purpose", FIRST_PROOFS)
def test_whoever_waited_signs_in_by_nothing(squatter: Squatter, purpose: Purpose) -> None:
    world, link = squatter.world, squatter.offered(purpose)
    assert signs_in(world, squatter.client, squatter.key), "the passkey is a way in until then"
    house = squatter.house
    assert house.enter(squatter.google, squatter.said).decision is Decision.SIGN_IN, "so is this"
    squatter.proves(link)
    assert not signs_in(world, squatter.client, squatter.key)
    assert house.enter(squatter.google, squatter.said).decision is Decision.ASK
    for browser in (squatter.browser, squatter.trusted):
        refused = answered(browser.authorize(squatter.client, prompt="none"))
        assert refused["error"] == "login_required"
    went_on = squatter.half.submit(squatter.half_page, code=squatter.app.code())
    assert where(went_on) != "client"
    assert not has_session(squatter.half)


@pytest.mark.attack("ATK-003")
@pytest.mark.parametrize("purpose", FIRST_PROOFS)
def test_old_codes_and_trust_stand_for_no_factor_that_the_owner_sets_up(
    squatter: Squatter, purpose: Purpose
) -> None:
    """The stranger may even know the new password: what was had before is worth nothing."""
    squatter.proves(squatter.offered(purpose))
    owner = Browser(squatter.world)
    page = halfway(owner, squatter.client, squatter.person, acr_values=MFA)
    set_up(owner, page)
    thief = squatter.trusted
    assert thief.http.get_cookie(TRUST, "auth.example"), "the cookie is still there"
    page = halfway(thief, squatter.client, squatter.person)
    assert page.request.path == "/login/mfa"
    for old in squatter.codes[:2]:
        assert thief.submit(page, code=old, method="backup_code").status_code == 401
    assert thief.submit(page, code=squatter.app.code()).status_code == 401
    refused = answered(thief.authorize(squatter.client, prompt="none"))
    assert refused["error"] == "login_required"


@pytest.mark.any_database
@pytest.mark.attack("ATK-003")
@pytest.mark.parametrize("purpose", FIRST_PROOFS)
def test_where_a_factor_is_required_the_owner_sets_up_a_new_one(
    squatter: Squatter, purpose: Purpose
) -> None:
    link = squatter.offered(purpose)
    squatter.proves(link)
    set_policy(squatter.world, squatter.tenant, trusted_device_days=0)
    set_policy(squatter.world, squatter.tenant, mfa_required=True)
    owner = Browser(squatter.world)
    page = halfway(owner, squatter.client, squatter.person)
    assert page.request.path == "/login/mfa/setup"
    set_up(owner, page)
    assert has_session(owner)


def test_a_later_proof_keeps_the_owners_factors(squatter: Squatter) -> None:
    """A mailbox alone is not worth a second factor: only the first proof takes them away."""
    squatter.proves(squatter.offered(Purpose.VERIFY_EMAIL))
    world, owner = squatter.world, Browser(squatter.world)
    page = halfway(owner, squatter.client, squatter.person, acr_values=MFA)
    set_up(owner, page)
    for purpose in (Purpose.CHANGE_EMAIL, Purpose.RESET_PASSWORD):
        squatter.browser = owner
        squatter.proves(squatter.offered(purpose))
        page = halfway(Browser(world), squatter.client, squatter.person)
        assert page.request.path == "/login/mfa", purpose

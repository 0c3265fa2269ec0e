"""Between a look at a refresh token and its rotation anything may happen: the rotation decides."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from authserver.core.ids import new_secret
from authserver.tokens import refresh
from authserver.tokens.authorization import TokenSet
from authserver.tokens.models import RefreshToken
from authserver.tokens.refresh import Presented, Successor
from tests.spec.tools import Stage, change_password, disable_person, set_client, suspend

pytestmark = pytest.mark.every_database

ONLINE = "openid orders:read"
OFFLINE = "openid offline_access orders:read"


def look(on: Stage, token: str) -> Presented:
    with on.world.services.database.read() as view:
        found = refresh.find(view, token, on.world.clock.now())
    assert found is not None
    assert found.family is not None
    return found


def rotate(on: Stage, found: Presented, token: str) -> bool:
    """Rotate on the ground of an earlier look."""
    assert found.family is not None
    tokens = TokenSet(b"the answer", "jti", f"rt_{new_secret()}")
    successor = Successor(tokens, None, found.family.sign_in.expires_at)
    now = on.world.clock.now()
    return on.world.services.database.write(
        lambda tx: refresh.rotate(tx, found, token, successor=successor, now=now)
    )


def generations(on: Stage, found: Presented) -> list[int]:
    query = select(RefreshToken.generation).where(RefreshToken.family_id == found.family_id)
    with on.world.services.database.read() as view:
        return sorted(view.connection.execute(query).scalars())


ENDINGS: dict[str, Callable[[Stage, str], object]] = {
    "password changed": lambda on, _: change_password(on.world, on.person),
    "person disabled": lambda on, _: disable_person(on.world, on.person),
    "tenant suspended": lambda on, _: suspend(on.world, on.tenant),
    "client disabled": lambda on, _: set_client(on.world, on.client, enabled=False),
    "family revoked": lambda on, token: on.party.revoke(token),
}


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ended_after_the_look_has_no_successor(on: Stage, ending: str) -> None:
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    found = look(on, token)
    ENDINGS[ending](on, token)
    assert rotate(on, found, token) is False
    assert generations(on, found) == [0]


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize(("scope", "rotated"), [(ONLINE, False), (OFFLINE, True)])
def test_a_session_that_ended_after_the_look_counts_unless_access_is_offline(
    on: Stage, scope: str, *, rotated: bool
) -> None:
    browser = on.browser()
    code = browser.code(on.client, on.person, scope=scope)
    token = on.party.redeem(code).json["refresh_token"]
    found = look(on, token)
    assert browser.submit(browser.get("/login/logout")).status_code == 303
    assert rotate(on, found, token) is rotated


@pytest.mark.bcp("R-20")
def test_two_who_looked_at_the_same_moment_make_one_successor(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    looks = look(on, token), look(on, token)
    assert [rotate(on, found, token) for found in looks] == [True, False]
    assert generations(on, looks[0]) == [0, 1]
    again = look(on, token)
    assert refresh.stored_answer(again, token, None) == b"the answer"


@pytest.mark.bcp("R-20")
def test_a_successor_belongs_to_the_tenant_of_its_family(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    found = look(on, token)
    assert rotate(on, found._replace(tenant_id="ten_other"), token)
    assert not rotate(on, found._replace(family_id="fam_other"), token)
    query = select(func.count()).where(RefreshToken.tenant_id == on.tenant.id)
    with on.world.services.database.read() as view:
        assert view.connection.execute(query).scalar_one() == 2

"""A sign-in by trust is one with a password: who wants more, or anew, is asked for the code."""

import pytest

from tests.flows.test_trusted_browsers import DAYS, asks, trusted
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.browser import answered, hidden
from tests.support.factors import MFA, Keeper, set_policy
from tests.support.world import World


@pytest.fixture
def keeper(world: World) -> Keeper:
    tenant = world.tenant()
    set_policy(world, tenant, trusted_device_days=DAYS)
    one = Keeper(world, tenant)
    one.add()
    return one


@pytest.mark.attack("ATK-081")
@pytest.mark.parametrize(
    "more",
    [{"acr_values": MFA}, {"prompt": "login"}, {"max_age": "600"}, {"max_age": "0"}],
    ids=str,
)
def test_trust_does_not_satisfy_a_client_that_wants_a_fresh_or_stronger_proof(
    world: World, keeper: Keeper, more: dict[str, str]
) -> None:
    client, browser = world.client(keeper.tenant), trusted(keeper)
    asked = browser.authorize(client, **more)
    form = browser.follow(browser.follow(browser.sign_in(asked, keeper.user)))
    assert form.request.path == "/login/mfa"
    assert answered(browser.authorize(client, prompt="none"))["error"] == "login_required"


@pytest.mark.every_database
@pytest.mark.attack("ATK-081")
def test_a_session_by_trust_is_none_for_who_wants_both_factors(
    world: World, keeper: Keeper
) -> None:
    client, browser = world.client(keeper.tenant), trusted(keeper)
    browser.code(client, keeper.user)
    refused = browser.authorize(client, prompt="none", acr_values=MFA)
    assert answered(refused)["error"] == "login_required"


@pytest.mark.attack("ATK-081")
@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("add_factor", {"code": "000000"}),
        ("rename_factor", {"name": "x"}),
        ("remove_factor", {}),
        ("backup_codes", {"renew": "yes"}),
        ("password", {"present": "Correct-Horse-7", "new": "Another-Horse-8"}),
        ("sessions", {"about": "others"}),
        ("security", {"about": "all"}),
    ],
)
def test_a_fresh_sign_in_by_trust_changes_nothing_that_is_sensitive(
    keeper: Keeper, page: str, typed: dict[str, str]
) -> None:
    """Seconds old, and yet it has not shown what the person has: the code is asked for."""
    browser, about = trusted(keeper), {"about": keeper.ids()[0]}
    assert not asks(keeper, browser)
    form = {**hidden(browser.get("/account/profile")), **about, **typed}
    answer = browser.post(url(page), data=form)
    assert where(answer) == "/login/password"
    again = browser.follow(browser.sign_in(answer, keeper.user))
    assert again.request.path == "/login/mfa", "nor does trust stand in where one is asked again"
    assert browser.submit(again, code=keeper.app.wrong()).status_code == 401
    form |= hidden(browser.get("/account/profile"))
    assert where(browser.post(url(page), data=form)) == "/login/password"
    assert len(keeper.ids()) == 1


@pytest.mark.attack("ATK-081")
def test_a_made_up_session_id_does_not_make_asking_again_laxer(keeper: Keeper) -> None:
    """`account` names nobody here: the sign-in is an ordinary one, and counts as one."""
    browser = trusted(keeper)
    page = browser.get("/login/password", query_string={"to": "add_factor", "account": "ses_x"})
    entered = browser.sign_in(page, keeper.user)
    assert where(entered) == url("add_factor")
    assert where(browser.follow(entered)) == "/login/password"

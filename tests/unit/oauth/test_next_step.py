"""What comes next, from every state that a sign-in can be in."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from authserver.oauth.authorize.next_step import Consented, Halfway, Progress, Step, next_step
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.oauth.errors import OAuthError
from authserver.oauth.levels import ACR, wanted_level

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MFA, PASSWORD = ACR[2], ACR[1]


def request(*prompt: str, acr_values: tuple[str, ...] = (), **more: object) -> AuthorizationRequest:
    nothing = dict.fromkeys(
        ("state", "nonce", "code_challenge", "max_age", "login_hint", "organization")
    )
    return AuthorizationRequest(
        redirect_uri="https://rp.example",
        response_mode="query",
        scope=(),
        resources=(),
        prompt=frozenset(prompt),
        ui_locales=(),
        acr_values=acr_values,
        **{**nothing, **more},
    )


def halfway(**reached: bool) -> Halfway:
    names = ("has_factor", "factor_due", "proven", "codes", "change_due")
    return Halfway(**{name: reached.get(name, False) for name in names})


def progress(level: int = 0, halfway: Halfway | None = None, **more: object) -> Progress:
    values = {
        "auth_time": NOW - timedelta(minutes=5) if level else None,
        "began_at": None,
        "consented": Consented(),
        "consent_needed": False,
        "now": NOW,
    }
    return Progress(level=level, halfway=halfway, **{**values, **more})


@pytest.mark.parametrize(
    ("reached", "step"),
    [
        (halfway(has_factor=True, factor_due=True), Step.SECOND_FACTOR),
        (halfway(factor_due=True), Step.SET_UP_FACTOR),
        (
            halfway(has_factor=True, factor_due=True, proven=True, codes=True),
            Step.KEEP_BACKUP_CODES,
        ),
        (halfway(change_due=True), Step.CHANGE_PASSWORD),
        (halfway(has_factor=True, factor_due=True, change_due=True), Step.SECOND_FACTOR),
        (halfway(factor_due=True, change_due=True), Step.SET_UP_FACTOR),
        (
            halfway(has_factor=True, factor_due=True, proven=True, codes=True, change_due=True),
            Step.KEEP_BACKUP_CODES,
        ),
        (
            halfway(has_factor=True, factor_due=True, proven=True, change_due=True),
            Step.CHANGE_PASSWORD,
        ),
        (halfway(), Step.SIGN_IN),
    ],
)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_right_password_leads_to_the_second_factor(
    reached: Halfway, step: Step, level: int
) -> None:
    assert next_step(request(), progress(level, reached)) is step


@pytest.mark.parametrize(
    ("acr_values", "level"),
    [
        ((), 1),
        ((MFA,), 2),
        ((PASSWORD, MFA), 1),
        ((MFA, PASSWORD), 2),
        (("urn:x", MFA), 2),
        (("urn:x",), 1),
    ],
)
def test_the_first_known_level_is_asked_for(acr_values: tuple[str, ...], level: int) -> None:
    assert wanted_level(acr_values) == level


def test_a_code_comes_only_at_the_level_that_is_asked_for() -> None:
    for level, wish in product((0, 1, 2), ((), (PASSWORD,), (MFA,))):
        step = next_step(request(acr_values=wish), progress(level))
        enough = level >= max(1, wanted_level(wish))
        assert step is (Step.ISSUE_CODE if enough else Step.SIGN_IN)


def test_a_sign_in_of_this_flow_with_a_password_alone_does_not_satisfy_the_wish() -> None:
    fresh = progress(1, auth_time=NOW, began_at=NOW - timedelta(seconds=9))
    assert next_step(request(acr_values=(MFA,)), fresh) is Step.SIGN_IN


def test_nobody_is_asked_where_nothing_may_be_asked() -> None:
    with pytest.raises(OAuthError) as refused:
        next_step(request("none", acr_values=(MFA,)), progress(1))
    assert refused.value.code == "login_required"


def test_a_request_stored_before_there_were_levels_is_read() -> None:
    stored = request().to_json()
    del stored["acr_values"]
    assert AuthorizationRequest.from_json(stored).acr_values == ()


@pytest.mark.parametrize(
    ("prompt", "signed_in_here", "step"),
    [
        ((), False, Step.CHOOSE_ACCOUNT),
        (("login",), False, Step.SIGN_IN),
        (("login",), True, Step.CHOOSE_ACCOUNT),
        (("select_account",), False, Step.CHOOSE_ACCOUNT),
        (("login", "select_account"), False, Step.CHOOSE_ACCOUNT),
        (("consent",), False, Step.CHOOSE_ACCOUNT),
    ],
)
def test_who_has_several_accounts_chooses_or_signs_in(
    prompt: tuple[str, ...], *, signed_in_here: bool, step: Step
) -> None:
    waiting = progress(must_choose=True, signed_in_here=signed_in_here)
    assert next_step(request(*prompt), waiting) is step


def test_without_a_page_an_account_has_to_be_selected_before() -> None:
    with pytest.raises(OAuthError) as refused:
        next_step(request("none"), progress(must_choose=True))
    assert refused.value.error == "account_selection_required"


@pytest.mark.parametrize("level", [1, 2])
def test_what_the_tenant_of_a_guest_demands_is_asked_for_at_home(level: int) -> None:
    step = next_step(request(), progress(level, demanded=2))
    assert step is (Step.ISSUE_CODE if level == 2 else Step.SIGN_IN)

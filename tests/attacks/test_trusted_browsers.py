"""Getting round the second factor by trust: a token that was stolen, planted or outlived."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authserver.audit.events import EventType
from authserver.mfa.models import TrustedBrowser
from tests.attacks.test_guests_meanwhile import during_the_hash
from tests.flows.test_trusted_browsers import COOKIE, DAYS, asks, at_the_code, sign_out, trusted
from tests.support.authenticator import where
from tests.support.browser import Browser
from tests.support.factors import Keeper, set_policy
from tests.support.mails import links, path_of
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def keeper(world: World) -> Keeper:
    tenant = world.tenant()
    set_policy(world, tenant, trusted_device_days=DAYS)
    one = Keeper(world, tenant)
    one.add()
    return one


def token_of(browser: Browser) -> str:
    cookie = browser.http.get_cookie(COOKIE, "auth.example")
    assert cookie is not None
    return cookie.value


def with_token(world: World, token: str) -> Browser:
    browser = Browser(world)
    browser.http.set_cookie(COOKIE, token, domain="auth.example", secure=True)
    return browser


def change_password(keeper: Keeper) -> None:
    keeper.post("password", present=keeper.user.password, new="Another-Horse-8")
    keeper.user.password = "Another-Horse-8"


def reset_password(keeper: Keeper) -> None:
    services, user = keeper.world.services, keeper.user
    made = services.hasher.hash(user.password)
    services.database.write(
        lambda tx: services.accounts.set_password(
            tx,
            user.tenant.id,
            user_id=user.id,
            password_hash=made,
            actor=keeper.world.operator,
        )
    )


def add_an_app(keeper: Keeper) -> None:
    keeper.add("another")


def remove_an_app(keeper: Keeper) -> None:
    keeper.add("another")
    keeper.browser.submit(keeper.get("remove_factor", about=keeper.ids()[0]))


def renewed_epoch(keeper: Keeper) -> None:
    services, user = keeper.world.services, keeper.user
    for enabled in (False, True):
        services.database.write(
            lambda tx, enabled=enabled: services.accounts.set_enabled(
                tx,
                user.tenant.id,
                user_id=user.id,
                enabled=enabled,
                actor=keeper.world.operator,
            )
        )


def suspended_tenant(keeper: Keeper) -> None:
    services, by = keeper.world.services, keeper.world.operator
    services.database.write(lambda tx: services.tenants.suspend(tx, keeper.tenant.slug, by))
    services.database.write(lambda tx: services.tenants.resume(tx, keeper.tenant.slug, by))
    services.watch.changed()


def switched_off_and_on(keeper: Keeper) -> None:
    for days in (0, DAYS):
        keeper.world.clock.move(seconds=1)
        set_policy(keeper.world, keeper.tenant, trusted_device_days=days)


def change_address(keeper: Keeper) -> None:
    keeper.user.email = f"new-{keeper.tenant.slug}@example.com"
    keeper.post("email", email=keeper.user.email)
    link = links(keeper.world, keeper.user.id, "confirm_new_address")[-1]
    page = keeper.browser.follow(keeper.browser.get(path_of(link)))
    assert keeper.browser.submit(page).status_code == 303


ENDINGS: list[Callable[[Keeper], None]] = [
    change_password,
    reset_password,
    change_address,
    add_an_app,
    remove_an_app,
    renewed_epoch,
    suspended_tenant,
    switched_off_and_on,
]


@pytest.mark.attack("TOP-07")
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_trust_does_not_outlive_what_it_stood_on(
    keeper: Keeper, ending: Callable[[Keeper], None]
) -> None:
    browser = trusted(keeper)
    ending(keeper)
    assert asks(keeper, browser)
    assert not events(keeper.world, keeper.tenant.id, EventType.TRUST_USED)


@pytest.mark.every_database
@pytest.mark.attack("TOP-07")
def test_after_a_reset_of_the_factors_an_old_trust_stands_for_no_new_one(
    world: World, keeper: Keeper
) -> None:
    browser, services = trusted(keeper), world.services
    services.database.write(
        lambda tx: services.factors.reset(
            tx,
            keeper.tenant.id,
            keeper.user.id,
            by=replace(world.operator, principal="ten_1"),
            reason="lost phone",
        )
    )
    keeper.sign_in(keeper.browser)
    keeper.add()
    assert asks(keeper, browser)


@pytest.mark.attack("ATK-077")
def test_a_copied_token_without_the_password_is_nothing(world: World, keeper: Keeper) -> None:
    thief = with_token(world, token_of(trusted(keeper)))
    assert where(thief.get("/account")) == "/login/password"
    refused = thief.sign_in(thief.get("/account"), keeper.user, password="Wrong-Horse-7")
    assert refused.status_code == 401


@pytest.mark.attack("ATK-077")
def test_a_copied_token_ends_with_the_owners_next_sign_in(world: World, keeper: Keeper) -> None:
    browser = trusted(keeper)
    thief = with_token(world, token_of(browser))
    assert not asks(keeper, browser)
    assert asks(keeper, thief)


@pytest.mark.attack("ATK-064")
def test_a_planted_token_is_not_the_one_that_is_trusted(world: World, keeper: Keeper) -> None:
    planted = "p" * 43
    browser = with_token(world, planted)
    keeper.sign_in(browser, trust="yes")
    assert token_of(browser) != planted
    assert asks(keeper, with_token(world, planted))


@pytest.mark.attack("ATK-111")
@pytest.mark.parametrize("same_tenant", [True, False])
def test_the_trust_of_one_person_opens_nothing_of_another(
    world: World, keeper: Keeper, *, same_tenant: bool
) -> None:
    tenant = keeper.tenant if same_tenant else world.tenant()
    if not same_tenant:
        set_policy(world, tenant, trusted_device_days=DAYS)
    victim = Keeper(world, tenant)
    victim.add()
    browser = trusted(keeper)
    assert asks(victim, browser)
    assert not events(world, tenant.id, EventType.TRUST_USED)


@pytest.mark.attack("ATK-111")
def test_the_trust_of_another_person_is_not_there_to_end(world: World, keeper: Keeper) -> None:
    mine = Keeper(world, keeper.tenant)
    browser = trusted(keeper)
    with world.services.database.read() as view:
        about = view.tenant(keeper.tenant.id).query(TrustedBrowser).one().id
    assert mine.get("end_trust", about=about).status_code == 404
    assert mine.post("end_trust", about=about).status_code == 404
    assert not asks(keeper, browser)


@pytest.mark.attack("ATK-077")
def test_trust_that_was_not_offered_is_not_given(world: World) -> None:
    keeper = Keeper(world)
    keeper.add()
    browser = Browser(world)
    keeper.sign_in(browser, trust="yes")
    assert browser.http.get_cookie(COOKIE, "auth.example") is None
    set_policy(world, keeper.tenant, trusted_device_days=DAYS)
    sign_out(browser)
    assert asks(keeper, browser)


@pytest.mark.attack("ATK-077")
@pytest.mark.parametrize("method", ["totp", "backup_code"])
def test_a_wrong_code_or_a_backup_code_gives_no_trust(
    world: World, keeper: Keeper, method: str
) -> None:
    browser = Browser(world)
    form = at_the_code(keeper, browser)
    code = keeper.app.wrong() if method == "totp" else keeper.codes[0]
    browser.submit(form, code=code, method=method, trust="yes")
    assert browser.http.get_cookie(COOKIE, "auth.example") is None
    assert not events(world, keeper.tenant.id, EventType.TRUST_GIVEN)


def test_the_token_is_stored_as_a_hash(world: World, keeper: Keeper) -> None:
    token = token_of(trusted(keeper))
    with world.services.database.read() as view:
        row = view.tenant(keeper.tenant.id).query(TrustedBrowser).one()
        assert token.encode() not in row.token_hash
        assert len(row.token_hash) == 32


def test_the_cookie_is_as_safe_as_that_of_a_session(world: World, keeper: Keeper) -> None:
    browser = Browser(world)
    form = at_the_code(keeper, browser)
    answer = browser.submit(form, code=keeper.app.code(), trust="yes")
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(COOKIE)]
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert attribute in cookie


@pytest.mark.attack("ATK-078")
def test_trust_that_ends_while_somebody_signs_in_does_not_count(
    world: World, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the password, for which it was looked at, and the session."""
    browser, trust = trusted(keeper), world.services.factors.trust
    looked, holds = [], trust.holds

    def end_after_the_look(tx, user, token):  # noqa: ANN001, ANN202
        found = holds(tx, user, token)
        looked.append(found)
        tx.tenant(user.tenant_id).query(TrustedBrowser).delete()
        return found

    monkeypatch.setattr(trust, "holds", end_after_the_look)
    answer = browser.sign_in(browser.get("/account"), keeper.user)
    assert looked == [True]
    assert answer.status_code == 403
    assert not keeper.is_in(browser)


def test_a_sign_in_that_is_refused_at_the_end_leaves_the_browser_trusted(
    world: World, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = world.tenant(own_issuer=True)
    guest, browser = world.guest(keeper.user, tenant), trusted(keeper)
    page = browser.get(f"/t/{tenant.slug}/login/password?to=overview")
    during_the_hash(monkeypatch, lambda: world.disable(guest))
    assert browser.sign_in(page, guest).status_code == 403
    assert not asks(keeper, browser)

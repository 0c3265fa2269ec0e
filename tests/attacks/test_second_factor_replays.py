"""Codes that were used, codes of others, and what is stored of them."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from authserver.core.crypto import DecryptionError, Place
from authserver.mfa.models import BackupCode, PartialSignIn, TotpFactor
from authserver.mfa.own.values import Present
from authserver.schema import metadata
from tests.attacks.factors import MFA, SESSION, has_session, mails
from tests.support.authenticator import App, Owner, halfway, secret_on
from tests.support.browser import ISSUER, Browser, hidden
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import ClientFixture, World

AT_ONCE = 50
A_FEW_AT_ONCE = 20


@pytest.mark.attack("ATK-086")
def test_a_used_step_counts_nowhere_again(
    world: World, owner: Owner, another: Callable[[], World]
) -> None:
    code = owner.app.code()
    first = Browser(world)
    assert first.submit(owner.at_the_code(first), code=code).status_code == 303
    for place in (world, another()):
        browser = Browser(place)
        page = halfway(browser, owner.client, owner.user)
        assert browser.submit(page, code=code).status_code == 401
        assert not has_session(browser)


@pytest.mark.attack("ATK-086")
def test_a_code_of_an_older_step_does_not_count_after_a_newer_one(
    world: World, owner: Owner
) -> None:
    older, newer = owner.app.code(), owner.app.code(steps=1)
    first, second = Browser(world), Browser(world)
    assert first.submit(owner.at_the_code(first), code=newer).status_code == 303
    assert second.submit(owner.at_the_code(second), code=older).status_code == 401


@pytest.mark.attack("ATK-086")
@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_off_by_one_step_and_no_more(
    world: World, owner: Owner, steps: int, status: int
) -> None:
    world.clock.move(minutes=5)
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code(steps=steps)).status_code == status


@pytest.mark.attack("ATK-086")
def test_the_first_code_of_the_set_up_is_used_up(world: World, client: ClientFixture) -> None:
    owner = Owner(world, client)
    world.clock.move(seconds=-30)
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.app.code()).status_code == 401


@pytest.mark.every_database
@pytest.mark.attack("ATK-086")
@pytest.mark.parametrize("apart", [True, False], ids=["other-sign-ins", "same-sign-in"])
def test_one_code_twenty_times_at_once_signs_in_once(
    world: World, owner: Owner, *, apart: bool
) -> None:
    browsers = [Browser(world) for _ in range(A_FEW_AT_ONCE if apart else 1)]
    pages = [owner.at_the_code(browser) for browser in browsers]
    code = owner.app.code()

    def use(number: int) -> bool:
        one = number if apart else 0
        sender = Browser(world)
        sender.http._cookies = dict(browsers[one].http._cookies or {})  # noqa: SLF001  as one browser
        answer = sender.submit(pages[one], code=code)
        return SESSION in str(answer.headers)

    assert sum(together(A_FEW_AT_ONCE, use)) == 1
    assert len(events(world, owner.user.tenant.id, "session.started")) == 2, "the set-up's and this"


@pytest.mark.every_database
@pytest.mark.attack("ATK-087")
def test_one_backup_code_fifty_times_at_once_signs_in_once(world: World, owner: Owner) -> None:
    browsers = [Browser(world) for _ in range(AT_ONCE)]
    pages = [owner.at_the_code(browser) for browser in browsers]

    def use(number: int) -> bool:
        browsers[number].submit(pages[number], code=owner.codes[3], method="backup_code")
        return has_session(browsers[number])

    assert sum(together(AT_ONCE, use)) == 1
    assert mails(world, owner.user, "backup_code_used") == 1
    assert len(events(world, owner.user.tenant.id, "backup_code.used")) == 1


@pytest.mark.attack("ATK-087")
def test_new_backup_codes_void_every_old_one(world: World, owner: Owner) -> None:
    services = world.services

    def renew(tx: object) -> tuple[str, ...]:
        who = Present(owner.snapshot(tx), "ses_1", "a secret of the browser", owner.actor())
        services.own_factors.renew_codes(tx, who)
        return services.own_factors.new_codes(tx, who)

    fresh = services.database.write(renew)
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=owner.codes[0], method="backup_code").status_code == 401
    assert browser.submit(page, code=fresh[0], method="backup_code").status_code == 303


@pytest.mark.attack("ATK-087")
def test_codes_that_were_shown_and_not_kept_do_not_count(
    world: World, client: ClientFixture
) -> None:
    person, browser = world.user(client.tenant), Browser(world)
    page = halfway(browser, client, person, acr_values=MFA)
    shown = browser.follow(
        browser.follow(browser.submit(page, code=App(world, secret_on(page)).code()))
    )
    code = shown.text.partition("<code>")[2].partition("</code>")[0]
    other = Browser(world)
    page = halfway(other, client, person)
    assert other.submit(page, code=code, method="backup_code").status_code == 401


@pytest.mark.attack("ATK-075")
@pytest.mark.parametrize("method", ["totp", "backup_code"])
def test_a_code_of_another_account_is_a_wrong_one(
    world: World, owner: Owner, client: ClientFixture, method: str
) -> None:
    other = Owner(world, client)
    code = other.app.code() if method == "totp" else other.codes[0]
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.submit(page, code=code, method=method).status_code == 401
    assert not has_session(browser)


@pytest.mark.attack("ATK-079")
def test_nothing_in_the_form_names_the_account_the_secret_or_the_state(
    world: World, owner: Owner, client: ClientFixture
) -> None:
    other = Owner(world, client)
    browser = Browser(world)
    page = owner.at_the_code(browser)
    claims = {
        "user_id": other.user.id, "email": other.user.email, "secret": other.app.secret,
        "seed": other.app.secret, "factor_id": "fct_x", "partial": "par_x", "level": "2",
        "proven_at": "1", "kept": "yes", "amr": "mfa", "step": "9",
    }  # fmt: skip
    assert set(hidden(page)) == {"csrf_token", "flow"}
    assert browser.submit(page, code=other.app.code(), **claims).status_code == 401
    assert not has_session(browser)


def test_the_database_holds_neither_seeds_nor_codes(world: World, owner: Owner) -> None:
    seed = owner.app.seed()
    spellings = [owner.app.secret.encode(), seed, *(code.encode() for code in owner.codes)]
    spellings += [code.replace("-", "").encode() for code in owner.codes]
    with world.services.database.read() as view:
        for table in metadata.sorted_tables:
            for row in view.connection.execute(select(table)):
                stored = b"|".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
                assert not [one for one in spellings if one in stored], table.name


def test_a_seed_copied_to_another_row_does_not_decrypt(
    world: World, owner: Owner, client: ClientFixture
) -> None:
    other = Owner(world, client)
    with world.services.database.read() as view:
        rows = {row.user_id: row for row in view.platform().scalars(select(TotpFactor))}
        sealed, foreign = rows[owner.user.id].seed, rows[other.user.id].id
    with pytest.raises(DecryptionError):
        world.services.keyring.decrypt(sealed, Place("totp_factors", "seed", foreign))


def test_nothing_of_a_finished_sign_in_stays(world: World, owner: Owner) -> None:
    with world.services.database.read() as view:
        mine = select(PartialSignIn).where(PartialSignIn.user_id == owner.user.id)
        assert view.platform().scalars(mine).all() == []
        codes = select(BackupCode).where(BackupCode.user_id == owner.user.id)
        assert len(view.platform().scalars(codes).all()) == 10


def test_pages_of_the_second_factor_are_never_stored(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert "no-store" in page.headers["Cache-Control"]
    assert ISSUER not in page.headers.get("Location", "")

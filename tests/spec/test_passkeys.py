"""What ASVS 5.0 (V6) and WebAuthn Level 3 demand of a relying party, row by row."""

import ast
from collections.abc import Callable

import pytest
from sqlalchemy import select

from authserver.passkeys.models import Passkey, PasskeyChallenge, PasskeyOwner
from tests.attacks.factors import mails
from tests.support.account import enter
from tests.support.browser import Browser, hidden
from tests.support.passkeys import (
    ALONE,
    OWN,
    Holder,
    SoftKey,
    added,
    decoded,
    id_of,
    options,
    send,
)
from tests.support.source import modules, parsed
from tests.support.trail import events
from tests.support.world import ClientFixture, World


@pytest.fixture
def client(world: World) -> ClientFixture:
    return world.client(world.tenant())


def rows(world: World, model: type) -> list:
    with world.services.database.read() as view:
        return list(view.platform().scalars(select(model)))


@pytest.mark.rfc("ASVS 6.7.1")
def test_no_code_changes_a_public_key() -> None:
    """An update names its columns: none names the key, the id or whose they are."""
    fixed = {"public_key", "credential_id", "synced", "aaguid"}
    named = [
        keyword.arg
        for path in modules("authserver")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "values"
        for keyword in node.keywords
    ]
    assert not fixed & set(named)


@pytest.mark.every_database
@pytest.mark.rfc("ASVS 6.7.1")
def test_a_form_cannot_bring_a_key_of_its_own(world: World, client: ClientFixture) -> None:
    browser, key = Browser(world), SoftKey()
    enter(browser, world.user(client.tenant))
    browser.submit(added(browser, key), kept="yes")
    about = f"pky_{id_of(browser)}"
    (before,) = [row for row in rows(world, Passkey) if row.id == about]
    page = browser.get(OWN, query_string={"about": about})
    other = SoftKey().key.public().hex()
    form = {**hidden(page), "about": about, "act": "rename", "name": "Mine"}
    browser.post(OWN, data={**form, "public_key": other, "sign_count": "0", "user_id": "usr_1"})
    (after,) = [row for row in rows(world, Passkey) if row.id == about]
    assert after.name == "Mine"
    assert (after.public_key, after.user_id) == (before.public_key, before.user_id)


@pytest.mark.rfc("ASVS 6.7.2")
def test_challenges_are_unique_and_only_their_hashes_are_kept(
    world: World, client: ClientFixture
) -> None:
    browser = Browser(world)
    page = browser.follow(browser.authorize(client))
    asked = [options(browser, page, ALONE)["challenge"] for _ in range(20)]
    assert len(set(asked)) == 20
    assert {len(decoded(one)) for one in asked} == {32}
    kept = {row.challenge_hash for row in rows(world, PasskeyChallenge)}
    assert not kept & {decoded(one) for one in asked}
    world.clock.move(minutes=5)
    options(browser, page, ALONE)
    assert len(rows(world, PasskeyChallenge)) == 1, "those that are over go"


@pytest.mark.rfc("ASVS 6.5.6")
def test_a_passkey_that_was_removed_is_gone_in_every_process(
    world: World, client: ClientFixture, another: Callable[[], World]
) -> None:
    holder, other = Holder(world, client), another()
    world.services.database.write(
        lambda tx: world.services.factors.reset(
            tx, holder.user.tenant.id, holder.user.id, by=world.operator, reason="lost phone"
        )
    )
    browser = Browser(other)
    page = browser.follow(browser.authorize(client))
    made = holder.key.get(options(browser, page, ALONE))
    assert send(browser, page, ALONE, made).status_code == 401


@pytest.mark.rfc("ASVS 6.3.7")
def test_its_owner_is_told_of_a_new_one(world: World, client: ClientFixture) -> None:
    holder = Holder(world, client)
    assert mails(world, holder.user, "passkey_added") == 1
    (event,) = events(world, client.tenant.id, "passkey.added")
    assert event.document["resource"].startswith("passkey:pky_")


@pytest.mark.rfc("WebAuthn section 14.6.1")
def test_the_user_handle_is_random_and_says_nothing(world: World, client: ClientFixture) -> None:
    one, other = Holder(world, client), Holder(world, client)
    handles = [one.key.handle, other.key.handle]
    assert None not in handles
    assert {len(handle or b"") for handle in handles} == {32}
    assert handles[0] != handles[1]
    kept = {row.handle: row.user_id for row in rows(world, PasskeyOwner)}
    assert kept[one.key.handle or b""] == one.user.id

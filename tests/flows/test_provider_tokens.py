"""What providers gave for their own APIs: kept encrypted, refreshed once, seen by nobody."""

import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update

from authserver.core.crypto import DecryptionError
from authserver.core.problems import NotFound, Unavailable
from authserver.federation.connectors.base import UpstreamDown, UpstreamRefused
from authserver.federation.models import FederatedIdentity, FederationConnection, ProviderToken
from authserver.federation.tokens.vault import Vault
from authserver.federation.values import Tokens
from tests.support import linked
from tests.support.provider_tokens import Owner
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world)


def test_a_good_token_is_given_without_asking_anybody(owner: Owner) -> None:
    given = owner.current()
    assert given.value == linked.ACCESS
    assert given.expires_at is not None
    owner.world.clock.move(minutes=58)
    assert owner.current().value == linked.ACCESS
    assert owner.provider.asked == []


def test_one_that_is_about_to_end_is_refreshed_and_kept(owner: Owner) -> None:
    owner.world.clock.move(minutes=59, seconds=1)
    assert owner.current() == owner.current()
    assert owner.current().value == "access-1"
    assert owner.provider.asked == [linked.REFRESH]
    assert owner.provider.secrets == [linked.SECRET]
    owner.world.clock.move(hours=2)
    assert owner.current().value == "access-2"
    assert owner.provider.asked == [linked.REFRESH, "refresh-1"]


def test_a_good_one_is_refreshed_where_somebody_asks_for_that(owner: Owner) -> None:
    owner.world.clock.move(seconds=1)
    assert owner.current(anew=True).value == "access-1"
    assert owner.provider.asked == [linked.REFRESH]
    assert owner.current().value == "access-1"


def test_a_provider_that_names_no_new_refresh_token_leaves_the_old_one(owner: Owner) -> None:
    owner.provider.rotates = False
    for number in (1, 2, 3):
        owner.world.clock.move(hours=2)
        assert owner.current().value == f"access-{number}"
    assert set(owner.provider.asked) == {linked.REFRESH}


def test_a_token_without_an_end_is_good_until_its_provider_says_no(world: World) -> None:
    owner = Owner(world, expires_in=None, refresh_token=None)
    world.clock.move(hours=24 * 400)
    assert owner.current().value == linked.ACCESS
    assert owner.current().expires_at is None


def test_one_that_is_over_and_cannot_be_refreshed_is_none(world: World) -> None:
    owner = Owner(world, refresh_token=None)
    world.clock.move(hours=2)
    with pytest.raises(NotFound):
        owner.current()


@pytest.mark.attack("ATK-052")
def test_many_at_once_refresh_once(owner: Owner) -> None:
    """A second use of a refresh token is a theft to some providers: it would end everything."""
    owner.world.clock.move(hours=2)
    together, given, arrived = threading.Barrier(8), [], threading.Event()
    owner.provider.before = lambda: arrived.wait(0.2)

    def one() -> None:
        together.wait()
        given.append(owner.current(wait=arrived.wait).value)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == ["access-1"] * 8
    assert owner.provider.asked == [linked.REFRESH]


def test_who_refreshes_and_dies_is_succeeded_after_a_minute(owner: Owner) -> None:
    owner.world.clock.move(hours=2)

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    # Not even the claim is given back: the process is gone.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "release", lambda *_: None)
        owner.provider.before = die
        with suppress(Killed):
            owner.current()
    owner.provider.before = lambda: None
    with pytest.raises(Unavailable):
        owner.current()
    assert len(owner.waits) == 40
    owner.world.clock.move(seconds=61)
    assert owner.current().value == "access-2"


def test_tokens_that_came_by_a_sign_in_meanwhile_stay(owner: Owner) -> None:
    owner.world.clock.move(hours=2)
    owner.provider.before = lambda: newest(owner)
    assert owner.current().value == "newest"
    assert owner.provider.asked == [linked.REFRESH]


def newest(owner: Owner) -> None:
    tokens, now = Tokens("newest", "newest-refresh", 3600), owner.world.clock.now()
    vault, account = Vault(owner.world.services.keyring), linked.of(owner.world, owner.user)
    owner.world.services.database.write(
        lambda tx: vault.keep(tx, owner.identity, account, tokens=tokens, now=now)
    )


def test_a_provider_that_gives_nothing_any_more_ends_the_tokens(owner: Owner) -> None:
    owner.world.clock.move(hours=2)
    owner.provider.good = "another"
    with pytest.raises(NotFound, match="sign"):
        owner.current()
    assert owner.row() is None
    assert len(events(owner.world, owner.tenant.id, "provider_tokens.dropped")) == 1
    with pytest.raises(NotFound):
        owner.current()
    assert len(owner.provider.asked) == 1


def test_it_ends_nothing_that_came_meanwhile(owner: Owner) -> None:
    owner.world.clock.move(hours=2)
    owner.provider.good, owner.provider.before = "another", lambda: newest(owner)
    with pytest.raises(NotFound):
        owner.current()
    assert owner.current().value == "newest"
    assert events(owner.world, owner.tenant.id, "provider_tokens.dropped") == []


@pytest.mark.parametrize("trouble", [UpstreamDown("503"), UpstreamRefused("no JSON")])
def test_a_provider_in_trouble_ends_nothing(owner: Owner, trouble: Exception) -> None:
    owner.world.clock.move(hours=2)
    owner.provider.says = trouble
    with pytest.raises(Unavailable):
        owner.current()
    owner.provider.says = None
    assert owner.current().value == "access-2"  # at once: the claim was given back


@pytest.mark.parametrize("values", [{"enabled": False}, {"keeps_tokens": False}])
def test_a_connection_that_is_off_or_keeps_none_is_not_asked(
    owner: Owner, values: dict[str, bool]
) -> None:
    owner.world.clock.move(hours=2)
    mine = update(FederationConnection).where(FederationConnection.id == owner.connection.id)
    owner.world.services.database.write(lambda tx: tx.platform().execute(mine.values(**values)))
    with pytest.raises(NotFound):
        owner.current()
    assert owner.provider.asked == []


def test_tokens_go_with_the_identity(owner: Owner) -> None:
    """Unlinking and erasure delete the identity: the database takes the tokens along."""
    mine = delete(FederatedIdentity).where(FederatedIdentity.id == owner.identity)
    owner.world.services.database.write(lambda tx: tx.tenant(owner.tenant.id).execute(mine))
    assert owner.row() is None
    with pytest.raises(NotFound):
        owner.current()


def test_a_refresh_that_comes_back_after_the_end_stores_nothing(owner: Owner) -> None:
    owner.world.clock.move(hours=2)
    mine = delete(FederatedIdentity).where(FederatedIdentity.id == owner.identity)
    database = owner.world.services.database
    owner.provider.before = lambda: database.write(
        lambda tx: tx.tenant(owner.tenant.id).execute(mine)
    )
    with pytest.raises(NotFound):
        owner.current()
    assert owner.row() is None


def test_they_can_be_forgotten_while_the_link_stays(owner: Owner) -> None:
    vault, account = Vault(owner.world.services.keyring), linked.of(owner.world, owner.user)
    write = owner.world.services.database.write
    assert write(lambda tx: vault.forget(tx, account, owner.identity)) is True
    assert write(lambda tx: vault.forget(tx, account, owner.identity)) is False
    assert owner.row() is None


def test_a_new_sign_in_replaces_them_and_leaves_the_refresh_token_where_none_came(
    owner: Owner,
) -> None:
    linked.keep(owner.world, owner.user, owner.identity, refresh_token=None)
    owner.world.clock.move(hours=2)
    assert owner.current().value == "access-1"
    assert owner.provider.asked == [linked.REFRESH]


def test_nothing_is_kept_for_an_identity_of_somebody_else(owner: Owner) -> None:
    """Neither of a colleague nor of another tenant: no token is ever somebody else's."""
    for user in (owner.world.user(owner.tenant), owner.world.user(owner.world.tenant())):
        linked.keep(owner.world, user, owner.identity)
        assert linked.kept(owner.world, user, owner.identity) is None
    assert linked.kept(owner.world, owner.user, owner.identity) == linked.ACCESS


def test_a_token_copied_to_another_row_opens_nowhere(owner: Owner) -> None:
    other = Owner(owner.world)
    stolen = other.row()
    assert stolen is not None
    owner.change(ProviderToken, access_token=stolen.access_token)
    with pytest.raises(DecryptionError):
        owner.current()


def test_nothing_of_it_stands_in_clear_in_the_database(owner: Owner) -> None:
    row = owner.row()
    assert row is not None
    for column in (row.access_token, row.refresh_token):
        assert column is not None
        assert b"canary" not in column
    with owner.world.services.database.read() as view:
        count = select(func.count()).select_from(ProviderToken)
        assert view.tenant(owner.tenant.id).scalar(count) == 1


def test_what_is_shown_of_a_value_in_a_trace_is_no_token(owner: Owner) -> None:
    """A value that reaches a log or an error report says nothing."""
    vault, account = Vault(owner.world.services.keyring), linked.of(owner.world, owner.user)
    with owner.world.services.database.read() as view:
        kept = vault.find(view, account, owner.identity)
    assert kept is not None
    shown = repr(kept) + repr(replace(kept)) + repr(owner.current())
    assert "canary" not in shown

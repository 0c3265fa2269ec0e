"""A new master key reaches every value, while everything goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from authserver import ciphertexts
from authserver.audit.models import AuditSubject
from authserver.core.crypto import DecryptionError
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import open_content
from authserver.federation import connections
from authserver.federation.models import ProviderToken
from authserver.mfa.models import TotpFactor
from authserver.ops.reencryption import Encrypted
from authserver.sessions.models import UserSession
from authserver.tenants.service import verify_master_key
from tests.conftest import KINDS, new_installation
from tests.support import linked
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.browser import Browser, Party
from tests.support.master_keys import BOTH, NEW, NEW_ID, OLD, OLD_ID, Full, counted, ids_in, renew
from tests.support.world import World

SEEDS, DEVICES = Encrypted(TotpFactor, "seed"), Encrypted(UserSession, "device")
Another = Callable[..., World]


@pytest.fixture(params=KINDS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """One for each test: who has the old key alone can read nothing of it afterwards."""
    with new_installation(request.param, tmp_path, ["ES256"]) as world:
        yield world


@pytest.fixture
def full(world: World) -> Full:
    return Full(world)


def test_a_new_key_reaches_every_value_of_every_column(full: Full, another: Another) -> None:
    before = counted(full.world)
    assert before.keys() == {str(column) for column in ciphertexts.COLUMNS}
    assert {name for name, keys in before.items() if keys.keys() != {OLD_ID}} == set()
    later = another(master_key=BOTH)
    assert renew(later) == sum(keys[OLD_ID] for keys in before.values())
    assert counted(later) == {name: {NEW_ID: keys[OLD_ID]} for name, keys in before.items()}
    assert OLD_ID not in ids_in(later)
    assert renew(later) == 0


def test_the_old_key_can_go_when_nothing_is_under_it(full: Full, another: Another) -> None:
    renew(another(master_key=BOTH))
    alone = another(master_key=NEW)
    full.move(alone)
    services, user = alone.services, full.keeper.user
    with services.database.read() as view:
        verify_master_key(view, services.keyring)
        secret = connections.client_secret(view, full.connection.id, services.keyring)
        mails = view.tenant(full.tenant.id).scalars(select(OutboxMessage)).all()
        assert {open_content(row.id, row.content, services.keyring).to for row in mails} == {
            user.email,
            full.copied.email,
        }
    assert secret == linked.SECRET
    assert linked.kept(alone, user, full.identity) == full.token
    assert "Firefox" in full.trusted.get(url("sessions")).text
    assert full.keeper.is_in()
    assert full.keeper.sign_in(Browser(alone)).status_code == 200  # a password and a code
    full.trusted.submit(full.trusted.get("/login/logout"))
    page = full.trusted.follow(full.trusted.sign_in(full.trusted.get(url("overview")), user))
    assert page.request.path == "/account"
    machine = Party(alone, alone.client(full.tenant, "service"))
    assert machine.machine().status_code == 200  # signed with the key of before


def test_before_the_old_key_goes_without_it_nothing_opens(full: Full, another: Another) -> None:
    alone = another(master_key=NEW)
    with alone.services.database.read() as view, pytest.raises(DecryptionError):
        connections.client_secret(view, full.connection.id, alone.services.keyring)
    assert set(counted(alone)["sessions.device"]) == {OLD_ID}


def test_a_sign_in_that_is_under_way_goes_on(world: World, another: Another) -> None:
    """The flow cookie and the form were signed with the old key."""
    user, browser = world.user(world.tenant()), Browser(world)
    page = browser.follow(browser.get(url("overview")))
    later = another(master_key=BOTH)
    browser.world, browser.http.application = later, later.app
    assert where(browser.sign_in(page, user)) == url("overview")
    page = browser.get(url("profile"))
    assert browser.submit(page, name="Ada King").status_code == 303
    # What the new key signed is nothing to who does not know it, and good to who keeps both.
    both = another(master_key=f"{OLD}\n{NEW}")
    browser.world, browser.http.application = both, both.app
    assert browser.get(url("profile")).status_code == 200


def test_people_work_meanwhile(full: Full, another: Another) -> None:
    later = another(master_key=BOTH)
    full.move(later)
    for step in later.services.chores.reencryption.renew():
        assert step.unreadable == 0
        assert full.keeper.is_in()
        assert full.keeper.sign_in(Browser(later)).status_code == 200
    assert renew(later) == 0


def test_the_trails_keys_stay_what_they_are(full: Full, another: Another) -> None:
    """The personal parts of the trail are under them: the wrapping changes, the key does not."""
    column = next(one for one in ciphertexts.COLUMNS if one.model is AuditSubject)

    def keys(world: World) -> dict[str, bytes]:
        with world.services.database.read() as view:
            rows = view.platform().execute(select(AuditSubject.ref, AuditSubject.wrapped_key))
            keyring = world.services.keyring
            return {r.ref: keyring.decrypt(r.wrapped_key, column.place(r.ref)) for r in rows}

    before = keys(full.world)
    renew(another(master_key=BOTH))
    assert keys(another(master_key=NEW)) == before


def test_a_token_is_bound_to_its_row(full: Full) -> None:
    """TOP-17: a value that is copied to another row, or column, opens nowhere."""
    keyring = full.world.services.keyring
    with full.world.services.database.read() as view:
        row = view.platform().scalar(select(ProviderToken))
    for column, place in (("access_token", "refresh_token"), ("refresh_token", "access_token")):
        with pytest.raises(DecryptionError):
            keyring.decrypt(getattr(row, column), linked.place(place, full.identity))
        with pytest.raises(DecryptionError):
            keyring.decrypt(getattr(row, column), linked.place(column, "fid_other"))

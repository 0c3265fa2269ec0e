"""One of a thousand people is erased while others work: nothing stays, and nobody else notices.

Every value that was told of the person is a canary; it is looked for in the database's very file,
in every table and in the log.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from authserver.accounts.service import NewAccount
from authserver.core.database.engine import Transaction
from authserver.core.database.kept import overwrite
from authserver.core.database.tenancy import Base
from authserver.oauth.trail.keys import shown
from authserver.privacy.erasure.values import By, Whom
from authserver.privacy.exports.writing import Whose
from authserver.sdk.trail_verifier import main as verify
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.privacy import make_erasures, make_writing
from tests.privacy.test_erasure import begun, of_account
from tests.support.account import FIREFOX
from tests.support.browser import Browser
from tests.support.world import TenantFixture, UserFixture, World

PEOPLE, AT_ONCE = 999, 111
CANARY = re.compile(rb"(?i)xqkestrel")  # nobody else of the tests is called so
ADDRESS = "198.51.100.213"


def crowd(world: World, tenant: TenantFixture) -> None:
    """Make everybody else, many in a transaction."""

    def some(transaction: Transaction, first: int) -> None:
        for number in range(first, first + AT_ONCE):
            account = NewAccount(tenant.id, f"one-{number}@example.com", f"Some One {number}")
            world.services.accounts.create(transaction, account, actor=world.operator)

    for first in range(0, PEOPLE, AT_ONCE):
        world.services.database.write(lambda tx, first=first: some(tx, first))  # type: ignore[misc]  # the first of each


def lively(world: World, tenant: TenantFixture) -> UserFixture:
    """Make the one, and let them leave traces everywhere: sessions, tokens, consents, mails."""
    user = world.user(tenant, "customer_viewer", email="Xqkestrel.Bird@xqkestrel.example")
    client = world.client(tenant, name="Orchid")
    browser = Browser(world)
    browser.http.environ_base.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR=ADDRESS)
    hint = {"login_hint": "xqkestrel.bird@xqkestrel.example"}
    browser.code(client, user, scope="openid profile email offline_access", **hint)
    browser.post("/login/password", data={"email": user.email, "password": "wrong"})
    return user


@contextmanager
def others_at_work(world: World, tenant: TenantFixture) -> Iterator[list[BaseException]]:
    """Let a few threads change accounts until the end."""
    over, failed = threading.Event(), list[BaseException]()

    def work(name: str) -> None:
        count = 0
        try:
            while not over.is_set() and count < 60:
                count += 1
                account = NewAccount(tenant.id, f"{name}-{count}@example.org", f"New {name}")
                world.services.database.write(
                    lambda tx, account=account: world.services.accounts.create(  # type: ignore[misc]  # each its own
                        tx, account, actor=world.operator
                    )
                )
        except BaseException as error:  # noqa: BLE001  told by the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        over.set()
        for thread in threads:
            thread.join()


def copies(world: World, tenant: TenantFixture) -> dict[str, Any]:
    """Return what is in the copies of some others, without the time at which they are made."""
    writing, found = make_writing(world.services), {}
    with world.services.database.read() as view:
        wanted = text("SELECT id FROM users WHERE tenant_id = :id AND email LIKE 'one-%77@%'")
        ids = [row.id for row in view.platform().execute(wanted, {"id": tenant.id})]
        for user_id in ids:
            whole = writing.whole(view, Whose("pex_same", tenant.id, user_id))
            found[user_id] = {**json.loads(whole), "made_at": None}
    return found


@pytest.mark.attack("AUD-07")
def test_one_of_a_thousand_is_erased_while_others_work(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tenant = world.tenant()
    crowd(world, tenant)
    user = lively(world, tenant)
    before = copies(world, tenant)
    assert len(before) == 10
    erasures = make_erasures(world.services)
    by = By(world.operator, tenant.id)
    whom = Whom(tenant.id, user.id)
    world.services.database.write(lambda tx: erasures.order(tx, whom, "letter", by=by))
    world.clock.move(days=14)
    with others_at_work(world, tenant) as failed:
        begun(world)
        make_job_worker(world.services).work_off()
        world.services.proving.sequencer.once()
    assert failed == []
    assert of_account(world, user)["email"] == ""
    world.services.proving.sequencer.once()
    assert copies(world, tenant) == before
    assert in_tables(world) == []
    assert overwrite(world.services.database.engine)
    assert in_files(world) == []
    said = capfd.readouterr()
    assert not CANARY.search((said.out + said.err).encode())
    assert ADDRESS not in said.out + said.err
    bundle = tmp_path / "trail.ndjson"
    with world.services.database.read() as view:
        plan = world.services.proving.bundles.plan(view, tenant.id)
    lines = world.services.proving.bundles.lines(world.services.database, plan)
    bundle.write_bytes(b"".join(lines))
    assert not CANARY.search(bundle.read_bytes())
    keys = tmp_path / "keys.json"
    with world.services.database.read() as view:
        published = [shown(key) for key in world.services.proving.keys.published(view)]
    keys.write_text(json.dumps({"keys": published}))
    assert verify([str(bundle), "--keys", str(keys)]) == 0


def in_tables(world: World) -> list[str]:
    """Return the tables that still tell of the person."""
    with world.services.database.engine.connect() as connection:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            if any(
                CANARY.search(str(row).encode()) or ADDRESS in str(row)
                for row in connection.execute(table.select())
            )
        ]


def in_files(world: World) -> list[str]:
    """Return the files of SQLite in which something of the person can be found."""
    engine = world.services.database.engine
    if engine.dialect.name != "sqlite":
        return []
    path = Path(engine.url.database or "")
    return [
        f"{one.name}: {len(CANARY.findall(one.read_bytes()))}"
        for one in path.parent.glob(f"{path.name}*")
        if CANARY.search(one.read_bytes())
    ]

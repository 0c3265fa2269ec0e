"""kill -9: what a client was told stays true."""

import os
import signal

import pytest
import requests
from sqlalchemy import Engine, text

from authserver.core.ids import fingerprint
from authserver.tokens.refresh import PURPOSE
from tests.faults.conftest import Site
from tests.support.load import Ledger, Load, Target
from tests.support.process import ServerProcess, wait_for
from tests.support.tokens import authorization_url, machine_token, redeem, refresh
from tests.support.walker import Walker, answered

pytestmark = pytest.mark.processes

CALLERS = 8
BEFORE, BETWEEN = 400, 200
EVENTS = {
    "authorize": "code.issued",
    "code": "tokens.issued",
    "refresh": "tokens.refreshed",
    "machine": "machine_token.issued",
}
EVERY_EVENT = text("SELECT correlation_id, type FROM audit_events")
EVERY_REFRESH_TOKEN = text(
    "SELECT token_hash, revoked_at FROM refresh_tokens"
    " JOIN token_families ON token_families.id = refresh_tokens.family_id"
)


def test_every_acknowledged_token_outlives_killed_servers(
    site: Site, record_property: object
) -> None:
    with site.two_servers() as (first, second):
        load = Load(target_of(site, first, second), CALLERS)
        with load:
            wait_for(lambda: len(load.ledger) >= BEFORE, "the load to run")
            rate = load.ledger.rate
            first.kill()
            survived = len(load.ledger)
            wait_for(lambda: len(load.ledger) >= survived + BETWEEN, "the other server to serve")
            second.kill()
        if callable(record_property):
            record_property("acknowledged_per_second", round(rate))
        ledger = load.ledger
        assert not ledger.refused
        assert ledger.lost, "the servers were killed while nothing was under way"
        with site.database() as database:
            check_ledger(database, ledger)
        first.start()
        check_families(site, first, ledger)


def target_of(site: Site, *servers: ServerProcess) -> Target:
    """Sign in once, and give what the load needs."""
    walker = Walker(site.person)
    url = authorization_url(site.installation.issuer, site.portal)
    walker.walk(url, until=site.portal.redirect_uri)
    cookie = "; ".join(f"{name}={value}" for name, value in walker.http.cookies.items())
    addresses = tuple(server.base for server in servers)
    return Target(addresses, site.portal, site.service, cookie)


def check_ledger(database: Engine, ledger: Ledger) -> None:
    """Every acknowledged answer has its event; every acknowledged refresh token its row."""
    with database.connect() as connection:
        recorded = {tuple(row) for row in connection.execute(EVERY_EVENT)}
        revoked = {
            bytes(row.token_hash): row.revoked_at for row in connection.execute(EVERY_REFRESH_TOKEN)
        }
    told = [one for one in ledger.acknowledged if not (one.retried and one.kind == "refresh")]
    assert [one for one in told if (one.correlation_id, EVENTS[one.kind]) not in recorded] == []
    tokens = [one for one in ledger.acknowledged if one.kind in {"code", "refresh"}]
    hashes = {fingerprint(one.token, PURPOSE) for one in tokens}
    assert hashes <= revoked.keys()
    assert {revoked[each] for each in hashes} == {None}


def check_families(site: Site, server: ServerProcess, ledger: Ledger) -> None:
    """Check that the latest token of every family works, also where its last answer was lost."""
    answers = [refresh(server.base, site.portal, token) for token in ledger.latest.values()]
    assert {answer.status_code for answer in answers} == {200}


def test_a_killed_worker_is_replaced_and_its_tokens_stay(site: Site) -> None:
    with ServerProcess(site.installation, workers=2) as server:
        walker = Walker(site.person)
        url = authorization_url(site.installation.issuer, site.portal)
        code = answered(walker.walk(url, until=site.portal.redirect_uri))["code"]
        token = redeem(server.base, site.portal, code).json()["refresh_token"]
        killed = server.workers()
        assert len(killed) == 2
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
            wait_for(
                lambda pid=pid: pid not in server.workers() and len(server.workers()) == 2,
                "another worker",
            )
        wait_for(lambda: _answers(server.url), "the new workers to answer")
        assert refresh(server.base, site.portal, token).status_code == 200
        assert machine_token(server.base, site.service)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False

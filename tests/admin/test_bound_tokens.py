"""Tokens that are bound to a key or a certificate, at the administration API."""

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from authserver.admin.caller import API
from authserver.clients.options import Options
from tests.admin.callers import AUDIENCE, with_key
from tests.spec.certificates import BOUND, make_site
from tests.spec.tools import part
from tests.support.browser import ISSUER
from tests.support.certificates import make
from tests.support.holder import BoundParty, Holder, ath
from tests.support.world import TenantFixture, World

pytestmark = pytest.mark.any_database

NONCED = Options(dpop_nonce_required=True)


def clients_of(tenant: TenantFixture) -> str:
    return f"{API}/tenants/{tenant.id}/clients"


class Machine:
    """A machine with a token for the API that is good with its key."""

    def __init__(self, world: World, options: Options | None = None) -> None:
        tenant = world.tenant()
        self.client = world.client(
            tenant,
            "service",
            scopes=["clients:read"],
            audiences=[AUDIENCE],
            options=options or Options(),
        )
        self.path = clients_of(tenant)
        self.world, self.holder = world, Holder(world)
        party = BoundParty(world, self.client, self.holder)
        answer = party.machine()
        if answer.status_code != 200:  # a nonce was wanted, and is known now
            answer = party.machine()
        self.token, self.nonce = answer.json["access_token"], party.nonce
        assert part(self.token, 1)["cnf"] == {"jkt": self.holder.jkt}

    def ask(self, proof: str | None, scheme: str = "DPoP", query: str = "") -> TestResponse:
        headers = {"Authorization": f"{scheme} {self.token}"}
        if proof is not None:
            headers["DPoP"] = proof
        return self.world.app.test_client().get(self.path + query, base_url=ISSUER, headers=headers)

    def proof(self, path: str = "", method: str = "GET", **more: str | None) -> str:
        return self.holder.proof(path or self.path, method, **{"ath": ath(self.token), **more})


@pytest.mark.rfc("RFC 9449 section 7.1")
def test_a_token_is_good_with_a_proof_for_the_call(world: World) -> None:
    machine = Machine(world)
    assert machine.ask(machine.proof()).status_code == 200
    assert machine.ask(machine.proof(), query="?limit=1").status_code == 200, "it is not proved"


@pytest.mark.rfc("RFC 9449 section 7.1")
@pytest.mark.rfc("RFC 9449 section 7.2")
@pytest.mark.bcp("R-19")
@pytest.mark.attack("ATK-126")
def test_a_stolen_token_is_worth_nothing_whatever_proof_comes_along(world: World) -> None:
    machine, thief = Machine(world), Holder(world)
    used = machine.proof()
    assert machine.ask(used).status_code == 200
    wrong = {
        "without one": None,
        "used before": used,
        "by another key": thief.proof(machine.path, "GET", ath=ath(machine.token)),
        "for another path": machine.proof(f"{machine.path}/x"),
        "for another method": machine.proof(method="POST"),
        "for another host": machine.proof(htu=f"https://evil.example{machine.path}"),
        "for no token": machine.proof(ath=None),
        "for another token": machine.proof(ath=ath("another")),
    }
    for name, proof in wrong.items():
        answer = machine.ask(proof)
        assert answer.status_code == 401, name
        assert answer.json["type"].endswith("unauthenticated"), name
        assert answer.headers["WWW-Authenticate"].startswith("DPoP "), name
    assert machine.ask(machine.proof(), scheme="Bearer").status_code == 401


@pytest.mark.rfc("RFC 9449 section 9")
def test_a_client_of_nonces_is_told_the_next_one_with_every_answer(world: World) -> None:
    machine = Machine(world, NONCED)
    refused = machine.ask(machine.proof())
    assert refused.status_code == 401
    assert 'error="use_dpop_nonce"' in refused.headers["WWW-Authenticate"]
    nonce = refused.headers["DPoP-Nonce"]
    answer = machine.ask(machine.proof(nonce=nonce))
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"]


def test_what_is_bound_to_nothing_needs_the_scheme_of_bearers(world: World) -> None:
    machine = Machine(world)
    key = with_key(world, "admin", scopes=["clients:read"])
    machine.path, machine.token = clients_of(key.tenant), key.token
    assert machine.ask(None, scheme="Bearer").status_code == 200
    assert machine.ask(None).status_code == 401
    assert machine.ask(machine.proof()).status_code == 401


@pytest.mark.rfc("RFC 8705 section 3")
@pytest.mark.bcp("R-19")
def test_a_token_of_a_certificate_is_good_with_that_one_only(world: World, tmp_path: Path) -> None:
    site = make_site(world, tmp_path)
    own, other = make("CN=x"), make("CN=y")
    tenant = site.world.tenant()
    client = site.world.client(
        tenant, "service", scopes=["clients:read"], audiences=[AUDIENCE], options=BOUND
    )
    token = site.party(client, own).machine().json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def status(shown: object) -> int:
        http = site.party(client, shown).http  # type: ignore[arg-type]  # a holder or none
        return http.get(clients_of(tenant), base_url=ISSUER, headers=headers).status_code

    assert [status(shown) for shown in (own, other, None)] == [200, 401, 401]

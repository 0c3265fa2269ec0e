"""A client looks after its own registration: RFC 7592."""

from datetime import timedelta
from typing import Any

import pytest

from authserver.clients.registering.policy import UNUSED_FOR
from tests.spec.assertions import KeyPair
from tests.spec.tools import error_of
from tests.support.browser import Party
from tests.support.parallel import together
from tests.support.registering import Registrar, registrar
from tests.support.trail import events
from tests.support.world import World

MACHINE = {"grant_types": ["client_credentials"], "redirect_uris": None}
SERVERS = (
    "registration_access_token", "registration_client_uri", "client_secret_expires_at",
    "client_id_issued_at",
)  # fmt: skip


@pytest.fixture(name="at")
def _at(world: World) -> Registrar:
    return registrar(world)


def said(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a client sends to change something: everything but what is the server's to say."""
    left = {n: v for n, v in document.items() if n not in {*SERVERS, "client_secret"}}
    return left | changes


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Registration section 4.2")
@pytest.mark.rfc("RFC 7592 section 2.1")
def test_a_client_reads_its_registration(at: Registrar) -> None:
    document = at.registered(contacts=["ops@rp.example"])
    answer = at.own("GET", document)
    assert answer.status_code == 200
    secret = {"client_secret", "client_secret_expires_at"}
    assert answer.json == {n: v for n, v in document.items() if n not in secret}


@pytest.mark.rfc("RFC 7592 section 2")
@pytest.mark.rfc("RFC 7592 section 2.2")
def test_a_client_changes_its_registration_and_has_a_new_token(at: Registrar) -> None:
    document = at.registered(contacts=["ops@rp.example"])
    answer = at.own("PUT", document, said(document, client_name="Renamed", contacts=None))
    assert answer.status_code == 200, answer.text
    renewed = answer.json
    assert renewed["client_name"] == "Renamed"
    assert "contacts" not in renewed, "what is left out is deleted"
    assert "client_secret" not in renewed, "the secret stays as it is"
    assert renewed["registration_access_token"] != document["registration_access_token"]
    assert error_of(at.own("GET", document)) == (401, "invalid_token")
    assert at.own("GET", renewed).json["client_name"] == "Renamed"
    changed = events(at.world, at.tenant.id, "client.changed")[-1].document
    assert changed["before"]["name"] == "Portal"
    assert changed["after"]["name"] == "Renamed"


@pytest.mark.rfc("RFC 7592 section 2.2")
def test_a_client_cannot_be_another_nor_say_what_the_server_says(at: Registrar) -> None:
    document, other = at.registered(), at.registered()
    for body in (
        said(document, client_id=other["client_id"]),
        said(document, client_id=None),
        *(said(document, **{name: document[name]}) for name in SERVERS),
        said(document, redirect_uris=["http://evil.example/cb"]),
    ):
        assert at.own("PUT", document, body).status_code == 400
    assert at.own("GET", document).status_code == 200, "a refusal changes no token"


@pytest.mark.rfc("RFC 7592 section 2.2")
def test_a_secret_is_compared_where_it_is_sent(at: Registrar) -> None:
    document = at.registered()
    wrong = at.own("PUT", document, said(document, client_secret="guessed"))
    assert error_of(wrong) == (400, "invalid_client_metadata")
    right = at.own("PUT", document, said(document, client_secret=document["client_secret"]))
    assert right.status_code == 200


def test_another_way_to_authenticate_ends_secrets_and_tokens(at: Registrar) -> None:
    document = at.registered(**MACHINE)
    party = Party(at.world, at.client(document))
    token = party.machine().json["access_token"]
    key = KeyPair()
    answer = at.own(
        "PUT",
        document,
        said(document, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.public]}),
    )
    assert answer.status_code == 200, answer.text
    assert party.machine().status_code == 401
    back = at.own(
        "PUT",
        answer.json,
        said(answer.json, token_endpoint_auth_method="client_secret_basic", jwks=None),
    ).json
    assert back["client_secret"] != document["client_secret"]
    renewed = Party(at.world, at.client(back))
    assert renewed.machine().status_code == 200
    assert renewed.introspect(token).json == {"active": False}


@pytest.mark.rfc("RFC 7592 section 2.3")
def test_a_client_leaves_and_its_tokens_end(at: Registrar) -> None:
    document = at.registered(**MACHINE)
    party, other = Party(at.world, at.client(document)), at.registered(**MACHINE)
    token = party.machine().json["access_token"]
    answer = at.own("DELETE", document)
    assert (answer.status_code, answer.data) == (204, b"")
    assert error_of(party.machine()) == (401, "invalid_client")
    for method in ("GET", "PUT", "DELETE"):
        body = said(document) if method == "PUT" else None
        assert error_of(at.own(method, document, body)) == (401, "invalid_token")
    service = Party(at.world, at.client(other))
    assert service.introspect(token).json == {"active": False}
    gone = events(at.world, at.tenant.id, "client.deleted")[-1].document
    assert gone["after"] == {"reason": "unregistered"}


def test_what_operators_decided_survives_a_clients_change(at: Registrar) -> None:
    document, services = at.registered(**MACHINE), at.world.services
    actor = at.world.operator.__class__("operator", at.tenant.id, "req_test")
    services.database.write(
        lambda tx: services.amendments.amend(
            tx,
            at.tenant.id,
            document["client_id"],
            changes={"ip_allowlist": ["192.0.2.0/24"], "audiences": ["https://api.example/"]},
            actor=actor,
        )
    )
    services.watch.changed()
    assert at.own("PUT", document, said(document)).status_code == 200
    kept = services.caches.clients.get(document["client_id"])
    assert kept is not None
    assert [str(network) for network in kept.networks] == ["192.0.2.0/24"]
    assert kept.audiences == ("https://api.example/",)


@pytest.mark.every_database
def test_of_many_changes_with_one_token_one_wins(at: Registrar) -> None:
    document = at.registered()
    answers = together(
        6, lambda n: at.own("PUT", document, said(document, client_name=f"Name {n}"))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 401, 401, 401, 401, 401]


def test_clients_that_nobody_uses_are_pruned_and_the_others_stay(at: Registrar) -> None:
    unused, used = at.registered(**MACHINE), at.registered(**MACHINE)
    registrations = at.world.services.self_service.registrations
    at.world.clock.move(seconds=int((UNUSED_FOR - timedelta(days=1)).total_seconds()))
    assert Party(at.world, at.client(used)).machine().status_code == 200
    at.world.clock.move(seconds=int(timedelta(days=2).total_seconds()))
    gone = registrations.prune()
    at.world.services.watch.changed()
    assert unused["client_id"] in gone
    assert used["client_id"] not in gone
    assert Party(at.world, at.client(unused)).machine().status_code == 401
    assert Party(at.world, at.client(used)).machine().status_code == 200
    assert error_of(at.own("GET", unused)) == (401, "invalid_token")
    deleted = events(at.world, at.tenant.id, "client.deleted")[-1].document
    assert deleted["after"] == {"reason": "unused"}

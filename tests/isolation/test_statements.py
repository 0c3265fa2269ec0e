"""Every hot statement with another tenant's parameters, and why some carry no tenant."""

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Insert, Select, update

import authserver
from authserver.schema import metadata
from authserver.sessions.statements import SESSION_COLUMNS
from tests.isolation.conftest import TwoTenants
from tests.isolation.rows import Rows

TENANT = {"tenant_id", "of_tenant"}
# Their parameter is a credential, or the id in a row that a credential found: it names one row, and
# that row its tenant. Or they run before anybody knows which tenant is meant.
BY_CREDENTIAL = {
    "admin.FIND_KEY": "the hash of a key together with whose it is",
    "admin.KEEP_ANSWER": "the same",
    "admin.RELEASE_KEY": "the same",
    "api_keys.FIND_KEY": "the hash of a key",
    "accounts.FIND_GUEST": "a guest of the home account that has just signed in: both are named",
    "oauth.FIND_CODE": "the hash of a code",
    "oauth.FIND_PENDING": "the hash of a handle; the browser is compared afterwards",
    "oauth.CLAIM_CODE": "the id in the row of a code",
    "oauth.COUNT_FAILED_CODE": "the id in the row of a code",
    "device.DEVICE_OF_DEVICE_CODE": "the hash of a device code",
    "device.DEVICE_OF_USER_CODE": "the hash of a user code; the issuer is compared afterwards",
    "device.COUNT_USER_CODE": "a part of the network: whoever enters a code is nobody yet",
    "device.USER_CODE_COUNTER": "the same",
    "device.FORGIVE_USER_CODE": "the same",
    "tokens.REFRESH_TOKEN": "the hash of a refresh token",
    "tokens.FAMILY_IS_LIVE": "the family that a signed access token names",
    "tokens.PERSON_OF_FAMILY": "the family that a signed access token names",
    "tokens.LIVE_FAMILY": "the family that a signed access token names",
    "tokens.PARENT_OF_FAMILY": "the family that a signed access token names",
    "sessions.LIVE_OF_BROWSER": "the hash of a browser's cookie",
    "sessions.IN_BROWSER": "the hash of a browser's cookie",
    "clients.FIND_CLIENT": "a client_id, which no tenant shares; the issuer is compared afterwards",
    "clients.LIVE_SECRETS": "a client_id, which no tenant shares",
    "clients.FIND_INITIAL_TOKEN": "the hash of an initial access token",
    "clients.USE_INITIAL_TOKEN": "the id in the row of an initial access token",
    "clients.FIND_REGISTRATION": "the hash of a registration access token",
    "clients.NOTE_USE": "the client_id of a client that proved itself",
    "clients.CLIENTS_TO_OPEN": "clients are no secret to those they serve: that is looked at next",
    "ends.ANY_IS_OVER": "the time; what is over is over in every tenant",
    "ends.TELL_CLIENTS": "the time; what is over is over in every tenant",
    "clients.FIND_ORIGIN": "an origin that any client registered; it says yes or no",
    "mfa.FIND_PARTIAL": "the hash of a cookie; flow and browser are compared afterwards",
    "passkeys.FIND_PASSKEY": "a credential id, which no tenant shares; who is served comes later",
    "passkeys.PASSKEY_IS_KNOWN": "a credential id; it says yes or no",
    "passkeys.CLAIM_CHALLENGE": "the hash of a challenge, which belongs to nobody",
    "passkeys.FORGET_CHALLENGES": "the time; challenges belong to nobody",
    "tenants.TENANT_BY_SLUG": "finds the tenant",
    "tenants.NAME_OF_TENANT": "the tenant's own id",
    "tenants.TENANT_BY_ID": "the tenant's own id",
    "tenants.TENANTS_AT_HOSTS": "finds the tenant of a host",
    "tenants.TIER_OF_TENANT": "the tenant's own id",
    "usage.ADD_TO_PLATFORM": "sums over all tenants, and nothing else",
    "usage.NOTE_OF_PLATFORM": "the same",
    "usage.PEOPLE": "counts people by tenant: figures for all at once",
    "usage.ACTIVE": "the same",
    "sequencing.TREE": "the tenant's own id, and nothing else: tests/trail asks two tenants",
    "sequencing.NODES": "the same, and places that every tree has",
    "sequencing.UNPLACED": "events without a number, of every tenant: each row says whose it is",
    "sequencing.LEASE": "belongs to the installation",
    "sequencing.CLAIM": "the same",
    "sequencing.BEAT": "the same",
    "sequencing.RESIGN": "the same",
    "sequencing.TRY_LOCK": "the same",
    "anchors.ANY": "checkpoints are the installation's",
    "anchors.AFTER": "the same",
    "checkpoints.ANY": "the same",
    "checkpoints.COSIGNATURES": "the same",
    "checkpoints.NEWEST": "checkpoints are the installation's",
    "checkpoints.CHECKPOINT": "the same",
    "checkpoints.LEAVES": "the same",
    "checkpoints.NODES": "the same",
    "checkpoints.TREES": "a checkpoint is over every tenant; a tenant is told of its own head",
    "checkpoints.HEADS": "the same",
    "tenants.SNAPSHOT_VERSION": "the installation's counter",
    "webhooks.ENDPOINTS_OF_TENANT": "the tenant's own id",
    "webhooks.TENANTS_THAT_LISTEN": "tells of every tenant whether it has any, and nothing else",
}


def statements() -> dict[str, Executable]:
    """Return every statement of every statements.py."""
    found = {}
    root = Path(authserver.__file__).parent
    for path in root.rglob("statements.py"):
        package = path.parent.name
        module = importlib.import_module(
            ".".join(path.relative_to(root.parent).with_suffix("").parts)
        )
        for name, value in vars(module).items():
            if name.isupper() and not name.startswith("_") and isinstance(value, Executable):
                found[f"{package}.{name}"] = value
    return found


STATEMENTS = statements()


def parameters_of(statement: Executable) -> set[str]:
    """Return what has to be given: the rest is written in the statement."""
    return {name for name, value in statement.compile().params.items() if value is None}


def with_a_tenant(*, selections: bool = False) -> list[str]:
    """Return the statements to try. An insertion carries its tenant in its row: foreign keys."""
    return [
        name
        for name, statement in STATEMENTS.items()
        if parameters_of(statement) & TENANT
        and name not in BY_CREDENTIAL
        and not isinstance(statement, Insert)
        and (isinstance(statement, Select) or not selections)
    ]


def of_grants(rows: Rows) -> dict[str, Any]:
    """Return what the statements of devices, exchanges, assertions and API keys are given."""
    return {
        "key_id": rows["api_keys"]["id"],
        "used_at": datetime.now(UTC),
        "id": "dev_new",
        "device_id": rows["device_authorizations"]["id"],
        "device_code_hash": b"d" * 32,
        "user_code_hash": b"u" * 32,
        "scope": [],
        "resources": [],
        "address": None,
        "interval": 5,
        "seen_polls": rows["device_authorizations"]["polls"],
        "next_interval": 10,
        "of_browser": b"b" * 32,
        "of_session": rows["sessions"]["id"],
        "subject_client_id": rows["clients"]["id"],
        "iss": rows["assertion_issuers"]["issuer"],
        "connection_id": rows["federated_identities"]["connection_id"],
        "issuer": rows["federated_identities"]["issuer"],
        "subject": rows["federated_identities"]["subject"],
    }


OF_FIGURES = {
    "grain": "hour",
    "what": "tokens",
    "number": 3,
    "since": datetime.now(UTC),
    "day": "2026-11-26",
    "month": "2026-11",
    "day_limit": 5,
    "month_limit": 5,
}
NOW = datetime.now(UTC)
OF_TOKENS = {
    "jti_hash": b"j" * 32,
    "proof_hash": b"p" * 32,
    "confirmation": "jkt of-a-key",
    "expires_at": NOW,
    "revoked_at": NOW,
    "created_at": NOW,
}


def known(two: TwoTenants) -> dict[str, Any]:
    """Return the values of the other tenant, by the names that statements give parameters."""
    rows = two.their_rows
    return {
        "id": "idk_new",
        "key_hash": rows["idempotency_keys"]["key_hash"],
        "request_hash": b"r" * 32,
        "user_id": rows["users"]["id"],
        "email": rows["users"]["email_canonical"],
        "anywhere": False,
        "any_slug": True,
        "slug": "",
        "unproved": True,
        "client_id": rows["clients"]["id"],
        "pending_id": rows["pending_authorizations"]["id"],
        "family_id": rows["token_families"]["id"],
        "of_person": rows["users"]["id"],
        "factor_id": rows["totp_factors"]["id"],
        "presented": rows["backup_codes"]["code_hash"],
        "step": 60_000_000,
        "passkey_id": rows["passkeys"]["id"],
        "counted": 1_000,
        "backed_up": True,
        "principal_id": rows["audit_subjects"]["principal_id"],
        "jti": rows["revoked_tokens"]["jti"],
        "now": datetime.now(UTC),
        "of_user": rows["users"]["id"],
        "of_client": rows["clients"]["id"],
        **dict.fromkeys(("at", "younger_than"), datetime.now(UTC) - timedelta(days=1)),
        "reason": "test",
        "device": "untrusted",
        "failures": 5,
        "locked_until": datetime.now(UTC) + timedelta(minutes=30),
        **OF_TOKENS,
        "token_hash": rows["known_devices"]["token_hash"],
        "seen_after": datetime.now(UTC) - timedelta(days=1_000),
        "new_device": "dev_new",
        "words": b"w",
        "session_id": rows["sessions"]["id"],
        **{f"new_{name}": rows["sessions"][name] for name in SESSION_COLUMNS},
        **of_grants(rows),
        "ref": "sub_test",
        "wrapped_key": b"w",
        "hash": rows["consent_texts"]["hash"],
        "text": {"client": "Orchid"},
        **OF_FIGURES,
        "first": 1,
        "last": 1,
        "level": 1,
    }


@pytest.mark.parametrize("name", with_a_tenant())
def test_our_tenant_with_their_keys_finds_and_changes_nothing(two: TwoTenants, name: str) -> None:
    statement = STATEMENTS[name]
    values = known(two)
    wanted = {p: two.ours if p in TENANT else values[p] for p in parameters_of(statement)}
    before = two.theirs_now()
    attempt = two.connection.begin_nested()
    try:
        result = two.connection.execute(statement, wanted)
        if isinstance(statement, Select):
            # One asks for a row whatever there is: then nothing stands in it.
            assert [row for row in result if any(value is not None for value in row)] == []
    except Exception as error:  # noqa: BLE001  the database may refuse, by a foreign key
        assert "IntegrityError" in type(error).__name__  # noqa: PT017  either outcome is good
        attempt.rollback()
    assert two.theirs_now() == before


@pytest.mark.parametrize("name", with_a_tenant(selections=True))
def test_the_same_statement_works_for_the_tenant_itself(two: TwoTenants, name: str) -> None:
    """Without this the test above would pass for a statement that never finds anything."""
    statement = STATEMENTS[name]
    values = known(two)
    if name == "sessions.LIVE_OF_PERSON":
        values["now"] -= timedelta(hours=1)  # when their session was not over yet
    if name == "sequencing.LEAVES":
        event = metadata.tables["audit_events"]
        placed = update(event).values(seq=1, chain=b"c" * 32)
        two.connection.execute(placed.where(event.c.id == two.their_rows["audit_events"]["id"]))
    wanted = {p: two.theirs if p in TENANT else values[p] for p in parameters_of(statement)}
    (row,) = two.connection.execute(statement, wanted)
    assert any(value is not None for value in row)


def test_a_statement_carries_its_tenant_or_says_what_names_the_row_instead() -> None:
    bare = {
        name
        for name, statement in STATEMENTS.items()
        if not isinstance(statement, Insert) and not parameters_of(statement) & TENANT
    }
    own_id = {
        "sequencing.NODES", "sequencing.TREE", "tenants.NAME_OF_TENANT", "tenants.TENANT_BY_ID",
        "tenants.TIER_OF_TENANT", "webhooks.ENDPOINTS_OF_TENANT",
    }  # fmt: skip
    assert bare == set(BY_CREDENTIAL) - own_id

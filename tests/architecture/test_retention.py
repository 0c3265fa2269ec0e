"""Every table says how long its rows stay: nothing grows without end unnoticed."""

from pathlib import Path

from authserver import retention, schema
from authserver.settings import Settings

KINDS = retention.kinds(Settings())
PRUNED = {kind.model.__tablename__ for kind in KINDS}
# What stays until somebody takes it away, and what ends it.
STAYS = {
    "audit_events": "the trail is never pruned",
    "audit_subjects": "goes with the person",
    "backup_codes": "replaced by the next ten",
    "builtin_roles": "part of the program",
    "client_origins": "goes with the client",
    "client_secrets": "a few of each client",
    "clients": "disabled, not deleted",
    "consents": "until the person takes it back",
    "installation": "one row",
    "passkey_owners": "one of each person with passkeys",
    "passkeys": "at most twenty of each person",
    "pictures": "one of each person",
    "role_assignments": "until they are changed",
    "signing_keys": "one more each quarter",
    "tenants": "suspended, not deleted",
    "totp_factors": "a few of each person",
    "users": "disabled, or erased",
}


def test_every_table_is_pruned_or_says_why_not() -> None:
    tables = set(schema.metadata.tables)
    assert set(STAYS) | PRUNED == tables
    assert not set(STAYS) & PRUNED


def test_the_manual_names_every_kind() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert [kind.name for kind in KINDS if f"| {kind.name} |" not in manual] == []

"""Every table says how long its rows stay: nothing grows without end unnoticed."""

from pathlib import Path

from sqlalchemy import Table, UniqueConstraint

from authserver import retention, schema
from authserver.settings import Settings

KINDS = retention.kinds(Settings())
PRUNED = {kind.model.__tablename__ for kind in KINDS}
# What stays until somebody takes it away, and what ends it.
STAYS = {
    "assertion_issuers": "until it is removed",
    "audit_anchors": "a few rows",
    "audit_checkpoint_nodes": "one for each 256 checkpoints",
    "audit_checkpoints": "at most one each five seconds: without one the log cannot be proved",
    "audit_contradictions": "one of each time when an anchor denied the database",
    "audit_cosignatures": "one of each checkpoint and witness",
    "audit_events": "says nothing after its tenant's time, and keeps its place and hash for ever",
    "audit_heads": "one for each checkpoint before which a tenant had events",
    "audit_keeping": "three rows of each tenant",
    "audit_keys": "what they signed has to be verified for ever",
    "audit_leases": "one row",
    "audit_nodes": "one for each 256 events",
    "audit_subjects": "goes with the person",
    "audit_trees": "one of each tenant",
    "backup_codes": "replaced by the next ten",
    "builtin_roles": "part of the program",
    "client_logos": "one of each client",
    "client_origins": "goes with the client",
    "client_registrations": "goes with the client",
    "client_secrets": "a few of each client",
    "clients": "disabled, or a name for the trail",
    "consent_records": "the proof of what was allowed, only added to",
    "consent_texts": "one of each wording and language",
    "consents": "until the person takes it back",
    "custom_roles": "until they are deleted, at most 200 of each tenant",
    "exchange_rules": "until it is forbidden",
    "federated_identities": "until it is unlinked",
    "federation_connections": "until it is removed",
    "initial_access_tokens": "a few of each tenant",
    "installation": "one row",
    "legal_holds": "until the person is erased",
    "passkey_owners": "one of each person with passkeys",
    "passkeys": "at most twenty of each person",
    "pictures": "one of each person",
    "provider_tokens": "go with their identity",
    "quota_uses": "one of each client with a quota",
    "resource_servers": "until it is removed",
    "signing_keys": "one more each quarter",
    "tenant_domains": "a few of each tenant",
    "tenant_limits": "a few of each tenant",
    "tenant_logos": "one of each tenant",
    "tenants": "suspended or archived, not deleted",
    "totp_factors": "a few of each person",
    "trail_contacts": "at most one of each tenant",
    "trail_cursors": "one of each tenant and stream",
    "trail_streams": "a few rows",
    "users": "disabled, or erased",
    "webhook_endpoints": "until it is deleted, at most twenty of each tenant",
}


def test_every_table_is_pruned_or_says_why_not() -> None:
    tables = set(schema.metadata.tables)
    assert set(STAYS) | PRUNED == tables
    assert not set(STAYS) & PRUNED


def test_the_manual_names_every_kind() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert [kind.name for kind in KINDS if f"| {kind.name} |" not in manual] == []


def first_columns(table: Table) -> set[str]:
    """Return the columns by which an index finds rows of any tenant."""
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [*table.indexes, table.primary_key, *unique]
    return {next(iter(index.columns)).name for index in indexes}


def test_what_refers_to_pruned_rows_is_found_by_an_index() -> None:
    """Else the database reads the whole table for each row that goes, and nobody can write."""
    bare = [
        f"{table.name}: {sorted(key.column_keys)}"
        for table in schema.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table.name in PRUNED
        and not (set(key.column_keys) - {"tenant_id"}) & first_columns(table)
    ]
    assert bare == []


def test_what_grows_with_every_sign_in_is_pruned_by_an_index() -> None:
    often = ("sessions", "token_families", "authorization_codes", "pending_authorizations")
    tables = schema.metadata.tables
    assert [name for name in often if "expires_at" not in first_columns(tables[name])] == []
    assert {"sent_at", "failed_at"} <= first_columns(tables["outbox_messages"])

"""What of a tenant is in a copy, table by table, and why the rest is not.

A test asks of every table of tenants whether it is here: a new one cannot be forgotten.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from authserver import ciphertexts, schema
from authserver.core.database.tenancy import Base
from authserver.ops.reencryption import Encrypted

MOVED = frozenset(
    (
        "tenants", "tenant_domains", "tenant_limits", "tenant_logos", "users", "pictures",
        "custom_roles", "role_assignments", "resource_servers", "totp_factors", "consents",
        "clients", "client_secrets", "client_origins", "client_logos", "federation_connections",
        "federated_identities", "assertion_issuers",
    )
)  # fmt: skip
LEFT: Mapping[str, str] = MappingProxyType(
    {
        "api_keys": "are made anew by their owners",
        "audit_events": "the trail stays where it was written, and can be proved there",
        "audit_heads": "the checkpoints of that trail are its installation's",
        "audit_keeping": "belongs to that trail",
        "audit_nodes": "belong to that trail",
        "audit_subjects": "the keys of that trail",
        "audit_trees": "belong to that trail",
        "authorization_codes": "live for a minute",
        "backup_code_sheets": "shown once, to one session",
        "backup_codes": "are made anew by their owner",
        "client_registrations": "clients that registered themselves do it again",
        "client_usage": "figures stay where they were counted",
        "consent_records": "the proof stays where it was given; the consents themselves are moved",
        "consent_texts": "the words of that proof",
        "data_export_parts": "live for a day",
        "data_exports": "are asked for anew",
        "device_authorizations": "live for minutes",
        "erasures": "are done, or called off, where they were asked for",
        "exchange_rules": "may name clients of other tenants",
        "factor_guesses": "count from nothing",
        "failure_counters": "count from nothing",
        "idempotency_keys": "live for a day",
        "initial_access_tokens": "are made anew",
        "invitations": "their links lead to the installation that they come from",
        "job_parts": "go with their job",
        "job_refusals": "go with their job",
        "jobs": "are done where they were begun",
        "known_devices": "know the host that they come from",
        "legal_holds": "stop what is erased in one installation, and are set anew",
        "logout_notices": "are sent, or not, where they were made",
        "mailed_links": "lead to the installation that they come from",
        "outbox_messages": "are sent where they were made",
        "partial_sign_ins": "live for minutes",
        "passkey_owners": "browsers bind passkeys to a host",
        "passkeys": "browsers bind passkeys to a host",
        "pending_authorizations": "live for minutes",
        "provider_tokens": "come with the next sign-in at the provider",
        "pushed_requests": "live for minutes",
        "quota_uses": "count from nothing",
        "refresh_tokens": "end with the sessions",
        "registrations": "their links lead to the installation that they come from",
        "revoked_tokens": "no token of before is good there",
        "sessions": "everybody signs in again",
        "tenant_accesses": "are opened anew",
        "tenant_copy_parts": "live for a day",
        "tenant_usage": "figures stay where they were counted",
        "trail_contact_links": "lead to the installation that they come from",
        "trail_contacts": "are named anew, for the trail that begins there",
        "trail_cursors": "are of the trail that stays",
        "trail_export_parts": "live for a day",
        "trail_exports": "are asked for anew",
        "token_families": "end with the sessions",
        "trusted_browsers": "know the host that they come from",
        "used_assertions": "are good nowhere else",
        "used_grants": "are good nowhere else",
        "used_proofs": "are good nowhere else",
        "webhook_deliveries": "are made where the events happened",
        "webhook_endpoints": "are told by one installation, and made anew",
        "webhook_secrets": "go with their endpoint",
    }
)
# Columns of what is moved that are blank in a copy, with what they are set to, and why.
BLANK: Mapping[str, tuple[object, str]] = MappingProxyType(
    {
        "users.password_hash": (None, "a password is hashed with a secret of its installation"),
        "users.password_changed_at": (None, "the same"),
        "users.password_expires_at": (None, "the same"),
        "users.password_change_required": (False, "there is none to change"),
        "tenant_domains.verified_at": (None, "is proved again; the record may stay"),
        "tenant_domains.checked_at": (None, "the same"),
        "tenant_domains.missing_since": (None, "the same"),
        "tenant_domains.connection_id": (None, "a route is set again"),
        "tenant_domains.connection_owner": (None, "the same"),
        "tenants.issuer_host": (None, "belongs to a proved domain"),
        "tenants.platform_connections": (None, "those of another platform"),
        "totp_factors.session_id": (None, "sessions end"),
    }
)
_MODELS: Mapping[str, type[Any]] = {
    mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers
}


def models() -> list[type[Any]]:
    """Return what is moved, parents first."""
    return [_MODELS[table.name] for table in schema.metadata.sorted_tables if table.name in MOVED]


def sealed_columns(table: str) -> dict[str, Encrypted]:
    """Return the encrypted columns of a table, by name."""
    return {one.column: one for one in ciphertexts.COLUMNS if one.model.__tablename__ == table}


def left_out() -> dict[str, str]:
    """Return what is not in a copy, and why."""
    blanked = {name: why for name, (_, why) in BLANK.items()}
    return {**LEFT, **blanked}

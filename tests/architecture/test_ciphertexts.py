"""No value under a master key is forgotten when there is a new one."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapper

from authserver import ciphertexts, schema
from authserver.core.database.tenancy import Base
from tests.support.source import calls, method, modules, name, place

ENCRYPTED = {str(column) for column in ciphertexts.COLUMNS}
# Binary columns that are not under a master key, and what they are.
OTHER = {
    "api_keys.key_hash": "a hash",
    "audit_checkpoint_nodes.hash": "a hash",
    "audit_checkpoints.frontier": "hashes",
    "audit_checkpoints.heads_root": "a hash",
    "audit_checkpoints.leaf": "a hash",
    "audit_checkpoints.root": "a hash",
    "audit_events.body": "text; what is personal in it is under the person's own key",
    "audit_events.chain": "a hash",
    "audit_events.leaf": "a hash",
    "audit_heads.chain": "a hash",
    "audit_heads.frontier": "hashes",
    "audit_heads.root": "a hash",
    "audit_keys.cross_signature": "published",
    "audit_keys.public_key": "published",
    "audit_nodes.hash": "a hash",
    "audit_trees.chain": "a hash",
    "audit_trees.frontier": "hashes",
    "audit_trees.root": "a hash",
    "authorization_codes.code_hash": "a hash",
    "backup_code_sheets.sealed": "under a key that the browser's cookie gives",
    "backup_codes.code_hash": "a hash",
    "client_logos.image": "shown to whoever signs in",
    "client_registrations.token_hash": "a hash",
    "client_secrets.secret_hash": "a hash",
    "consent_records.origin": "under the person's own key",
    "data_exports.token_hash": "a hash",
    "erasures.link_hash": "a hash",
    "erasures.receipt_hash": "a hash",
    "device_authorizations.browser_hash": "a hash",
    "device_authorizations.device_code_hash": "a hash",
    "device_authorizations.user_code_hash": "a hash under a key that passes with the code",
    "idempotency_keys.key_hash": "a hash",
    "idempotency_keys.request_hash": "a hash",
    "initial_access_tokens.token_hash": "a hash",
    "invitations.token_hash": "a hash",
    "known_devices.token_hash": "a hash",
    "mailed_links.token_hash": "a hash",
    "trail_contact_links.token_hash": "a hash",
    "offered_identities.hop_hash": "a hash",
    "offered_identities.sealed": "under a key that the browser's cookie gives",
    "partial_sign_ins.browser_hash": "a hash",
    "partial_sign_ins.sealed_codes": "under a key that the browser's cookie gives",
    "partial_sign_ins.token_hash": "a hash",
    "passkey_challenges.challenge_hash": "a hash",
    "passkey_owners.handle": "random, known to authenticators",
    "passkeys.credential_id": "known to browsers",
    "passkeys.public_key": "public",
    "pending_authorizations.browser_hash": "a hash",
    "pending_authorizations.handle_hash": "a hash",
    "pushed_requests.handle_hash": "a hash",
    "pictures.image": "shown to whoever knows its URL",
    "refresh_tokens.answer": "under a key that the token before gives",
    "refresh_tokens.token_hash": "a hash",
    "registrations.token_hash": "a hash",
    "sessions.browser_hash": "a hash",
    "tenant_copy_parts.content": "under the passphrase of who asked",
    "tenant_logos.png": "shown to whoever knows its URL",
    "tenant_logos.webp": "shown to whoever knows its URL",
    "trusted_browsers.token_hash": "a hash",
    "upstream_requests.sealed": "under a key that the state and the browser's cookie give",
    "upstream_requests.state_hash": "a hash",
    "used_assertions.jti_hash": "a hash",
    "used_grants.jti_hash": "a hash",
    "user_code_counters.source_hash": "a hash",
    "used_proofs.proof_hash": "a hash",
}


def test_every_binary_column_is_encrypted_anew_or_says_what_it_is() -> None:
    binary = {
        str(column)
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert ENCRYPTED | OTHER.keys() == binary
    assert not ENCRYPTED & OTHER.keys()


def test_each_of_them_is_found_by_one_column() -> None:
    """A place names a row by its primary key."""
    mappers: dict[str, Mapper[object]] = {
        mapper.class_.__tablename__: mapper for mapper in Base.registry.mappers
    }
    tables = {column.partition(".")[0] for column in ENCRYPTED}
    assert [name for name in tables if len(mappers[name].primary_key) != 1] == []


def test_a_key_that_is_derived_from_a_master_key_is_for_what_passes_soon() -> None:
    """The flow cookie, forms, nonces of proofs, the code that a device shows for minutes.

    Nothing stored for longer may depend on such a key.
    """
    found = [
        place(path, call)
        for path in modules("authserver")
        if name(path) != "authserver/core/crypto.py"
        for call in calls(path)
        if method(call) == "derive"
    ]
    assert {where.partition(":")[0] for where in found} == {
        "authserver/app.py",
        "authserver/moving/sealing.py",  # of a passphrase, not of a master key
        "authserver/wiring/administration.py",  # cursors of lists
        "authserver/wiring/pages/joined.py",
        "authserver/wiring/protocol.py",
    }

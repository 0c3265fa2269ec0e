"""The first schema."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The catalogue as it was when this revision was written.
ROLES = (
    (
        "admin",
        "system",
        "Administers one tenant: people, roles, clients, sign-in.",
        [
            "audit:export",
            "audit:read",
            "billing:read",
            "billing:write",
            "clients:read",
            "clients:write",
            "connections:read",
            "connections:write",
            "keys:read",
            "roles:assign",
            "roles:read",
            "roles:write",
            "sessions:end",
            "sessions:read",
            "tenants:read",
            "usage:read",
            "users:read",
            "users:unlock",
            "users:write",
        ],
    ),
    (
        "PLATFORM_ADMIN",
        "system",
        "Administers the whole installation and every tenant.",
        [
            "audit:export",
            "audit:read",
            "billing:read",
            "billing:write",
            "clients:read",
            "clients:write",
            "connections:read",
            "connections:write",
            "health:read",
            "keys:read",
            "keys:rotate",
            "roles:assign",
            "roles:read",
            "roles:write",
            "sessions:end",
            "sessions:read",
            "tenants:read",
            "tenants:write",
            "usage:read",
            "users:read",
            "users:unlock",
            "users:write",
        ],
    ),
    (
        "admin_viewer",
        "system",
        "Sees everything an administrator sees and changes nothing.",
        [
            "audit:read",
            "billing:read",
            "clients:read",
            "connections:read",
            "health:read",
            "keys:read",
            "roles:read",
            "sessions:read",
            "tenants:read",
            "usage:read",
            "users:read",
        ],
    ),
    (
        "SALES_REP",
        "sales",
        "Sells: sees customers' tenants and people.",
        ["tenants:read", "users:read"],
    ),
    (
        "SALES_MANAGER",
        "sales",
        "Leads sales: sees tenants, people and usage.",
        ["tenants:read", "usage:read", "users:read"],
    ),
    (
        "ACCOUNT_MANAGER",
        "sales",
        "Looks after accounts: tenants, people, usage and bills.",
        ["billing:read", "tenants:read", "usage:read", "users:read"],
    ),
    (
        "NOC_OPERATOR",
        "operations",
        "Watches the platform: health and sessions.",
        ["health:read", "sessions:read", "tenants:read"],
    ),
    (
        "NOC_MANAGER",
        "operations",
        "Leads the operations centre and ends sessions.",
        [
            "audit:read",
            "health:read",
            "sessions:end",
            "sessions:read",
            "tenants:read",
            "usage:read",
        ],
    ),
    (
        "CLOUD_OPS",
        "operations",
        "Runs the cloud: clients, keys and health.",
        ["clients:read", "health:read", "keys:read", "tenants:read", "usage:read"],
    ),
    (
        "OPERATIONS_MANAGER",
        "operations",
        "Leads operations: clients, sessions, usage, trail.",
        [
            "audit:read",
            "clients:read",
            "health:read",
            "keys:read",
            "sessions:end",
            "sessions:read",
            "tenants:read",
            "usage:read",
        ],
    ),
    (
        "SUPPORT_AGENT",
        "support",
        "Helps people: sees and unlocks accounts.",
        ["roles:read", "sessions:read", "users:read", "users:unlock"],
    ),
    (
        "SUPPORT_MANAGER",
        "support",
        "Leads support: also ends sessions and reads the trail.",
        ["audit:read", "roles:read", "sessions:end", "sessions:read", "users:read", "users:unlock"],
    ),
    (
        "FINANCE_ANALYST",
        "finance",
        "Reads usage and bills.",
        ["billing:read", "tenants:read", "usage:read"],
    ),
    (
        "FINANCE_MANAGER",
        "finance",
        "Leads finance: reads usage, changes billing.",
        ["billing:read", "billing:write", "tenants:read", "usage:read"],
    ),
    (
        "SECURITY_ANALYST",
        "other",
        "Investigates: trail, sessions, people, clients.",
        [
            "audit:export",
            "audit:read",
            "clients:read",
            "connections:read",
            "keys:read",
            "roles:read",
            "sessions:read",
            "users:read",
        ],
    ),
    (
        "product_manager",
        "other",
        "Follows the product: tenants, clients and usage.",
        ["clients:read", "tenants:read", "usage:read"],
    ),
    (
        "EXECUTIVE",
        "other",
        "Sees figures: usage, bills and health.",
        ["billing:read", "health:read", "tenants:read", "usage:read"],
    ),
    (
        "customer_viewer",
        "other",
        "A customer's reader: its own people and usage.",
        ["usage:read", "users:read"],
    ),
)

# What an event says; its place in the sequence comes later, once.
RECORDED = (
    "id",
    "tenant_id",
    "occurred_at",
    "type",
    "actor_ref",
    "subject_ref",
    "resource",
    "correlation_id",
    "body",
    "leaf",
)
GUARDED = {
    "sqlite": (
        *(
            f"CREATE TRIGGER builtin_roles_refuse_{verb.lower()} BEFORE {verb} ON builtin_roles"
            " BEGIN SELECT RAISE(ABORT, 'built-in roles are immutable'); END"
            for verb in ("INSERT", "UPDATE", "DELETE")
        ),
        (
            "CREATE TRIGGER audit_events_refuse_delete BEFORE DELETE ON audit_events"
            " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
        ),
        (
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" WHEN {' OR '.join(f'NEW.{c} IS NOT OLD.{c}' for c in RECORDED)}"
            " OR OLD.seq IS NOT NULL OR EXISTS (SELECT 1 FROM audit_events"
            " WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq)"
            " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
        ),
        # INSERT OR REPLACE deletes what is in its way without asking the trigger above.
        (
            "CREATE TRIGGER audit_events_refuse_replace BEFORE INSERT ON audit_events"
            " WHEN NEW.seq IS NOT NULL"
            " OR EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)"
            " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION refuse_role_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'built-in roles are immutable'; END $$"
        ),
        (
            "CREATE TRIGGER builtin_roles_refuse_change"
            " BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON builtin_roles"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_role_change()"
        ),
        (
            "CREATE FUNCTION refuse_trail_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$"
        ),
        (
            "CREATE TRIGGER audit_events_refuse_delete BEFORE DELETE OR TRUNCATE ON audit_events"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_trail_change()"
        ),
        (
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" FOR EACH ROW WHEN ({' OR '.join(f'NEW.{c} IS DISTINCT FROM OLD.{c}' for c in RECORDED)}"
            " OR OLD.seq IS NOT NULL)"
            " EXECUTE FUNCTION refuse_trail_change()"
        ),
    ),
}


def guard() -> None:
    columns = ("name", "domain", "description", "permissions")
    roles = sa.table(
        "builtin_roles",
        *(sa.column(name) for name in columns[:3]),
        sa.column("permissions", Document),
    )
    op.bulk_insert(roles, [dict(zip(columns, role, strict=True)) for role in ROLES])
    for statement in GUARDED[op.get_bind().dialect.name]:
        op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", UtcTime(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("actor_ref", sa.String(length=40), nullable=True),
        sa.Column("subject_ref", sa.String(length=40), nullable=True),
        sa.Column("resource", sa.String(length=120), nullable=True),
        sa.Column("correlation_id", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_audit_events_tenant_id_seq")),
    )
    op.create_index(
        op.f("ix_audit_events_occurred_at"), "audit_events", ["occurred_at"], unique=False
    )
    op.create_table(
        "audit_subjects",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_audit_subjects")),
        sa.UniqueConstraint(
            "tenant_id", "principal_id", name=op.f("uq_audit_subjects_tenant_id_principal_id")
        ),
    )
    op.create_index(
        op.f("ix_audit_subjects_principal_id"), "audit_subjects", ["principal_id"], unique=False
    )
    op.create_table(
        "builtin_roles",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("permissions", Document, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_builtin_roles")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance", sa.String(length=40), nullable=False),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.Column("password_pepper", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=True),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
    )
    op.create_index(
        "ix_outbox_messages_due", "outbox_messages", ["sent_at", "due_at"], unique=False
    )
    op.create_index(
        op.f("ix_outbox_messages_user_id"), "outbox_messages", ["user_id"], unique=False
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=True),
        sa.Column("website", sa.String(length=2048), nullable=True),
        sa.Column("own_issuer", sa.Boolean(), nullable=False),
        sa.Column("suspended_at", UtcTime(), nullable=True),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "type IN ('customer', 'partner', 'internal')", name=op.f("ck_tenants_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("auth_method", sa.String(length=32), nullable=False),
        sa.Column("grant_types", Document, nullable=False),
        sa.Column("redirect_uris", Document, nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("audiences", Document, nullable=False),
        sa.Column("ip_allowlist", Document, nullable=False),
        sa.Column("rate", sa.String(length=32), nullable=True),
        sa.Column("pkce_required", sa.Boolean(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("at_tenant_issuer", sa.Boolean(), nullable=False),
        sa.Column("serves", Document, nullable=False),
        sa.Column("access_token_alg", sa.String(length=8), nullable=False),
        sa.Column("id_token_alg", sa.String(length=8), nullable=False),
        sa.Column("jwks", Document, nullable=True),
        sa.Column("policy_uri", sa.String(length=2048), nullable=True),
        sa.Column("tos_uri", sa.String(length=2048), nullable=True),
        sa.Column("disabled_at", UtcTime(), nullable=True),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_clients_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_clients_tenant_id_id")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("issuer_tenant_id", sa.String(length=40), nullable=True),
        sa.Column("alg", sa.String(length=8), nullable=False),
        sa.Column("public_jwk", Document, nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("signs_from", UtcTime(), nullable=False),
        sa.Column("signs_until", UtcTime(), nullable=True),
        sa.Column("published_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issuer_tenant_id"], ["tenants.id"], name=op.f("fk_signing_keys_issuer_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_index(
        op.f("ix_signing_keys_issuer_tenant_id"), "signing_keys", ["issuer_tenant_id"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_canonical", sa.String(length=320), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=True),
        sa.Column("zoneinfo", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=128), nullable=True),
        sa.Column("password_changed_at", UtcTime(), nullable=True),
        sa.Column("password_reset_required", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", UtcTime(), nullable=True),
        sa.Column("security_epoch", sa.Integer(), nullable=False),
        sa.Column("home_user_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["home_user_id"], ["users.id"], name=op.f("fk_users_home_user_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_users_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint(
            "tenant_id", "email_canonical", name=op.f("uq_users_tenant_id_email_canonical")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_users_tenant_id_id")),
    )
    op.create_index(op.f("ix_users_email_canonical"), "users", ["email_canonical"], unique=False)
    op.create_table(
        "client_origins",
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_client_origins_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("client_id", "origin", name=op.f("pk_client_origins")),
    )
    op.create_index(op.f("ix_client_origins_origin"), "client_origins", ["origin"], unique=False)
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_client_secrets_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secrets")),
    )
    op.create_index(
        op.f("ix_client_secrets_client_id"), "client_secrets", ["client_id"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("client_tenant_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("resources", Document, nullable=False),
        sa.Column("granted_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_consents_client_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_consents_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "tenant_id",
            "user_id",
            "client_id",
            name=op.f("uq_consents_tenant_id_user_id_client_id"),
        ),
    )
    op.create_table(
        "failure_counters",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_failure_counters_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("user_id", "device", name=op.f("pk_failure_counters")),
    )
    op.create_table(
        "known_devices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_known_devices_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint(
            "user_id", "token_hash", name=op.f("uq_known_devices_user_id_token_hash")
        ),
    )
    op.create_index(op.f("ix_known_devices_user_id"), "known_devices", ["user_id"], unique=False)
    op.create_table(
        "pending_authorizations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("parameters", Document, nullable=False),
        sa.Column("consented_by", sa.String(length=40), nullable=True),
        sa.Column("denied_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_pending_authorizations_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_authorizations")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_pending_authorizations_handle_hash")),
    )
    op.create_index(
        op.f("ix_pending_authorizations_expires_at"),
        "pending_authorizations",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.String(length=80), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_revoked_tokens_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_tokens")),
    )
    op.create_index(
        op.f("ix_revoked_tokens_expires_at"), "revoked_tokens", ["expires_at"], unique=False
    )
    op.create_table(
        "role_assignments",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("assigned_at", UtcTime(), nullable=False),
        sa.Column("assigned_by", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["role"], ["builtin_roles.name"], name=op.f("fk_role_assignments_role")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_role_assignments_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_role_assignments")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("amr", Document, nullable=False),
        sa.Column("auth_time", UtcTime(), nullable=False),
        sa.Column("user_epoch", sa.Integer(), nullable=False),
        sa.Column("tenant_epoch", sa.Integer(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("user_agent", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_sessions_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_sessions_tenant_id_id")),
    )
    op.create_index(op.f("ix_sessions_browser_hash"), "sessions", ["browser_hash"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "used_assertions",
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_used_assertions_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_used_assertions")),
    )
    op.create_index(
        op.f("ix_used_assertions_expires_at"), "used_assertions", ["expires_at"], unique=False
    )
    op.create_table(
        "authorization_codes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("client_tenant_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("redirect_uri", sa.String(length=2048), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=True),
        sa.Column("nonce", sa.String(length=2048), nullable=True),
        sa.Column("scope", Document, nullable=False),
        sa.Column("resources", Document, nullable=False),
        sa.Column("family_id", sa.String(length=40), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_authorization_codes_client_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            name=op.f("fk_authorization_codes_tenant_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_authorization_codes_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_authorization_codes_code_hash")),
    )
    op.create_index(
        op.f("ix_authorization_codes_expires_at"),
        "authorization_codes",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "token_families",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("client_tenant_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("resources", Document, nullable=False),
        sa.Column("nonce", sa.String(length=2048), nullable=True),
        sa.Column("auth_time", UtcTime(), nullable=False),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("amr", Document, nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("user_epoch", sa.Integer(), nullable=False),
        sa.Column("client_epoch", sa.Integer(), nullable=False),
        sa.Column("tenant_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("revoked_because", sa.String(length=32), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_token_families_client_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            name=op.f("fk_token_families_tenant_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_token_families_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_token_families_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_token_families_expires_at"), "token_families", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_token_families_session_id"), "token_families", ["session_id"], unique=False
    )
    op.create_index(op.f("ix_token_families_user_id"), "token_families", ["user_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("family_id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("successor_id", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "family_id"],
            ["token_families.tenant_id", "token_families.id"],
            name=op.f("fk_refresh_tokens_tenant_id_family_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index(
        op.f("ix_refresh_tokens_expires_at"), "refresh_tokens", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_refresh_tokens_family_id"), "refresh_tokens", ["family_id"], unique=False
    )
    guard()


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first schema")

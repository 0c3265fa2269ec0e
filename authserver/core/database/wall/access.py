"""The role that the server works as: it owns nothing, and may do what the server has to.

Owners are not bound by policies, nor is a role that may do everything: behind such a role the
second wall does not stand.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, make_url, text

from authserver.core.database.wall.scope import has_walls
from authserver.core.problems import Refused
from authserver.core.values.said import said

# What the program reads and only a migration writes; the trail and the proof of consents only grow.
_LESS = {
    "alembic_version": "INSERT, UPDATE, DELETE",
    "builtin_roles": "INSERT, UPDATE, DELETE",
    "audit_events": "UPDATE, DELETE",
    "audit_nodes": "UPDATE, DELETE",
    "audit_heads": "UPDATE, DELETE",
    "audit_checkpoints": "UPDATE, DELETE",
    "audit_checkpoint_nodes": "UPDATE, DELETE",
    "audit_trees": "DELETE",
    "audit_leases": "INSERT, DELETE",
    "audit_keys": "DELETE",
    "audit_contradictions": "DELETE",
    "audit_cosignatures": "UPDATE, DELETE",
    "consent_records": "UPDATE, DELETE",
    "consent_texts": "UPDATE, DELETE",
}
# An event gets its place, and is emptied when its time is over; a trigger allows nothing else.
_EMPTIED = "body, actor_ref, subject_ref, resource, correlation_id"
_MORE = {"audit_events": f"UPDATE (seq, chain, {_EMPTIED})"}
_FIND = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :name"
# True where policies hold for whoever asks: not for owners, nor for who may do everything.
_HOLDS = """
    SELECT bool_and(row_security_active(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND relname <> 'alembic_version'
"""


@dataclass(frozen=True)
class Role:
    """Who the server is at the database."""

    name: str
    password: str | None

    @classmethod
    def of(cls, url: str) -> "Role | None":
        """Return the one that a URL names."""
        parts = make_url(url)
        return None if parts.username is None else cls(parts.username, parts.password)


def admit(connection: Connection, role: Role) -> bool:
    """Let a role do what the server does, as the tables' owner; tell whether it had to be made.

    Raises Refused for a role behind which no wall stands.
    """
    quoted = connection.dialect.identifier_preparer.quote_identifier(role.name)
    unbound = connection.scalar(text(_FIND), {"name": role.name})
    if unbound:
        raise Refused(
            said(
                "The role %(name)s may see every row: row security would not hold.", name=role.name
            )
        )
    if unbound is None:
        connection.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN{_password(connection, role)}")
    schema = connection.dialect.identifier_preparer.quote_identifier(
        connection.scalar(text("SELECT current_schema()"))
    )
    grants = [
        f"USAGE ON SCHEMA {schema}",
        f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema}",
        f"USAGE ON ALL SEQUENCES IN SCHEMA {schema}",
    ]
    for grant in grants:
        connection.exec_driver_sql(f"GRANT {grant} TO {quoted}")
    for table, less in _LESS.items():
        connection.exec_driver_sql(f"REVOKE {less} ON {table} FROM {quoted}")
    for table, more in _MORE.items():
        connection.exec_driver_sql(f"GRANT {more} ON {table} TO {quoted}")
    return unbound is None


def holds(connection: Connection) -> bool:
    """Tell whether policies bind whoever the connection is."""
    return has_walls(connection) and bool(connection.scalar(text(_HOLDS)))


def _password(connection: Connection, role: Role) -> str:
    """Return the clause with the hash: the server's log may show the statement."""
    if role.password is None:
        return ""
    driver = connection.connection.driver_connection
    hashed = driver.pgconn.encrypt_password(  # type: ignore[union-attr]  # psycopg's
        role.password.encode(), role.name.encode(), b"scram-sha-256"
    ).decode()
    return f" PASSWORD '{hashed}'"

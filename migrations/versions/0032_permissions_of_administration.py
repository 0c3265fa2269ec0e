"""Permissions over a tenant's own settings and over API keys, in the built-in roles."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

GIVEN = {
    "PLATFORM_ADMIN": ["settings:read", "settings:write", "api_keys:read", "api_keys:write"],
    "admin": ["settings:read", "settings:write", "api_keys:read", "api_keys:write"],
    "admin_viewer": ["settings:read", "api_keys:read"],
    "SECURITY_ANALYST": ["api_keys:read"],
}
ROLES = sa.table("builtin_roles", sa.column("name"), sa.column("permissions", Document))


@contextmanager
def unguarded() -> Iterator[None]:
    """Set the triggers of built-in roles aside: only a migration may change them."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE builtin_roles DISABLE TRIGGER USER")
        yield
        op.execute("ALTER TABLE builtin_roles ENABLE TRIGGER USER")
        return
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'builtin_roles'"
    )
    triggers = bind.execute(sa.text(query)).all()
    for name, _ in triggers:
        op.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        op.execute(statement)


def change(role: str, *, more: list[str], fewer: list[str]) -> None:
    bind, mine = op.get_bind(), ROLES.c.name == role
    held = bind.scalar(sa.select(ROLES.c.permissions).where(mine))
    wanted = sorted({*held, *more} - {*fewer})
    bind.execute(sa.update(ROLES).where(mine).values(permissions=wanted))


def upgrade() -> None:
    with unguarded():
        for role, permissions in GIVEN.items():
            change(role, more=permissions, fewer=[])


def downgrade() -> None:
    with unguarded():
        for role, permissions in GIVEN.items():
            change(role, more=[], fewer=permissions)

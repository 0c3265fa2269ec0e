"""Alembic's entry: runs the migrations on the connection that the caller gives."""

from alembic import context

from authserver import schema
from authserver.core.database.types import UtcTime


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    if kind == "type" and isinstance(item, UtcTime):
        autogen_context.imports.add("from authserver.core.database.types import UtcTime")
        return "UtcTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    transaction_per_migration=False,
    render_item=render_item,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()

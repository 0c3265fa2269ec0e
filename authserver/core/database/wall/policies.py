"""The policies of row-level security, for migrations that make tables."""

from sqlalchemy import Connection, text

from authserver.core.database.wall.scope import PLATFORM, SETTING, has_walls

# Asked once for each statement, as a subquery, and not for each row. Planners take COALESCE for a
# half: an OR alone they take for a thousandth, and then plan badly for a tenant of half a million.
_WHOSE = f"(SELECT current_setting('{SETTING}', true))"
_RULES = {
    "tenant": "USING (COALESCE({whose} IN ({owner}, '{platform}'), false))",
    "platform": "USING (COALESCE({whose} = '{platform}', false))",
    "readable": "FOR SELECT USING (true)",
}


def secure(
    bind: Connection, table: str, *, owner: str | None = "tenant_id", readable: bool = False
) -> None:
    """Show a table's rows to the tenant that a column names, and to the platform.

    Without an owner the rows are the platform's; `readable` are those that every tenant may read.
    The table's owner, who migrates and makes backups, sees every row.
    """
    if not has_walls(bind):
        return
    bind.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    for name in names(owner=owner, readable=readable):
        rule = _RULES[name].format(whose=_WHOSE, owner=owner, platform=PLATFORM)
        bind.execute(text(f"CREATE POLICY {name} ON {table} {rule}"))


def open_up(bind: Connection, table: str) -> None:
    """Take a table's policies away."""
    if not has_walls(bind):
        return
    for name in _RULES:
        bind.execute(text(f"DROP POLICY IF EXISTS {name} ON {table}"))
    bind.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))


def names(*, owner: str | None, readable: bool) -> list[str]:
    """Return which policies such a table has."""
    return [*(["tenant"] if owner else ["platform"]), *(["readable"] if readable else [])]

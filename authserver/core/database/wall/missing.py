"""Where the second wall has a hole: tables without the policies that their models ask for."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, text

from authserver.core.database.tenancy import Base, Platform, TenantItself, TenantScoped
from authserver.core.database.wall.policies import names
from authserver.core.database.wall.scope import has_walls

_SECURED = """
    SELECT relname FROM pg_class
    WHERE relrowsecurity AND relnamespace = current_schema()::regnamespace
"""
_POLICIES = (
    "SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = current_schema()"
)


def holes(connection: Connection) -> list[str]:
    """Return what is missing, in words; nothing where all is well, or where there are no walls."""
    if not has_walls(connection):
        return []
    secured = {name for (name,) in connection.execute(text(_SECURED))}
    present: dict[str, dict[str, str]] = defaultdict(dict)
    for table, policy, rule in connection.execute(text(_POLICIES)):
        present[table][policy] = rule
    found = []
    for mapper in sorted(Base.registry.mappers, key=lambda m: str(m.local_table)):
        table = str(mapper.local_table)
        owner, readable = _owner(mapper.class_), _is_readable(mapper.class_)
        wanted = names(owner=owner, readable=readable)
        if table not in secured:
            found.append(f"{table} has no row security")
        elif sorted(present[table]) != sorted(wanted):
            found.append(f"{table} has the policies {sorted(present[table])}, not {wanted}")
        elif owner and f"{owner})" not in present[table]["tenant"].replace("(", " "):
            found.append(f"{table} is not shown by its {owner}")
    return found


def _owner(model: type[Any]) -> str | None:
    if issubclass(model, TenantScoped):
        return "tenant_id"
    return "id" if issubclass(model, TenantItself) else None


def _is_readable(model: type[Any]) -> bool:
    return issubclass(model, Platform) and model.readable

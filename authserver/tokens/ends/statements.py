"""What remembers clients, and finds those of sessions that are over."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, insert, literal_column, not_, select, update

from authserver.core.database.types import UtcTime
from authserver.sessions.statements import lives
from authserver.tokens.models import LogoutNotice

_NOTICE = (
    *("id", "tenant_id", "session_id", "user_id", "issuer"),
    *("client_tenant_id", "client_id", "attempts", "created_at"),
)
_NEW_NOTICE: Mapping[str, Any] = {
    name: bindparam(f"new_{name}", type_=LogoutNotice.__table__.c[name].type) for name in _NOTICE
}
# A client that gets tokens of the session again has to be told again.
REMEMBER_CLIENT = insert(LogoutNotice.__table__).from_select(  # type: ignore[arg-type]  # a Table, declared FromClause
    list(_NEW_NOTICE),
    select(*_NEW_NOTICE.values())
    .where(literal_column("1") == literal_column("1"))  # SQLite: else ON would be of a join
    .suffix_with(
        "ON CONFLICT (tenant_id, session_id, client_id) DO UPDATE SET due_at = NULL,"
        " attempts = 0, claimed_until = NULL, sent_at = NULL, failed_at = NULL, last_error = NULL"
        " WHERE logout_notices.due_at IS NOT NULL"
    ),
    include_defaults=False,
)

_SESSION_IS_OVER = and_(
    LogoutNotice.due_at.is_(None), not_(lives(LogoutNotice.tenant_id, LogoutNotice.session_id))
)
# Whatever ended a session, and whether anybody noticed: what is live no more is found here.
ANY_IS_OVER = select(LogoutNotice.id).where(_SESSION_IS_OVER).limit(literal_column("1"))
TELL_CLIENTS = (
    update(LogoutNotice.__table__)  # type: ignore[arg-type]  # the same
    .where(_SESSION_IS_OVER)
    .values(due_at=bindparam("now", type_=UtcTime()))
)

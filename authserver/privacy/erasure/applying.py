"""The rule of each personal column, applied: a few rows at a time, children before parents.

Which rows are a person's, the catalogue of what is kept says by its `owner`; what is theirs by an
address, or by the row that it belongs to, is said here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, or_, select, tuple_

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.core.database.personal import OnErasure
from authserver.core.database.tenancy import Base
from authserver.invitations.models import Invitation
from authserver.oauth.models import PendingAuthorization
from authserver.privacy.exports.models import DataExport, DataExportPart
from authserver.privacy.registry.catalogue import KEPT
from authserver.privacy.registry.service import personal_of
from authserver.registration.models import RegistrationRequest
from authserver.tokens.models import RefreshToken, TokenFamily

AT_ONCE = 500  # rows of one step
# Done at the very end, beside the account itself: an event names the person until then.
LAST = frozenset(("audit_subjects", "users"))

Owned = Callable[[User], ColumnElement[bool]]
_ALSO: Mapping[str, Owned] = MappingProxyType(
    {
        "refresh_tokens": lambda user: RefreshToken.family_id.in_(
            select(TokenFamily.id).where(TokenFamily.user_id == user.id)
        ),
        "data_export_parts": lambda user: DataExportPart.export_id.in_(
            select(DataExport.id).where(DataExport.user_id == user.id)
        ),
        "invitations": lambda user: or_(
            Invitation.user_id == user.id, Invitation.address == user.email_canonical
        ),
        "registrations": lambda user: or_(
            RegistrationRequest.user_id == user.id,
            RegistrationRequest.address == user.email_canonical,
        ),
        "pending_authorizations": lambda user: or_(
            PendingAuthorization.person_id == user.id, PendingAuthorization.account_id == user.id
        ),
    }
)


def going() -> tuple[str, ...]:
    """Return the tables whose rows of a person go, in the order in which they can."""
    names = (str(table.name) for table in reversed(Base.metadata.sorted_tables))
    return tuple(name for name in names if name not in LAST and _goes(name))


def blanked() -> Mapping[str, tuple[str, ...]]:
    """Return the columns that are emptied, by their tables: those of rows that stay."""
    found = {
        table.name: tuple(
            column.name
            for column in table.columns
            if (said := personal_of(column)) and said.on_erasure is OnErasure.BLANK
        )
        for table in Base.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


def delete_some(transaction: Transaction, user: User) -> tuple[str, int] | None:
    """Delete some rows of a person: of which table, and how many. None once there are no more."""
    for name in going():
        gone = _delete(transaction, user, name)
        if gone:
            return name, gone
    return None


def blank(transaction: Transaction, user: User) -> None:
    """Empty what stays of a person, the account last. It can be told from no other one."""
    session = transaction.tenant(user.tenant_id)
    for name, columns in blanked().items():
        for row in session.scalars(select(_model(name)).where(_of(name, user))):
            for column in columns:
                setattr(row, column, _nothing(row, column))
    # No two accounts of a tenant have the same; an id is no address.
    user.email_canonical = user.id
    session.flush()


def _goes(name: str) -> bool:
    if name in _ALSO:
        return True
    kept = KEPT.get(name)
    if kept is None or kept.owner is None:
        return False
    declared = map(personal_of, Base.metadata.tables[name].columns)
    rules = {one.on_erasure for one in declared if one}
    return kept.goes or OnErasure.DELETE_ROW in rules


def _delete(transaction: Transaction, user: User, name: str) -> int:
    model = _model(name)
    keys: Sequence[Any] = [
        getattr(model, inspect(model).get_property_by_column(column).key)
        for column in inspect(model).primary_key
    ]
    key = keys[0] if len(keys) == 1 else tuple_(*keys)
    # The newest first: a family of tokens may have a younger one below it.
    some = select(*keys).where(_of(name, user)).order_by(*(one.desc() for one in keys))
    gone = delete(model).where(key.in_(some.limit(AT_ONCE)))
    session = transaction.tenant(user.tenant_id)
    result: Any = session.execute(gone.execution_options(synchronize_session=False))
    return int(result.rowcount)


def _of(name: str, user: User) -> ColumnElement[bool]:
    if name in _ALSO:
        return _ALSO[name](user)
    owned: ColumnElement[bool] = getattr(_model(name), KEPT[name].owner or "") == user.id
    return owned


def _nothing(row: Any, column: str) -> object:  # noqa: ANN401  of any model
    kind = inspect(type(row)).columns[column]
    return None if kind.nullable else kind.type.python_type()


def _model(table: str) -> Any:  # noqa: ANN401  any model
    return next(model for model in _models() if model.__tablename__ == table)


def _models() -> Iterator[type[Any]]:
    return (mapper.class_ for mapper in Base.registry.mappers)

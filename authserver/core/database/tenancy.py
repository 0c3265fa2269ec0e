"""Tenant isolation of the database session, on by default.

A `TenantSession` belongs to one tenant for its whole life: every ORM statement gets the criterion,
whatever is not an ORM statement is refused, and nothing of another tenant can be added or moved.
The tables that belong to nobody (`Platform`) are refused too, unless they say that all may read.
"""

from functools import lru_cache
from typing import Any, ClassVar, NoReturn

from sqlalchemy import Column, Connection, MetaData, String, Table, event
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from authserver.core.database.wall.scope import PLATFORM, TENANT_ID, Scope, Unwalled

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class IsolationError(Exception):
    """The program tried to reach across tenants: a defect, never an answer."""


class Base(DeclarativeBase):
    """The declarative base of every model."""

    metadata = MetaData(naming_convention=NAMING)


class TenantScoped:
    """A row that belongs to one tenant."""

    tenant_id: Mapped[str] = mapped_column(String(40), nullable=False, info={"personal": None})


class TenantItself:
    """The tenant's own row: scoped by its primary key."""

    id: Mapped[str] = mapped_column(String(40), primary_key=True, info={"personal": None})


class Platform:
    """A row of the installation. `readable` says whether tenant sessions may read it."""

    readable: ClassVar[bool] = False


class PlatformSession(Session):
    """Sees every tenant. Only tenants/resolve.py and named platform services open one."""

    # Whose rows it reaches, as it tells the database.
    whose = PLATFORM

    def __init__(self, connection: Connection, scope: Scope | None = None) -> None:
        """Join the transaction of `connection` and leave its end to others.

        Without a scope the database is not told whose rows are to be reached.
        """
        super().__init__(connection, join_transaction_mode="rollback_only", autoflush=True)
        self._scope = scope or Unwalled()

    def enter(self) -> None:
        """Have the database show what this session may reach, and nothing else."""
        self._scope.enter(self.whose)

    def plan_anew(self) -> None:
        """Have what follows planned for its own values: for lists, whose filters differ in worth.

        What was prepared on the server is else planned once for whatever values.
        """
        self.enter()
        self._scope.plan_anew()

    def commit(self) -> NoReturn:
        """Refuse: the transaction ends in core/database/engine.py."""
        raise IsolationError("services never commit")


class TenantSession(PlatformSession):
    """Sees one tenant and nothing else."""

    def __init__(self, connection: Connection, tenant_id: str, scope: Scope | None = None) -> None:
        """Bind the session to a tenant for its whole life."""
        if not TENANT_ID.fullmatch(tenant_id):
            raise IsolationError("not the id of a tenant")
        super().__init__(connection, scope)
        self.tenant_id = self.whose = tenant_id

    def connection(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: a bare connection knows no tenant."""
        raise IsolationError("a tenant session gives no connection")

    def _refuse_bulk(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: bulk operations pass no event and so no check."""
        raise IsolationError("a tenant session writes objects, not mappings")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse_bulk

    def confine(self, state: ORMExecuteState) -> None:
        """Give a statement the tenant's criteria, or refuse it."""
        if not state.is_orm_statement or state.is_insert or state.is_from_statement:
            raise IsolationError("a tenant session runs ORM select, update and delete only")
        if not state.is_select:
            _check_change(state)
        for model in {*_models(state.statement), *(m.class_ for m in state.all_mappers)}:
            self._admit(model, reading=state.is_select)
        state.statement = state.statement.options(*_criteria(self.tenant_id))

    def refuse_foreign(self, row: object) -> None:
        """Refuse an object that another session loaded for another tenant."""
        if vars(row).get(_owner(type(row))) not in {None, self.tenant_id}:
            raise IsolationError(f"{type(row).__name__} of another tenant")

    def _admit(self, model: type[Any], *, reading: bool) -> None:
        if issubclass(model, TenantScoped | TenantItself):
            return
        if not (reading and issubclass(model, Platform) and model.readable):
            raise IsolationError(f"{model.__name__} is not for a tenant session")

    def inspect(self) -> None:
        """Refuse pending changes that concern another tenant, and give new rows this one."""
        for row in [*self.new, *self.dirty, *self.deleted]:
            self._admit(type(row), reading=False)
            attribute = _owner(type(row))
            if getattr(row, attribute) is None and row in self.new:
                setattr(row, attribute, self.tenant_id)
            if getattr(row, attribute) != self.tenant_id:
                raise IsolationError(f"{type(row).__name__} of another tenant")


# For the class, once: listeners of each session would cost more than the session. Those of the
# class above come first, for both.
event.listen(PlatformSession, "do_orm_execute", lambda state: state.session.enter())
event.listen(PlatformSession, "before_flush", lambda session, *_: session.enter())
event.listen(TenantSession, "do_orm_execute", lambda state: state.session.confine(state))
event.listen(TenantSession, "before_attach", lambda session, row: session.refuse_foreign(row))
event.listen(TenantSession, "before_flush", lambda session, *_: session.inspect())


@lru_cache(1024)
def _criteria(tenant_id: str) -> tuple[Any, Any]:
    return (
        with_loader_criteria(
            TenantScoped, lambda cls: cls.tenant_id == tenant_id, include_aliases=True
        ),
        with_loader_criteria(TenantItself, lambda cls: cls.id == tenant_id, include_aliases=True),
    )


def _owner(model: type[Any]) -> str:
    return "id" if issubclass(model, TenantItself) else "tenant_id"


def _check_change(state: ORMExecuteState) -> None:
    """Refuse changes by lists of primary keys, which get no criterion, and moves."""
    if state.parameters or state.execution_options.get("dml_strategy", "auto") != "auto":
        raise IsolationError("a tenant session changes rows by criteria only")
    statement: Any = state.statement
    owners = {_owner(mapper.class_) for mapper in state.all_mappers}
    if state.is_update and any(getattr(c, "key", c) in owners for c in statement._values or ()):  # noqa: SLF001  no public view
        raise IsolationError("a row never moves to another tenant")


def _models(statement: Any) -> set[type[Any]]:  # noqa: ANN401  any statement
    """Return every model that a statement reads, at any depth; a bare table gets no criterion."""
    models, reached, mapped = set(), set(), set()
    for element in visitors.iterate(statement):
        entity = element._annotations.get("parententity")  # noqa: SLF001  no public view
        if entity is not None:
            models.add(entity.mapper.class_)
            mapped.add(entity.mapper.local_table)
        elif isinstance(element, Table):
            reached.add(element)
        elif isinstance(element, Column) and isinstance(element.table, Table):
            reached.add(element.table)
    for table in reached - mapped:
        raise IsolationError(f"the table {table.name} is not reached through its model")
    return models

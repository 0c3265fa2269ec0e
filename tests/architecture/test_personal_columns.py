"""Every column says whether it is about a person, and what erasure does to it."""

from sqlalchemy import Column, Table

from authserver import schema
from authserver.core.database.personal import OnErasure, Personal
from authserver.core.database.tenancy import Base, Platform, TenantItself, TenantScoped
from tests.support.rows import each

TABLES = list(schema.metadata.sorted_tables)
COLUMNS = [column for table in TABLES for column in table.columns]
MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=str)


@each(column=COLUMNS)
def test_column_is_declared_personal_or_technical(column: "Column[object]") -> None:
    assert "personal" in column.info, "declare it with core.personal.personal or technical"
    assert isinstance(column.info["personal"], Personal | None)


@each(column=COLUMNS)
def test_column_that_erasure_blanks_can_be_blank(column: "Column[object]") -> None:
    """BLANK of a column that must not be null means the empty value of its type."""
    declared = column.info["personal"]
    if declared and declared.on_erasure is OnErasure.BLANK:
        assert not column.primary_key
        assert column.nullable or column.type.python_type in {str, bytes}


@each(model=MODELS)
def test_model_belongs_to_a_tenant_or_says_that_it_does_not(model: type[object]) -> None:
    kinds = [kind for kind in (TenantScoped, TenantItself, Platform) if issubclass(model, kind)]
    assert len(kinds) == 1


@each(table=TABLES)
def test_foreign_keys_inside_a_tenant_carry_the_tenant(table: Table) -> None:
    """(tenant_id, user_id) -> users(tenant_id, id): no row can point into another tenant."""
    single = [
        str(key.parent)
        for constraint in table.foreign_key_constraints
        if len(constraint.elements) == 1
        for key in constraint.elements
        if "tenant_id" in key.column.table.c
    ]
    assert single in ([], ["users.home_user_id"])  # a guest account's home is elsewhere

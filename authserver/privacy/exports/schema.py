"""The JSON Schema of a copy: docs/personal-data.schema.json is this."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer

from authserver.core.database.tenancy import Base
from authserver.core.database.types import UtcTime
from authserver.privacy.exports.sections import Section, sections
from authserver.privacy.exports.writing import FORMAT
from authserver.privacy.registry.catalogue import KEPT

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_ANYTHING: dict[str, Any] = {}


def schema() -> dict[str, Any]:
    """Return the schema."""
    tables = {section.table: _rows(section) for section in sections()}
    top = {
        "format": {"const": FORMAT},
        "id": _TEXT,
        "issuer": {"type": "string", "format": "uri"},
        "organization": _object({"id": _TEXT, "name": _TEXT}),
        "subject": _TEXT,
        "made_at": _TIME,
        "tables": _object(tables),
        "events": {"type": "array", "items": _event()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that is stored about a person",
        **_object(top),
    }


def _rows(section: Section) -> dict[str, Any]:
    table = Base.metadata.tables[section.table]
    columns = {name: _value(table.columns[name]) for name in section.columns}
    if section.table == "consent_records":
        columns["text"] = {"type": ["object", "null"]}
        columns["origin"] = _object({"address": _TEXT, "user_agent": _TEXT})
    return {
        "description": KEPT[section.table].purpose,
        "type": "array",
        "items": _object(columns),
    }


def _value(column: Column[Any]) -> dict[str, Any]:
    kind = column.type
    if isinstance(kind, JSON):
        return _ANYTHING
    if isinstance(kind, Boolean | Integer):
        return {"type": ["boolean" if isinstance(kind, Boolean) else "integer", "null"]}
    if isinstance(kind, UtcTime):
        return {"type": ["string", "null"], "format": "date-time"}
    return {"type": ["string", "null"]}


def _event() -> dict[str, Any]:
    return _object(
        {
            "id": _TEXT,
            "time": _TIME,
            "type": _TEXT,
            "actor": _object({"kind": _TEXT, "you": {"type": "boolean"}}),
            "resource": {"type": ["string", "null"]},
            "facts": {"type": "object"},
            "before": {"type": ["object", "null"]},
            "after": {"type": ["object", "null"]},
            "personal": {"type": "object", "additionalProperties": _TEXT},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }

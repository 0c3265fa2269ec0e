"""The API's description (OpenAPI 3.1), made of the operations that are executed."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from authserver.admin.caller import API
from authserver.admin.rest.operation import Does, Operation
from authserver.admin.rest.reading import JSON, MERGE_PATCH
from authserver.admin.sessions import HEADER as SESSION
from authserver.roles.catalogue import Permission

Schema = dict[str, object]

_REF = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"
_ALWAYS = (401, 403, 404, 429, 503)
_PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "correlation_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def document(operations: Sequence[Operation], *, title: str, version: str) -> bytes:
    """Return the description, encoded."""
    schemas = _schemas(operations)
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    described = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": API}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "bound_token": {"type": "http", "scheme": "dpop"},
                "session": {"type": "apiKey", "in": "header", "name": SESSION},
            },
        },
        "security": [{"token": []}, {"bound_token": []}, {"session": []}],
    }
    return orjson.dumps(described)


def _schemas(operations: Iterable[Operation]) -> Schema:
    given = {model for one in operations for model in (one.body, one.query) if model}
    shown = {one.shows for one in operations if one.shows}
    inputs = [(model, "validation") for model in given]
    outputs = [(model, "serialization") for model in shown]
    modes: list[tuple[type[BaseModel], str]] = sorted(
        [*inputs, *outputs], key=lambda pair: pair[0].__name__
    )
    _, found = models_json_schema(modes, ref_template=_REF)  # type: ignore[arg-type]  # a literal
    schemas: Schema = found.get("$defs", {})
    return schemas


def _operation(operation: Operation, schemas: Schema) -> dict[str, object]:
    described: dict[str, object] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_path(operation), *_query(operation, schemas), *_headers(operation)],
        "responses": _responses(operation),
    }
    if operation.permission is not None:
        described["description"] = _needs(operation.permission, *operation.also)
    if operation.body is not None:
        kind = MERGE_PATCH if operation.method == "PATCH" else JSON
        schema = {"$ref": _REF.format(model=operation.body.__name__)}
        described["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    return described


def _needs(*permissions: Permission) -> str:
    named = ", ".join(f"`{permission.value}`" for permission in permissions)
    return f"Needs the permission{'s' if len(permissions) > 1 else ''} {named}."


def _path(operation: Operation) -> list[object]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]


def _query(operation: Operation, schemas: Schema) -> list[object]:
    if operation.query is None:
        return []
    schema = schemas[operation.query.__name__]
    if not isinstance(schema, dict):
        return []
    properties: Mapping[str, object] = schema.get("properties", {})
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": one}
        for name, one in properties.items()
    ]


def _headers(operation: Operation) -> list[object]:
    name = {Does.CREATE: "Idempotency-Key", Does.CHANGE: "If-Match"}.get(operation.does)
    if name is None:
        return []
    return [{"name": name, "in": "header", "required": False, "schema": {"type": "string"}}]


def _responses(operation: Operation) -> dict[str, object]:
    statuses = {*_ALWAYS}
    if operation.body is not None:
        statuses |= {400, 409, 413, 415, 422}
    if operation.query is not None:
        statuses |= {400, 422}
    if operation.does is Does.CHANGE:
        statuses |= {400, 409, 412}
    problem = {"schema": {"$ref": _REF.format(model="Problem")}}
    responses: dict[str, object] = {
        str(status): {"description": HTTPStatus(status).phrase, "content": {_PROBLEM: problem}}
        for status in sorted(statuses)
    }
    success: dict[str, object] = {"description": HTTPStatus(operation.status).phrase}
    if operation.shows is not None:
        schema = {"$ref": _REF.format(model=operation.shows.__name__)}
        success["content"] = {JSON: {"schema": schema}}
    if operation.gives:
        success["content"] = {operation.gives: {"schema": {"type": "string", "format": "binary"}}}
    return {str(operation.status): success, **responses}

"""The protocol's endpoints as an OpenAPI document, for tools that read one."""

from typing import Any

from tests.fuzz.endpoints import ENDPOINTS, Endpoint

_TEXT = {"type": "string"}


def document() -> dict[str, Any]:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "The protocol", "version": "1"},
        "paths": {path: _item(endpoint) for path, endpoint in ENDPOINTS.items()},
    }


def _item(endpoint: Endpoint) -> dict[str, Any]:
    return {method.lower(): _operation(endpoint, method) for method in endpoint.methods}


def _operation(endpoint: Endpoint, method: str) -> dict[str, Any]:
    header = {"name": "Authorization", "in": "header", "schema": _TEXT}
    answers = {"default": {"description": "whatever it is"}}
    if method in {"GET", "DELETE"}:
        query = [{"name": name, "in": "query", "schema": _TEXT} for name in endpoint.parameters]
        return {"parameters": [header, *query], "responses": answers}
    kind = "application/json" if endpoint.json else "application/x-www-form-urlencoded"
    schema = {
        "type": "object",
        "properties": {name: {} if endpoint.json else _TEXT for name in endpoint.parameters},
    }
    return {
        "parameters": [header],
        "requestBody": {"content": {kind: {"schema": schema}}},
        "responses": answers,
    }

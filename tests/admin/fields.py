"""Every field of what an operation takes, by its description: texts, objects, and what has none."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from authserver.admin.rest.operation import Operation
from authserver.schema import metadata
from tests.admin.specimens import body, least

Made = Callable[[Any], Any]
# Every column that there is, and what frameworks were known to bind or to walk into.
COLUMNS = {column.name for table in metadata.sorted_tables for column in table.c}
FOREIGN = COLUMNS | {"__class__", "__proto__", "constructor", "is_admin", "tenant", "prototype"}


def texts(operation: Operation) -> Iterator[tuple[str, Made]]:
    """Return each place of a text in the body, with what makes a body of a text that goes there."""
    if operation.body is not None:
        for place, make in _below(operation, "string"):
            name = place.partition(".")[0]
            yield place, partial(_with, operation, name, make) if name != "*" else make


def _with(operation: Operation, name: str, make: Made, text: str) -> Any:
    """Return a body that would do, but for one field."""
    return {**body(operation), name: make(text)[name]}


def objects(operation: Operation) -> Iterator[tuple[str, Made]]:
    """Return each object with declared fields, with what makes a body of further ones in it."""
    if operation.body is not None:
        yield from _below(operation, "object")


def _below(operation: Operation, kind: str) -> Iterator[tuple[str, Made]]:
    schema = operation.body.model_json_schema() if operation.body is not None else {}
    yield from _places(schema, schema.get("$defs", {}), kind)


def declared(operation: Operation) -> set[str]:
    """Return the names of the query's parameters."""
    return set(operation.query.model_fields) if operation.query is not None else set()


def _places(
    schema: Mapping[str, Any], known: Mapping[str, Any], kind: str
) -> Iterator[tuple[str, Made]]:
    """Return the places of a kind below a description. Those of objects take fields to add."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from _places(option, known, kind)
    if schema.get("type") == "string" == kind:
        yield "", lambda text: text
    if schema.get("type") == "array":
        for place, make in _places(schema["items"], known, kind):
            yield f"[].{place}", lambda text, make=make: [make(text)]
    if schema.get("type") == "object":
        yield from _inside(schema, known, kind)


def _inside(
    schema: Mapping[str, Any], known: Mapping[str, Any], kind: str
) -> Iterator[tuple[str, Made]]:
    smallest = least(schema, known)
    names = set(schema.get("properties", ()))
    if kind == "object" and names:
        yield "", lambda more: {**{name: more[name] for name in more.keys() - names}, **smallest}
    for name, inner in schema.get("properties", {}).items():
        for place, make in _places(inner, known, kind):
            yield (
                f"{name}.{place}",
                lambda text, name=name, make=make: {**smallest, name: make(text)},
            )
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        if kind == "string":
            yield "*", lambda text: {**smallest, text: least(others, known)}
        for place, make in _places(others, known, kind):
            yield f"*.{place}", lambda text, make=make: {**smallest, "x": make(text)}

"""What a call brings, read strictly: each field once, typed, bounded, UTF-8 (TOP-19)."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from authserver.admin.rest.problems import UnfitFields, WrongType
from authserver.core import web
from authserver.core.values.said import legible, said
from authserver.core.web import MalformedRequest
from authserver.oauth.lane.request import MachineRequest

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_MAX_KEY = 128


def query(request: MachineRequest, model: type[BaseModel] | None) -> Any:  # noqa: ANN401  the model's instance
    """Return the query as the model has it. Raises MalformedRequest, UnfitFields."""
    given = request.environ.get("QUERY_STRING", "").encode("latin-1")
    values = {name: each[0] for name, each in web.parse_form(given).items()}
    if model is None:
        if values:
            raise UnfitFields([_unknown(name) for name in values])
        return None
    return _valid(model, values)


def body(
    request: MachineRequest, model: type[BaseModel] | None, *, largest: int = web.MAX_BODY
) -> Any:  # noqa: ANN401  the same
    """Return the body as the model has it. Raises MalformedRequest, WrongType, UnfitFields."""
    raw = web.read_body(request.environ, largest=largest)
    if model is None:
        if raw:
            raise MalformedRequest("this takes no body")
        return None
    expected = MERGE_PATCH if request.method == "PATCH" else JSON
    sent = str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if sent not in {expected, JSON}:
        raise WrongType(f"Send {expected}.")
    return _valid(model, _object(raw))


def version(request: MachineRequest) -> int | None:
    """Return the version that If-Match names; None for none, or any (`*`)."""
    sent = request.header("IF_MATCH").strip()
    if sent in {"", "*"}:
        return None
    number = sent.strip('"')
    if sent != f'"{number}"' or not (number.isascii() and number.isdigit()) or len(number) > 9:  # noqa: PLR2004  a version has fewer digits
        return -1  # of another representation: matches nothing
    return int(number)


def idempotency_key(request: MachineRequest) -> str | None:
    """Return the Idempotency-Key, if there is one. Raises MalformedRequest."""
    key = request.header("IDEMPOTENCY_KEY").strip().strip('"')
    if len(key) > _MAX_KEY or not key.isprintable():
        raise MalformedRequest(
            said("an Idempotency-Key has at most %(max_key)s characters", max_key=_MAX_KEY)
        )
    return key or None


def _object(raw: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedRequest("the body is not JSON in UTF-8", detail=str(error)) from error
    if not isinstance(found, dict):
        raise MalformedRequest("the body is not a JSON object")
    return found


def _valid(model: type[BaseModel], values: Mapping[str, object]) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UnfitFields.of(error) from error


def _unknown(name: str) -> Mapping[str, str]:
    return {
        "field": legible(name, 64),
        "code": "extra_forbidden",
        "message": "There is no such parameter",
    }

"""The JSON object in a request's body, parsed strictly."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from authserver.core.web import MalformedRequest, read_body, read_text
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import MachineRequest

JSON = "application/json"
_DEEPEST = 8


def read_object(request: MachineRequest) -> dict[str, Any]:
    """Return the members of the body. Raises OAuthError.

    What is named twice, nested deeply, no number or has control characters is refused.
    """
    if request.environ.get("QUERY_STRING"):
        raise _unfit("parameters belong into the request body")
    content_type = str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if content_type != JSON:
        raise _unfit(f"the request body must be {JSON}")
    try:
        text = read_body(request.environ).decode()
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _unfit("the request body is not JSON") from error
    if not isinstance(found, dict):
        raise _unfit("the request body is not a JSON object")
    _check(found, _DEEPEST)
    return found


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member comes twice")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check(value: object, deepest: int) -> None:
    """Refuse control characters, halves of characters, and what no metadata is as deep as."""
    if deepest < 0:
        raise _unfit("the request body is nested too deeply")
    if isinstance(value, str):
        try:
            read_text(value.encode())
        except (UnicodeEncodeError, MalformedRequest) as error:
            raise _unfit("a text is not UTF-8, or has control characters") from error
    elif isinstance(value, dict):
        for name, member in value.items():
            _check(name, deepest - 1)
            _check(member, deepest - 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, deepest - 1)


def _unfit(description: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", description)

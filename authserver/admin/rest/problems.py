"""Refusals of the API, as problem+json (RFC 9457), each with a code that does not change."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from authserver.core.problems import Problem
from authserver.core.values.said import legible

_MOST_OF_A_NAME = 64
_MOST_OF_A_MESSAGE = 1_000  # of a value among two hundred, it names the first ones


class UnfitFields(Problem):
    """Query or body are not as declared. Says where, and never what was sent."""

    status = 422
    code = "unfit_fields"
    title = "Some fields cannot be so"

    def __init__(self, fields: Sequence[Mapping[str, str]]) -> None:
        """Take what is wrong, each with `field`, `code` and `message`."""
        super().__init__(f"{len(fields)} field(s) cannot be so; see 'errors'.")
        self.fields = fields

    @classmethod
    def of(cls, error: ValidationError) -> "UnfitFields":
        """Put pydantic's words into ours."""
        return cls(
            [
                {
                    "field": _place(one["loc"]),
                    "code": one["type"],
                    "message": legible(one["msg"], _MOST_OF_A_MESSAGE),
                }
                for one in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            ]
        )

    def document(self, correlation_id: str) -> dict[str, object]:
        """Return the problem with its fields."""
        return {**super().document(correlation_id), "errors": list(self.fields)}


def _place(parts: Sequence[str | int]) -> str:
    """Return where in the body something is wrong. A name in it may be what somebody sent."""
    return ".".join(legible(str(part), _MOST_OF_A_NAME) for part in parts) or "body"


class NoSuchOperation(Problem):
    """There is nothing at this path."""

    status = 404
    code = "not_found"
    title = "Not found"


class WrongMethod(Problem):
    """The path is known, the method is not."""

    status = 405
    code = "method_not_allowed"
    title = "The method is not allowed here"


class WrongType(Problem):
    """The body is of another type."""

    status = 415
    code = "unsupported_media_type"
    title = "The body is of a type that is not understood"


class Changed(Problem):
    """Somebody changed it since the caller read it (RFC 9110 section 13.1.1)."""

    status = 412
    code = "changed_meanwhile"
    title = "It was changed since you read it"


class KeyReused(Problem):
    """The Idempotency-Key came with another request before."""

    status = 422
    code = "idempotency_key_reused"
    title = "The idempotency key was used for another request"

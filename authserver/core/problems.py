"""Refusals. A `Problem` is an answer, not an accident: the transaction it ends is committed.

The description is public; the detail is for the log alone.
"""

from collections.abc import Mapping

from authserver.core.values.said import legible


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """A refusal with a public answer (RFC 9457) and a private reason."""

    status = 400
    code = "invalid_request"
    title = "The request cannot be answered"
    field = ""  # of the request, where it is one that is wrong

    def __init__(
        self,
        description: str = "",
        *,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
        field: str = "",
    ) -> None:
        """Take what outsiders may read, what only the log may hold, extra headers, the field."""
        super().__init__(description or self.title)
        self.description = description or self.title
        self.detail = detail
        self.field = field or self.field
        self.headers = dict(headers or {})

    def document(self, correlation_id: str) -> dict[str, object]:
        """Return the members of an application/problem+json body."""
        detail = legible(self.description)
        wrong = {"field": self.field, "code": self.code, "message": detail}
        return {
            "type": f"urn:authserver:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": detail,
            "correlation_id": correlation_id,
            **({"errors": [wrong]} if self.field else {}),
        }


class NotFound(Problem):
    """There is no such thing, or none that the caller may know of."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(Problem):
    """The change contradicts the present state."""

    status = 409
    code = "conflict"
    title = "The change contradicts the present state"


class Refused(Problem):
    """The caller may not do this."""

    status = 403
    code = "refused"
    title = "Not allowed"


class TooManyRequests(Problem):
    """A rate limit was met; `Retry-After` says when to come back."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(Problem):
    """Something needed for the answer is not there for now."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, description: str = "", *, detail: str = "", retry_after: int = 1) -> None:
        """Take the seconds after which a retry is worthwhile."""
        headers = {"Retry-After": str(retry_after)}
        super().__init__(description, detail=detail, headers=headers)

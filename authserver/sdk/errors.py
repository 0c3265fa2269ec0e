"""The ways in which checking a token fails. A description is public, a detail is for the log."""

_SHOWN = 80


class TokenError(Exception):
    """A token could not be accepted; `str()` of it is public, `detail` never leaves the server."""

    def __init__(self, description: str, detail: str = "") -> None:
        super().__init__(description)
        self.description = description
        self.detail = detail


class InvalidToken(TokenError):  # noqa: N818 - RFC 6750's own name for it is invalid_token
    """The token is not acceptable: malformed, forged, expired or meant for somebody else."""


class ExpiredToken(InvalidToken):
    """The token was good and has run out: a new one helps."""


class InvalidProof(InvalidToken):
    """The token is bound to a key, and the proof of it is not acceptable (RFC 9449)."""


class TooManyProofs(TokenError):  # noqa: N818 - a state of this program, not a mistake of the caller
    """More proofs are remembered than there is room for; a second or two later there is."""

    retry_after = 5

    def __init__(self, detail: str) -> None:
        """Say how many."""
        super().__init__("Too many requests with proofs at once.", detail)


class KeysUnavailable(TokenError):  # noqa: N818 - a state of the issuer, not a mistake of the caller
    """The issuer's keys cannot be read, so that nothing can be said about the token."""

    def __init__(self, detail: str, *, retry_after: int) -> None:
        """Say why, and after how many seconds another attempt makes sense."""
        super().__init__("The keys that sign access tokens cannot be read at the moment.", detail)
        self.retry_after = retry_after


class CannotAsk(TokenError):  # noqa: N818 - a state of the issuer, not a mistake of the caller
    """The issuer does not say whose an API key is, so that nothing can be said about it."""

    retry_after = 1

    def __init__(self, detail: str) -> None:
        """Say why."""
        super().__init__("API keys cannot be checked at the moment.", detail)


class FetchError(Exception):
    """A document of the issuer could not be fetched or is not what it should be."""


def refused(detail: str) -> InvalidToken:
    """Return the one public answer to every unacceptable token; only the log learns the reason."""
    return InvalidToken("The access token is not valid.", detail)


def shown(value: object) -> str:
    """Return a foreign value in a form that is safe to log: escaped and cut."""
    # Cut before repr: a number or a list of 16 KB must not become a log line of 16 KB.
    text = ascii(value[:_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

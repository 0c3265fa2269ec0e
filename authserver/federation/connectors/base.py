"""What every connector takes and gives."""

from dataclasses import dataclass, field
from typing import Protocol

from authserver.federation.values import Identity, Tokens

_SHOWN = 64
_CANCELLED = "access_denied"
_ENDED = frozenset({"invalid_grant", "bad_refresh_token"})  # the second one is GitHub's
_TEMPORARY = frozenset({"server_error", "temporarily_unavailable"})


class UpstreamDown(Exception):  # noqa: N818  an outcome
    """The provider cannot be spoken with now; another way in is. The text is for the log."""


class UpstreamRefused(Exception):  # noqa: N818  an outcome
    """What came from the provider is not to be relied on. The text is for the log.

    `cancelled`: the person said no there (`error=access_denied`).
    """

    def __init__(self, reason: str, *, cancelled: bool = False) -> None:
        """Take the reason in plain words."""
        super().__init__(reason)
        self.cancelled = cancelled


class GrantEnded(UpstreamRefused):
    """The provider gives nothing for a code or a refresh token any more (`invalid_grant`)."""


class CannotAskAnew(UpstreamDown):
    """The provider never asks somebody again whom it knows: it is no way in where that is wanted.

    Known before anybody is sent there, so that nobody goes in vain.
    """


def outcome_of(error: str) -> UpstreamDown | UpstreamRefused:
    """Return what an error code of the provider means, in the callback or at its token endpoint.

    The code is for the log, shortened: whoever opens the callback chooses it.
    """
    reason = f"the provider said {error[:_SHOWN]!r}"
    if error in _TEMPORARY:
        return UpstreamDown(reason)
    if error in _ENDED:
        return GrantEnded(reason)
    return UpstreamRefused(reason, cancelled=error == _CANCELLED)


@dataclass(frozen=True)
class Start:
    """What an authorization request upstream is made from.

    `anew`: the person has to prove it again there, whatever session is open.
    """

    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    login_hint: str | None = None
    anew: bool = False
    ui_locales: tuple[str, ...] = ()


@dataclass(frozen=True)
class Callback:
    """What came back with the browser, and what this sign-in was begun with.

    `issuer` is the `iss` of the response (RFC 9207), if there was one.
    """

    code: str = field(repr=False)
    issuer: str | None
    redirect_uri: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    anew: bool = False


@dataclass(frozen=True)
class Answer:
    """Who it is by the provider's word, and its tokens."""

    identity: Identity
    tokens: Tokens


class Connector(Protocol):
    """Speaks with the provider of one connection. Every method may take seconds: never in a job."""

    def authorization_url(self, start: Start) -> str:
        """Return where to send the browser. Raises UpstreamDown."""

    def finish(self, callback: Callback) -> Answer:
        """Redeem the code and check everything. Raises UpstreamDown, UpstreamRefused."""

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens. Raises UpstreamDown, UpstreamRefused, of which GrantEnded."""

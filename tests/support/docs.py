"""The documents that are generated: `python -m tests.support.docs` writes them anew.

A test compares them with what the code says, so that none of them can be out of date.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import authserver
from authserver.audit.events import EventType
from authserver.core.problems import Problem
from authserver.oauth.errors import OAuthError
from authserver.settings import Settings, variable
from tests.support.source import ROOT

DEPENDS_ON_THE_MACHINE = {"hashing_running": "the number of processors"}

ERROR_MEANS = {
    "invalid_request": "A parameter is missing, malformed, sent twice or in the wrong place.",
    "invalid_client": "The client did not prove who it is.",
    "invalid_grant": "The code or refresh token is unknown, expired, used or another client's.",
    "unauthorized_client": "The client may not do this, or not from this address.",
    "unsupported_grant_type": "There is no such grant type.",
    "invalid_scope": "A scope is malformed or not among the client's.",
    "invalid_target": "The `resource` is not among the client's audiences (RFC 8707).",
    "access_denied": "The person refused, or may not use the client.",
    "unsupported_response_type": "The response type is not `code`.",
    "server_error": "A defect of the server; the log has the correlation id.",
    "temporarily_unavailable": "Something is down or busy; `Retry-After` says when to come back.",
    "slow_down": "The rate limit was met; `Retry-After` says when to come back. To a device, with"
    " 400: ask less often.",
    "authorization_pending": "The person has not answered the device yet: ask again later.",
    "expired_token": "The device code has expired: begin anew.",
    "login_required": "`prompt=none`, and nobody fitting is signed in.",
    "consent_required": "`prompt=none`, and the person has not allowed this yet.",
    "account_selection_required": "`prompt=none`, and the browser has several fitting accounts.",
    "interaction_required": "`prompt=none`, and the person has something to do first.",
    "unmet_authentication_requirements": "The sign-in is of no `acr` that `claims` demands.",
    "invalid_request_uri": "The `request_uri` is unknown, was used, is over, or gives nothing.",
    "invalid_request_object": "The request object is not the client's, or says what it may not.",
    "request_not_supported": "The request object is not signed.",
    "registration_not_supported": "The parameter `registration` is not supported.",
    "invalid_token": "The access token is malformed, expired, revoked or not for this server.",
    "insufficient_scope": "The access token lacks the scope that is needed.",
    "invalid_dpop_proof": "The proof of the client's key is missing or not valid (RFC 9449).",
    "use_dpop_nonce": "The proof needs the nonce in the header DPoP-Nonce (RFC 9449).",
    "invalid_redirect_uri": "A redirect URI cannot be registered (RFC 7591).",
    "invalid_client_metadata": "The client cannot be registered like this (RFC 7591).",
    "invalid_software_statement": "The software statement is not signed, or over (RFC 7591).",
    "unapproved_software_statement": "Nobody here trusts the software statement (RFC 7591).",
    "unsupported_token_type": "This type of token cannot be revoked (RFC 7009).",
}


def settings() -> str:
    """Return docs/settings.md."""
    rows = (
        (f"`{variable(item.name)}`", _default(item.name, item.default), item.metadata["doc"])
        for item in fields(Settings)
    )
    return _document(
        "Settings",
        "Environment variables of the server and of every command. Times are whole seconds. The"
        " server refuses to start with a value it cannot use, and with an `AUTHSERVER_` variable"
        " that is not in this list.",
        {"": _table(("Variable", "Default", "What it is"), rows)},
    )


def events() -> str:
    """Return docs/events.md."""
    rows = ((f"`{event.value}`", f"{event.doc}.") for event in EventType)
    return _document(
        "Events of the audit trail",
        "Every change of state records one of these in the transaction of the change.",
        {"": _table(("Type", "What happened"), rows)},
    )


def errors() -> str:
    """Return docs/errors.md."""
    protocol = (
        (f"`{code}`", str(status), ERROR_MEANS[code]) for code, status in OAuthError.STATUS.items()
    )
    elsewhere = ((f"`{kind.code}`", str(kind.status), f"{kind.title}.") for kind in _problems())
    columns = ("Code", "Status", "Meaning")
    return _document(
        "Errors",
        "Every answer carries `X-Correlation-Id`: the log has the details under it.",
        {
            "The protocol": "`error` in the answer's JSON document, in the redirect to the client,"
            " or in `WWW-Authenticate`. At the authorization endpoint there is no status: the"
            " browser is redirected.\n\n" + _table(columns, protocol),
            "Everything else": "`application/problem+json` (RFC 9457) with the type"
            " `urn:authserver:problem:<code>`.\n\n" + _table(columns, elsewhere),
        },
    )


DOCUMENTS: Mapping[Path, Callable[[], str]] = {
    ROOT / "docs" / "settings.md": settings,
    ROOT / "docs" / "events.md": events,
    ROOT / "docs" / "errors.md": errors,
}


def _problems() -> list[type[Problem]]:
    """Return every refusal outside the protocol, by code. Imports the whole server."""
    for module in pkgutil.walk_packages(authserver.__path__, "authserver."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = {kind.code: kind for kind in _below(Problem) if "code" in vars(kind)}
    return [found[code] for code in sorted(found)]


def _below(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for heir in kind.__subclasses__():
        if not issubclass(heir, OAuthError):
            yield from _below(heir)


def _default(name: str, value: object) -> str:
    if name in DEPENDS_ON_THE_MACHINE:
        return DEPENDS_ON_THE_MACHINE[name]
    if isinstance(value, timedelta):
        return f"`{int(value.total_seconds())}`"
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"`{text}`" if text else "empty"


def _document(title: str, opening: str, sections: Mapping[str, str]) -> str:
    parts = [f"# {title}", opening]
    for heading, body in sections.items():
        parts += ([f"## {heading}"] if heading else []) + [body]
    parts.append("This page is generated: `python -m tests.support.docs`.")
    return "\n\n".join(parts) + "\n"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruler = ("---",) * len(columns)
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ruler, *rows))


if __name__ == "__main__":
    for path, text in DOCUMENTS.items():
        path.write_text(text())

"""Whom a connection lets in: workspaces, directories, organizations. Values in, decision out."""

import re
from collections.abc import Callable, Iterable
from uuid import UUID

from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import Problem
from authserver.core.values.said import said
from authserver.federation.values import Kind

_ORGANIZATION = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}")
# Personal Microsoft accounts: whoever wants one has one.
_EVERYBODY = UUID("9188040d-6c67-4c5b-b112-36a304b66dad")
_PERSONAL = frozenset({"gmail.com", "googlemail.com"})
MAX_ENTRIES = 100


class UnfitConnection(Problem):
    """The connection cannot be so; the description says what to change."""

    code = "unfit_connection"
    title = "The connection cannot be so"


def check_allowed(kind: Kind, allowed: Iterable[str]) -> tuple[str, ...]:
    """Return who may come in, in its one form. Raises UnfitConnection."""
    """Return who may come in: domains (Google), directories (Entra), organisations (GitHub)."""
    given = tuple(allowed)
    if kind is Kind.OIDC:
        if given:
            raise UnfitConnection(
                "Who may come in by this kind, the provider itself decides.", field="allowed"
            )
        return ()
    check_one: Callable[[str], str] = {
        Kind.GOOGLE: _check_workspace,
        Kind.AZURE_AD: _check_directory,
        Kind.GITHUB: _check_organization,
    }[kind]
    checked = at_most("entries", map(check_one, given))
    if kind is Kind.AZURE_AD and not checked:
        raise UnfitConnection(
            "Entra is never open to every directory: name one, or several.", field="allowed"
        )
    return checked


def _check_workspace(domain: str) -> str:
    try:
        parsed = parse_email(f"somebody@{domain}").domain
    except InvalidEmail as error:
        raise UnfitConnection(
            said("%(domain)r is not a domain of a Workspace.", domain=domain), field="allowed"
        ) from error
    if parsed in _PERSONAL:
        raise UnfitConnection(
            said(
                "%(parsed)s is no Workspace: its accounts have no domain at Google.", parsed=parsed
            ),
            field="allowed",
        )
    return parsed


def _check_directory(tenant: str) -> str:
    """Return the id of a directory (`tid`). Words like `common` or `organizations` are none."""
    try:
        parsed = UUID(tenant)
    except ValueError as error:
        raise UnfitConnection(
            said("%(tenant)r is not the id of a directory (a UUID).", tenant=tenant),
            field="allowed",
        ) from error
    if str(parsed) != tenant.lower():
        raise UnfitConnection(
            said("%(tenant)r is not a UUID in its usual form.", tenant=tenant), field="allowed"
        )
    if parsed == _EVERYBODY:
        raise UnfitConnection(
            "That directory holds everybody's personal accounts.", field="allowed"
        )
    return str(parsed)


def _check_organization(login: str) -> str:
    lower = login.lower()
    if not _ORGANIZATION.fullmatch(lower):
        raise UnfitConnection(
            said("%(login)r is not the name of an organisation at GitHub.", login=login),
            field="allowed",
        )
    return lower


def at_most(what: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return each value once. Raises UnfitConnection for too many."""
    kept = tuple(dict.fromkeys(values))
    if len(kept) > MAX_ENTRIES:
        raise UnfitConnection(
            said(
                "At most %(max_entries)s %(what)s can be given.", max_entries=MAX_ENTRIES, what=what
            )
        )
    return kept

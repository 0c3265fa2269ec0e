"""A client's registration is changed, or ends: by an operator, or by the client itself.

Every change goes through the checks of a new registration. Another way to prove who it is, or other
keys, end its tokens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import delete

from authserver.audit.events import Actor, EventType
from authserver.clients.models import Client, ClientLogo, ClientOrigin
from authserver.clients.options import Options
from authserver.clients.policy import AuthMethod, find_kind
from authserver.clients.registration import Checked, Registration
from authserver.clients.service import RECORDED, ClientService
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.net.uri import parse_uri

# Of whose people a client is, and at which issuer, stays as it was registered.
_FIXED = frozenset({"serves", "at_tenant_issuer", "self_registered", "vouched_for"})
_HELD = ("scopes", "audiences")
_TRUSTED_BY = ("auth_method", "jwks")
# What operators decide, whatever a client says of itself.
_OPERATORS = (
    "audiences", "ip_allowlist", "rate", "quota_day", "quota_month", "first_party",
    "access_token_alg",
)  # fmt: skip
_OPERATORS_OPTIONS = ("dpop_nonce_required", "security_profile", "access_token_seconds")
_OPTIONS_TRUSTED_BY = ("jwks_uri", "token_endpoint_auth_signing_alg")


class Amendments:
    """Changes of registrations. Afterwards the caller tells the caches: `watch.changed()`."""

    def __init__(self, clients: ClientService, clock: Clock) -> None:
        """Take what keeps clients."""
        self._clients = clients
        self._clock = clock

    def amend(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        changes: Mapping[str, Any],
        actor: Actor,
    ) -> tuple[Client, str | None]:
        """Change fields of a Registration, and options by their names; None is the default.

        Idempotent. Returns the secret of a client that needs one now. Raises NotFound,
        UnfitRegistration, UnfitName.
        """
        client = self._clients.get(transaction, tenant_id, client_id, lock=True)
        asked = amended(registration_from(client), changes)
        return self._apply(transaction, client, asked, actor=actor)

    def replace(
        self, transaction: Transaction, client_id: str, asked: Registration, *, actor: Actor
    ) -> tuple[Client, str | None]:
        """Register a client anew under its client_id (RFC 7592 section 2.2).

        Returns the secret of a client that needs one now. Raises as `amend` does.
        """
        client = self._clients.get(transaction, asked.tenant_id, client_id, lock=True)
        kept = {name: getattr(client, name) for name in _OPERATORS}
        pkce = client.pkce_required or asked.pkce_required
        stored = Options.from_json(client.options)
        promised = {name: getattr(stored, name) for name in _OPERATORS_OPTIONS}
        options = replace(asked.options, **promised)
        asked = replace(asked, pkce_required=pkce, options=options, **kept)
        return self._apply(transaction, client, asked, actor=actor)

    def delete(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        reason: str,
        actor: Actor,
    ) -> Client:
        """End a client for good: its secrets and tokens too. Its name stays, for the trail."""
        client = self._clients.get(transaction, tenant_id, client_id, lock=True)
        session = transaction.tenant(tenant_id)
        self._clients.secrets.end(transaction, client)
        for model in (ClientOrigin, ClientLogo):
            session.execute(delete(model).where(model.client_id == client_id))
        client.deleted_at = client.disabled_at = self._clock.now()
        client.options, client.jwks, client.logo_id = {}, None, None
        client.policy_uri = client.tos_uri = None
        client.security_epoch += 1
        client.version += 1
        facts = {"reason": reason}
        event = EventType.CLIENT_DELETED
        self._clients.changed(transaction, client, event, actor=actor, after=facts)
        return client

    def _apply(
        self, transaction: Transaction, client: Client, asked: Registration, *, actor: Actor
    ) -> tuple[Client, str | None]:
        values = _values(checked := self._clients.check(transaction, asked, client))
        before = {name: getattr(client, name) for name in values}
        after = {name: value for name, value in values.items() if value != before[name]}
        if not after:
            return client, None
        for name, value in after.items():
            setattr(client, name, value)
        client.security_epoch += _ends_tokens(client.kind, before, after)
        client.version += 1
        if _is_another(before, after):
            client.consents_from = self._clock.now()
        secret = self._renew_secret(transaction, client, str(before["auth_method"]))
        transaction.tenant(client.tenant_id).flush()
        self._clients.adopt(transaction, client, checked, actor=actor)
        said = [name for name in after if name in RECORDED]
        self._clients.changed(
            transaction,
            client,
            EventType.CLIENT_CHANGED,
            actor=actor,
            before={name: before[name] for name in said},
            after={name: after[name] for name in said},
        )
        return client, secret

    def _renew_secret(self, transaction: Transaction, client: Client, before: str) -> str | None:
        """Let the secrets fit to the way to authenticate, where that has changed."""
        method, secrets = AuthMethod(client.auth_method), self._clients.secrets
        hashed = {AuthMethod.BASIC, AuthMethod.POST}
        if method == before or {method, AuthMethod(before)} <= hashed:
            return None
        secrets.end(transaction, client)
        return secrets.add(transaction, client)[1] if method.has_secret else None


def registration_from(client: Client) -> Registration:
    """Return a client as it would be asked for now. Of `serves` it says nothing: that stays."""
    names = {one.name for one in fields(Registration)} - {"options", "serves"}
    return Registration(
        **{name: getattr(client, name) for name in names},
        options=Options.from_json(client.options),
    )


def amended(present: Registration, changes: Mapping[str, Any]) -> Registration:
    """Return a registration with other fields, and other options; None is an option's default."""
    options = {one.name for one in fields(Options)} & changes.keys()
    defaults = asdict(Options())
    wanted = {name: defaults[name] if changes[name] is None else changes[name] for name in options}
    others = {name: value for name, value in changes.items() if name not in options}
    return replace(present, options=replace(present.options, **wanted), **others)


def _values(checked: Checked) -> dict[str, Any]:
    values = {name: value for name, value in asdict(checked).items() if name not in _FIXED}
    return values | {
        "options": checked.options.to_json(),
        "auth_method": checked.auth_method.value,
    }


def _ends_tokens(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether tokens that are out say what is true no more.

    A person's are renewed within what the client still may; a machine's hold what was taken.
    """
    if any(name in after for name in _TRUSTED_BY):
        return True
    fewer = any(set(before[name]) - set(after.get(name, before[name])) for name in _HELD)
    if fewer and not find_kind(kind).has_people:
        return True
    was, becomes = before["options"], after.get("options", before["options"])
    return any(was.get(name) != becomes.get(name) for name in _OPTIONS_TRUSTED_BY)


def _is_another(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether people would say yes to something else: another name, another place."""
    if "name" in after:
        return True
    return not _places(after.get("redirect_uris", ())) <= _places(before["redirect_uris"])


def _places(uris: Iterable[str]) -> set[str]:
    """Return where people are sent: the host, or the scheme of an application's own."""
    return {parsed.host or parsed.scheme for parsed in map(parse_uri, uris)}

"""/keys and /tenants/{tenant_id}/keys: what an issuer signs with, when, and the change of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from authserver.admin.reach import NO_TENANT
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer
from authserver.tenants.service import bump_snapshots
from authserver.tokens.calendar import IssuerKey
from authserver.tokens.keys import KeyService

_TAG = "signing keys"
_Algorithm = Annotated[str, Field(max_length=8)]


class SigningKeyShown(Shown):
    """A signing key. It signs from `signs_from` to `signs_until`, and is public until the last."""

    kid: str
    alg: str
    state: Literal["next", "active", "retiring", "retired"]
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None


class SigningKeys(Shown):
    """The keys of an issuer; `own` is false for a tenant that the platform signs for."""

    issuer: str
    own: bool
    jwks_uri: str
    keys: tuple[SigningKeyShown, ...]


class KeySet(Shown):
    """The key set that services read, as it is published now (RFC 7517 section 5)."""

    keys: tuple[Mapping[str, Any], ...]


class NewRotation(Given):
    """Which keys get a successor; none named: all. `at_once` is for a key that others know."""

    algorithms: Annotated[list[_Algorithm] | None, Field(max_length=8)] = None
    at_once: bool = False


class SigningKeysResource:
    """Operations on signing keys: of the platform's issuer, and of tenants with their own."""

    def __init__(self, keys: KeyService, clock: Clock, *, platform_url: str) -> None:
        """Take what makes keys, the time, and the platform's issuer."""
        self._keys = keys
        self._clock = clock
        self._platform_url = platform_url

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, rotate = Permission.KEYS_READ, Permission.KEYS_ROTATE
        mine, everywhere = "/tenants/{tenant_id}/keys", Where.PLATFORM
        return (
            Operation(
                "GET", "/keys", Does.READ, read, self.list_signing_keys,
                "List the platform's signing keys", _TAG, everywhere, shows=SigningKeys,
            ),
            Operation(
                "GET", "/keys/jwks", Does.READ, read, self.read_key_set,
                "Read the platform's key set as it is published", _TAG, everywhere, shows=KeySet,
            ),
            Operation(
                "POST", "/keys/rotate", Does.CHANGE, rotate, self.rotate_signing_keys,
                "Publish successors of the platform's keys", _TAG, everywhere,
                body=NewRotation, shows=SigningKeys, sensitive=True,
            ),
            Operation(
                "GET", mine, Does.READ, read, self.list_tenant_signing_keys,
                "List the keys that sign for a tenant", _TAG, shows=SigningKeys,
            ),
            Operation(
                "GET", f"{mine}/jwks", Does.READ, read, self.read_tenant_key_set,
                "Read the key set of a tenant's issuer", _TAG, shows=KeySet,
            ),
            Operation(
                "POST", f"{mine}/rotate", Does.CHANGE, rotate, self.rotate_tenant_signing_keys,
                "Publish successors of the keys of a tenant's own issuer", _TAG,
                body=NewRotation, shows=SigningKeys, sensitive=True,
            ),
        )  # fmt: skip

    def list_signing_keys(self, transaction: Transaction, call: Call) -> Reply:
        """Return the platform's keys."""
        return self._shown(transaction, call)

    def read_key_set(self, transaction: Transaction, call: Call) -> Reply:
        """Return the platform's key set."""
        return self._key_set(transaction, call)

    def rotate_signing_keys(self, transaction: Transaction, call: Call) -> Reply:
        """Rotate the platform's keys."""
        return self._rotate(transaction, call)

    def list_tenant_signing_keys(self, transaction: Transaction, call: Call) -> Reply:
        """Return a tenant's keys."""
        return self._shown(transaction, call)

    def read_tenant_key_set(self, transaction: Transaction, call: Call) -> Reply:
        """Return a tenant's key set."""
        return self._key_set(transaction, call)

    def rotate_tenant_signing_keys(self, transaction: Transaction, call: Call) -> Reply:
        """Rotate a tenant's keys."""
        return self._rotate(transaction, call)

    def _shown(self, transaction: Transaction, call: Call) -> Reply:
        tenant_id, url = self._issuer(transaction, call)
        now = self._clock.now()
        keys = self._keys.of(transaction, tenant_id).keys
        shown = tuple(_key(one, now) for one in keys if one.state(now) != "retired")
        own = tenant_id == call.path.get("tenant_id")
        return Reply(SigningKeys(issuer=url, own=own, jwks_uri=f"{url}/oauth/jwks", keys=shown))

    def _key_set(self, transaction: Transaction, call: Call) -> Reply:
        tenant_id, _ = self._issuer(transaction, call)
        published = self._keys.of(transaction, tenant_id).at(self._clock.now()).published
        return Reply(KeySet(keys=tuple(key.public_jwk for key in published)))

    def _rotate(self, transaction: Transaction, call: Call) -> Reply:
        asked: NewRotation = call.body
        tenant_id, _ = self._issuer(transaction, call)
        if tenant_id != call.path.get("tenant_id"):
            raise Conflict("The tenant has no issuer of its own: the platform signs for it.")
        unknown = {*(asked.algorithms or ())} - {*SIGNING_ALGORITHMS}
        if unknown:
            raise NotFound(
                said(
                    "There are no keys for other algorithms than %(algorithms)s.",
                    algorithms=_ALGORITHMS,
                )
            )
        self._keys.rotate(
            transaction,
            tenant_id,
            call.caller.actor,
            algorithms=asked.algorithms or None,
            at_once=asked.at_once,
        )
        transaction.flush()
        bump_snapshots(transaction)
        return self._shown(transaction, call)

    def _issuer(self, transaction: Transaction, call: Call) -> tuple[str | None, str]:
        """Return whose issuer signs, None for the platform's, and its URL. Raises NotFound."""
        tenant_id = call.path.get("tenant_id")
        if tenant_id is None:
            return None, self._platform_url
        tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
        if tenant is None:
            raise NotFound(NO_TENANT)
        if not tenant.own_issuer:
            return None, self._platform_url
        return tenant_id, tenant_issuer(self._platform_url, tenant.slug, tenant.issuer_host)


_ALGORITHMS = ", ".join(SIGNING_ALGORITHMS)


def _key(one: IssuerKey, now: datetime) -> SigningKeyShown:
    return SigningKeyShown(
        kid=one.key.kid,
        alg=one.key.alg,
        state=one.state(now),  # type: ignore[arg-type]  # one of the four
        created_at=one.created_at,
        signs_from=one.signs_from,
        signs_until=one.signs_until,
        published_until=one.published_until,
    )

"""Tenants come to be, are suspended and resumed; and the installation's one row.

A platform service: it sees every tenant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import urandom

from sqlalchemy import select, update

from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import DecryptionError, Keyring, MasterKeyError, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound, Unavailable
from authserver.core.values.said import said
from authserver.tenants.limits.keeping import check_keeping
from authserver.tenants.models import Installation, Tenant, TenantType
from authserver.tenants.numbers import Numbers, TokenLives
from authserver.tenants.policy import (
    SessionLives,
    TenantPolicy,
    check_display_name,
    check_slug,
    trusted_days,
)

_KEY_CHECK = b"authserver"
_KEY_PLACE = Place("installation", "key_check", "1")
_PEPPER_PLACE = Place("installation", "password_pepper", "1")


class NotSetUpError(Unavailable):
    """The database holds no installation yet."""

    code = "not_set_up"
    title = "The installation is not set up"


class TenantService:
    """Changes of tenants. Afterwards the caller tells the caches: `watch.changed()`."""

    def __init__(
        self,
        trail: Trail,
        clock: Clock,
        *,
        lives: SessionLives,
        tokens: TokenLives,
        numbers: Numbers,
    ) -> None:
        """Take where changes are recorded, the time, and what tenants may shorten and tighten."""
        self._trail = trail
        self._clock = clock
        self._lives = lives
        self._tokens = tokens
        self._numbers = numbers

    def create(
        self,
        transaction: Transaction,
        slug: str,
        *,
        name: str,
        type: TenantType,  # noqa: A002  the column's name
        actor: Actor,
        own_issuer: bool = False,
    ) -> Tenant:
        """Create a tenant. An actor without a principal is the operator, in the tenant's trail.

        Raises UnfitName, or Conflict for a slug that is taken. Slugs are never used again.
        """
        slug, name = check_slug(slug), check_display_name(name)
        if find(transaction, slug) is not None:
            raise Conflict(said("There is a tenant '%(slug)s' already.", slug=slug), field="slug")
        tenant = Tenant(
            id=new_id("ten"),
            slug=slug,
            name=name,
            type=type.value,
            own_issuer=own_issuer,
            security_epoch=1,
            version=1,
            created_at=self._clock.now(),
        )
        transaction.platform().add(tenant)
        transaction.platform().flush()
        after = {"slug": slug, "name": name, "type": type.value, "own_issuer": own_issuer}
        self._changed(transaction, tenant, EventType.TENANT_CREATED, actor=actor, after=after)
        return tenant

    def set_policy(
        self, transaction: Transaction, slug: str, policy: TenantPolicy, *, actor: Actor
    ) -> Tenant:
        """Change what a tenant asks of its people, as far as the policy says. Idempotent.

        Passwords stay. Making a second factor mandatory ends every session and token of the tenant:
        those that were had with a password alone must not live on, and nobody can tell them apart
        cheaply (decisions 0012, 0018). It ends the trust in browsers. Raises NotFound, UnfitPolicy.
        """
        tenant = _held(transaction, slug)
        wanted = _with_trust(tenant, policy.values())
        if policy.tightened is not None:
            wanted["tightened"] = self._numbers.merge(tenant.tightened, policy.tightened) or None
        check_keeping(policy)
        self._check_lives(tenant, policy)
        before = {name: getattr(tenant, name) for name in wanted}
        after = {name: value for name, value in wanted.items() if value != before[name]}
        if after:
            for name, value in after.items():
                setattr(tenant, name, value)
            if "trusted_device_days" in after:
                self._begin_trust(tenant, before["trusted_device_days"])
            tenant.security_epoch += after.get("mfa_required") is True
            tenant.version += 1
            before = {name: before[name] for name in after}
            event = EventType.TENANT_CHANGED
            self._changed(transaction, tenant, event, actor=actor, before=before, after=after)
        return tenant

    def _begin_trust(self, tenant: Tenant, days_before: object) -> None:
        """Note since when browsers may be trusted; what was trusted before a pause stays void."""
        if tenant.trusted_device_days is None:
            tenant.trusted_devices_since = None
        elif days_before is None:
            tenant.trusted_devices_since = self._clock.now()

    def _check_lives(self, tenant: Tenant, policy: TenantPolicy) -> None:
        """Raise UnfitPolicy where the policy sets a life that is not allowed here."""
        self._tokens.check(policy.access_token_seconds, policy.refresh_token_minutes)
        idle, absolute = policy.session_idle_minutes, policy.session_absolute_minutes
        if idle is None and absolute is None:
            return
        self._lives.check(
            tenant.session_idle_minutes if idle is None else idle,
            tenant.session_absolute_minutes if absolute is None else absolute,
        )

    def end_sessions(self, transaction: Transaction, slug: str, actor: Actor) -> Tenant:
        """End every session and token of a tenant's people and clients, and nothing else."""
        tenant = _held(transaction, slug)
        tenant.security_epoch += 1
        tenant.version += 1
        self._changed(transaction, tenant, EventType.TENANT_SESSIONS_ENDED, actor=actor)
        return tenant

    def suspend(self, transaction: Transaction, slug: str, actor: Actor) -> Tenant:
        """Stop everything of a tenant at once: sessions and tokens end. Idempotent."""
        tenant = _held(transaction, slug)
        if tenant.suspended_at is None:
            tenant.suspended_at = self._clock.now()
            tenant.security_epoch += 1
            tenant.version += 1
            self._changed(transaction, tenant, EventType.TENANT_SUSPENDED, actor=actor)
        return tenant

    def resume(self, transaction: Transaction, slug: str, actor: Actor) -> Tenant:
        """Let a suspended tenant work again; what ended stays ended. Idempotent.

        Raises Conflict for an archived one.
        """
        tenant = _held(transaction, slug)
        if tenant.archived_at is not None:
            raise Conflict("The tenant is archived: restore it first.")
        if tenant.suspended_at is not None:
            tenant.suspended_at = None
            tenant.version += 1
            self._changed(transaction, tenant, EventType.TENANT_RESUMED, actor=actor)
        return tenant

    def set_up(self, transaction: Transaction, keyring: Keyring) -> bool:
        """Write the installation's row; return False where there is one already."""
        if _installation(transaction) is not None:
            return False
        instance = new_id("ins")
        row = Installation(
            id=1,
            instance=instance,
            key_check=keyring.encrypt(_KEY_CHECK, _KEY_PLACE),
            password_pepper=keyring.encrypt(urandom(32), _PEPPER_PLACE),
            snapshot_version=1,
            created_at=self._clock.now(),
        )
        transaction.platform().add(row)
        actor = Actor(ActorKind.OPERATOR, instance, new_id("req"))
        # What belongs to no tenant stands in the trail under the installation's own id.
        self._trail.record(transaction, Event(EventType.INSTALLATION_CREATED, instance, actor))
        return True

    def _changed(
        self,
        transaction: Transaction,
        tenant: Tenant,
        event: EventType,
        *,
        actor: Actor,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        by = replace(actor, principal=actor.principal or tenant.id)
        transaction.platform().flush()
        bump_snapshots(transaction)
        record = Event(event, tenant.id, by, resource=tenant.id, before=before, after=after)
        self._trail.record(transaction, record)


def _with_trust(tenant: Tenant, wanted: dict[str, object]) -> dict[str, object]:
    """Return the settings with what they mean for trusted browsers. Raises UnfitPolicy."""
    mandatory = bool(wanted.get("mfa_required", tenant.mfa_required))
    asked = wanted.get("trusted_device_days", 0 if mandatory else None)
    if isinstance(asked, int):
        wanted = {**wanted, "trusted_device_days": trusted_days(asked, mandatory=mandatory)}
    return wanted


def bump_snapshots(transaction: Transaction) -> None:
    """Tell the caches of every process that a tenant, a client or a key has changed."""
    transaction.platform().execute(
        update(Installation).values(snapshot_version=Installation.snapshot_version + 1)
    )


def find(transaction: Transaction, slug: str) -> Tenant | None:
    """Return the tenant, or None."""
    return transaction.platform().scalar(select(Tenant).where(Tenant.slug == slug))


def get_by_slug(transaction: Transaction, slug: str) -> Tenant:
    """Return the tenant. Raises NotFound."""
    tenant = find(transaction, slug)
    if tenant is None:
        raise NotFound(said("There is no tenant '%(slug)s'.", slug=slug))
    return tenant


def _held(transaction: Transaction, slug: str) -> Tenant:
    """Return the tenant as it is now, held for a change: epochs only ever grow. Raises NotFound."""
    wanted = (
        select(Tenant)
        .where(Tenant.slug == slug)
        .with_for_update(of=Tenant)
        .execution_options(populate_existing=True)
    )
    tenant = transaction.platform().scalar(wanted)
    if tenant is None:
        raise NotFound(said("There is no tenant '%(slug)s'.", slug=slug))
    return tenant


def ids_of(transaction: Transaction, slugs: Iterable[str]) -> list[str]:
    """Return the tenants' ids in the order of the slugs. Raises NotFound."""
    return [get_by_slug(transaction, slug).id for slug in slugs]


def verify_master_key(transaction: Transaction, keyring: Keyring) -> None:
    """Raise MasterKeyError unless this installation's data was written under this keyring.

    Raises NotSetUpError where there is no installation.
    """
    row = _require(transaction)
    try:
        plain = keyring.decrypt(row.key_check, _KEY_PLACE)
    except DecryptionError as error:
        raise MasterKeyError("the master key is not the one this data was written with") from error
    if plain != _KEY_CHECK:
        raise MasterKeyError("the master key is not the one this data was written with")


def password_pepper(transaction: Transaction, keyring: Keyring) -> bytes:
    """Return the secret that passwords are hashed with; it outlives every master key."""
    row = _require(transaction)
    return keyring.decrypt(row.password_pepper, _PEPPER_PLACE)


def instance_of(transaction: Transaction) -> str:
    """Return the installation's id, under which the trail holds what belongs to no tenant.

    Raises NotSetUpError.
    """
    return _require(transaction).instance


def installation_id(database: Database) -> str:
    """Return `instance_of` an installation. Raises NotSetUpError."""
    with database.read() as view:
        return instance_of(view)


def _require(transaction: Transaction) -> Installation:
    row = _installation(transaction)
    if row is None:
        raise NotSetUpError("This installation is not set up: run `authserver init`.")
    return row


def _installation(transaction: Transaction) -> Installation | None:
    return transaction.platform().get(Installation, 1)

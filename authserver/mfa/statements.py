"""Finding a partial sign-in, and claiming what counts once. Each carries what names its row."""

from sqlalchemy import and_, bindparam, exists, or_, select, update

from authserver.accounts.models import User
from authserver.core.database.types import UtcTime
from authserver.mfa.models import BackupCode, PartialSignIn, TotpFactor
from authserver.passkeys.models import Passkey
from authserver.tenants.models import Tenant

_HAS_APP = exists(
    select(1).where(
        TotpFactor.tenant_id == PartialSignIn.tenant_id,
        TotpFactor.user_id == PartialSignIn.user_id,
        TotpFactor.confirmed_at.is_not(None),
    )
)

_HAS_PASSKEY = exists(
    select(1).where(
        Passkey.tenant_id == PartialSignIn.tenant_id,
        Passkey.user_id == PartialSignIn.user_id,
    )
)

HAS_FACTOR = or_(
    exists(
        select(1)
        .where(
            TotpFactor.tenant_id == User.tenant_id,
            TotpFactor.user_id == User.id,
            TotpFactor.confirmed_at.is_not(None),
        )
        .correlate(User)
    ),
    exists(
        select(1)
        .where(Passkey.tenant_id == User.tenant_id, Passkey.user_id == User.id)
        .correlate(User)
    ),
)

# Gone as soon as the person or the tenant is closed, or anything of theirs moved on.
FIND_PARTIAL = (
    select(
        PartialSignIn.id,
        PartialSignIn.pending_id,
        PartialSignIn.browser_hash,
        PartialSignIn.created_at,
        PartialSignIn.guesses,
        PartialSignIn.factor_due,
        PartialSignIn.first,
        PartialSignIn.identity_id,
        PartialSignIn.factor_id,
        PartialSignIn.proven_at,
        PartialSignIn.proven_by,
        PartialSignIn.amr,
        PartialSignIn.sealed_codes,
        PartialSignIn.trusts,
        User.id.label("user_id"),
        User.tenant_id,
        User.email,
        User.name,
        User.locale,
        User.security_epoch,
        User.picture_id,
        User.password_change_required,
        Tenant.tightened,
        _HAS_APP.label("has_app"),
        _HAS_PASSKEY.label("has_passkey"),
    )
    .join(
        User.__table__,
        and_(User.tenant_id == PartialSignIn.tenant_id, User.id == PartialSignIn.user_id),
    )
    .join(Tenant.__table__, Tenant.id == PartialSignIn.tenant_id)
    .where(
        PartialSignIn.token_hash == bindparam("token_hash"),
        PartialSignIn.expires_at > bindparam("now", type_=UtcTime()),
        PartialSignIn.user_epoch == User.security_epoch,
        PartialSignIn.tenant_epoch == Tenant.security_epoch,
        User.disabled_at.is_(None),
        Tenant.suspended_at.is_(None),
    )
)

# Strictly later than the last one: a code counts once, and none of an earlier step does after it.
CLAIM_STEP = (
    update(TotpFactor.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
    .where(
        TotpFactor.tenant_id == bindparam("of_tenant"),
        TotpFactor.id == bindparam("factor_id"),
        TotpFactor.confirmed_at.is_not(None),
        or_(TotpFactor.last_step.is_(None), TotpFactor.last_step < bindparam("step")),
    )
    .values(last_step=bindparam("step"))
)

CLAIM_BACKUP_CODE = (
    update(BackupCode.__table__)  # type: ignore[arg-type]  # the same
    .where(
        BackupCode.tenant_id == bindparam("of_tenant"),
        BackupCode.user_id == bindparam("of_person"),
        BackupCode.code_hash == bindparam("presented"),
        BackupCode.kept_at.is_not(None),
        BackupCode.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)

"""Finding a passkey before anybody is known, and claiming what counts once."""

from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    delete,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from authserver.accounts.models import User
from authserver.core.database.types import UtcTime
from authserver.passkeys.models import Passkey, PasskeyChallenge, PasskeyOwner
from authserver.tenants.models import Tenant

_NEVER = literal_column("0", BigInteger)
_COUNTED = bindparam("counted", type_=BigInteger)

INSERT_CHALLENGE = insert(PasskeyChallenge.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause

CLAIM_CHALLENGE = delete(PasskeyChallenge.__table__).where(  # type: ignore[arg-type]  # the same
    PasskeyChallenge.challenge_hash == bindparam("challenge_hash"),
    PasskeyChallenge.expires_at > bindparam("now", type_=UtcTime()),
)

FORGET_CHALLENGES = delete(PasskeyChallenge.__table__).where(  # type: ignore[arg-type]  # the same
    PasskeyChallenge.expires_at <= bindparam("now", type_=UtcTime())
)

# Whose passkey it is: its id is unique in the installation, and names the tenant. Guest accounts
# have none: people sign in through their home account.
FIND_PASSKEY = (
    select(
        Passkey.id,
        Passkey.tenant_id,
        Passkey.user_id,
        Passkey.public_key,
        Passkey.sign_count,
        Passkey.synced,
        Passkey.name,
        PasskeyOwner.handle,
        Tenant.slug,
    )
    .join(
        PasskeyOwner.__table__,
        and_(PasskeyOwner.tenant_id == Passkey.tenant_id, PasskeyOwner.user_id == Passkey.user_id),
    )
    .join(User.__table__, and_(User.tenant_id == Passkey.tenant_id, User.id == Passkey.user_id))
    .join(Tenant.__table__, Tenant.id == Passkey.tenant_id)
    .where(Passkey.credential_id == bindparam("credential_id"), User.home_user_id.is_(None))
)

PASSKEY_IS_KNOWN = select(Passkey.id).where(Passkey.credential_id == bindparam("credential_id"))

# Strictly more than the last count, or no counting at all: a key that was copied stays behind.
USE_PASSKEY = (
    update(Passkey.__table__)  # type: ignore[arg-type]  # the same
    .where(
        Passkey.tenant_id == bindparam("of_tenant"),
        Passkey.id == bindparam("passkey_id"),
        or_(
            Passkey.sign_count < _COUNTED,
            and_(Passkey.sign_count == _NEVER, _COUNTED == _NEVER),
        ),
    )
    .values(sign_count=_COUNTED, backed_up=bindparam("backed_up"), last_used_at=bindparam("now"))
)

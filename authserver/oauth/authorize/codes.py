"""Authorization codes: issued once, found by hash, bound to everything (RFC 6749 section 4.1.2)."""

from dataclasses import dataclass
from datetime import datetime

from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.oauth import statements
from authserver.tokens.authorization import Person
from authserver.tokens.families import person_of
from authserver.tokens.people.requested import RequestedClaims

PURPOSE = "authorization_code"
MAX_FAILED_ATTEMPTS = 5


@dataclass(frozen=True)
class NewCode:
    """What a code is bound to."""

    tenant_id: str
    issuer: str
    user_id: str
    session_id: str
    client_tenant_id: str
    client_id: str
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: RequestedClaims
    created_at: datetime
    expires_at: datetime
    dpop_jkt: str | None = None


@dataclass(frozen=True)
class FoundCode:
    """A presented code's row, its person as they are now, and whether their session still lives."""

    id: str
    tenant_id: str
    user_id: str
    session_id: str
    family_id: str
    client_id: str
    issuer: str
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: RequestedClaims
    failed_attempts: int
    expires_at: datetime
    used_at: datetime | None
    person: Person
    auth_time: datetime
    amr: tuple[str, ...]
    level: int
    home_epoch: int | None
    live: bool
    dpop_jkt: str | None = None


_AS_STORED = (
    "id", "tenant_id", "user_id", "session_id", "family_id", "client_id", "issuer", "redirect_uri",
    "code_challenge", "nonce", "failed_attempts", "expires_at", "used_at",
    "dpop_jkt",
)  # fmt: skip


def issue(transaction: Transaction, new: NewCode) -> str:
    """Store a code and return it."""
    code = f"ac_{new_secret()}"
    store(transaction, new, fingerprint(code, PURPOSE))
    return code


def store(transaction: Transaction, new: NewCode, code_hash: bytes) -> None:
    """Store a code under the hash of what will be presented for it."""
    values = {
        **vars(new),
        "id": new_id("cod"),
        "code_hash": code_hash,
        "scope": list(new.scope),
        "resources": list(new.resources),
        "claims": new.claims.to_json() or None,
        "family_id": new_id("fam"),
        "failed_attempts": 0,
    }
    transaction.insert_at_commit(statements.INSERT_CODE, values)


def find(
    transaction: Transaction, code: str, *, now: datetime, purpose: str = PURPOSE
) -> FoundCode | None:
    """Look a presented code up by its hash, which no code for another purpose has."""
    wanted = {"code_hash": fingerprint(code, purpose)}
    row = transaction.row(statements.FIND_CODE, wanted)
    if row is None:
        return None
    return FoundCode(
        **{name: row[f"code_{name}"] for name in _AS_STORED},
        scope=tuple(row["code_scope"]),
        resources=tuple(row["code_resources"]),
        claims=RequestedClaims.from_json(row["code_claims"]),
        person=person_of(row, now),
        auth_time=row["auth_time"],
        amr=tuple(row["amr"]),
        level=row["level"],
        home_epoch=row["home_epoch"],
        live=bool(row["live"]),
    )


def claim(transaction: Transaction, found: FoundCode, now: datetime) -> bool:
    """Use the code up; False when it was used before or its person's session has ended."""
    values = {"code_id": found.id, "of_session": found.session_id, "now": now}
    return transaction.change(statements.CLAIM_CODE, values) == 1


def count_failure(transaction: Transaction, found: FoundCode) -> None:
    """Remember that somebody presented the code wrongly; after five times it is dead."""
    transaction.change(statements.COUNT_FAILED_CODE, {"code_id": found.id})

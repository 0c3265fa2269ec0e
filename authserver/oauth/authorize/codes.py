"""Authorization codes: issued once, found by hash, bound to everything (RFC 6749 section 4.1.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.oauth import statements
from authserver.tokens.authorization import Person
from authserver.tokens.families import person_of

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
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class FoundCode:
    """A presented code's row, its person as they are now, and whether their session still lives."""

    row: dict[str, Any]
    person: Person
    auth_time: datetime
    amr: tuple[str, ...]
    level: int
    live: bool

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the row's columns
        """Give the row's columns as attributes."""
        try:
            return self.row[name]
        except KeyError as error:
            raise AttributeError(name) from error


def issue(transaction: Transaction, new: NewCode) -> str:
    """Store a code and return it."""
    code = f"ac_{new_secret()}"
    values = {
        **vars(new),
        "id": new_id("cod"),
        "code_hash": fingerprint(code, PURPOSE),
        "scope": list(new.scope),
        "resources": list(new.resources),
        "family_id": new_id("fam"),
        "failed_attempts": 0,
    }
    transaction.insert_at_commit(statements.INSERT_CODE, values)
    return code


def find(transaction: Transaction, code: str) -> FoundCode | None:
    """Look a presented code up by its hash."""
    wanted = {"code_hash": fingerprint(code, PURPOSE)}
    row = transaction.connection.execute(statements.FIND_CODE, wanted).mappings().first()
    if row is None:
        return None
    columns = {name[5:]: value for name, value in row.items() if name.startswith("code_")}
    return FoundCode(
        columns,
        person_of(row),
        row["auth_time"],
        tuple(row["amr"]),
        row["level"],
        bool(row["live"]),
    )


def claim(transaction: Transaction, found: FoundCode, now: datetime) -> bool:
    """Use the code up; False when it was used before or its person's session has ended."""
    values = {"code_id": found.id, "of_session": found.session_id, "now": now}
    return transaction.connection.execute(statements.CLAIM_CODE, values).rowcount == 1


def count_failure(transaction: Transaction, found: FoundCode) -> None:
    """Remember that somebody presented the code wrongly; after five times it is dead."""
    transaction.connection.execute(statements.COUNT_FAILED_CODE, {"code_id": found.id})

"""The first line of a copy: whose it is, and of which release."""

from dataclasses import dataclass
from typing import Any

import orjson

from authserver.core.database import revisions
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.core.values.said import said
from authserver.moving.sealing import UnfitCopy
from authserver.tenants.policy import check_slug
from authserver.tenants.service import find


@dataclass(frozen=True)
class Head:
    """The first line of a copy; `slug` is the one that the tenant gets here."""

    slug: str
    installation: object
    made_at: object


def check_head(transaction: Transaction, line: bytes, slug: str | None) -> Head:
    """Return what the first line of a copy says; its slug is the one that the tenant will have.

    Raises UnfitCopy for another release's, UnfitName, or Conflict where the slug is taken.
    """
    said_there = _object(line)
    if said_there.get("revision") != revisions.newest():
        raise UnfitCopy(
            said(
                "The copy is of revision %(theirs)s, this program of %(ours)s: bring both"
                " installations to the same release.",
                theirs=said_there.get("revision"),
                ours=revisions.newest(),
            ),
            field="file",
        )
    name = check_slug(slug or str(said_there.get("slug")))
    if find(transaction, name) is not None:
        raise Conflict(
            said("There is a tenant '%(name)s' already: give another slug.", name=name),
            field="slug",
        )
    return Head(name, said_there.get("installation"), said_there.get("made_at"))


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnfitCopy("The copy has a line that cannot be read.") from error
    if not isinstance(found, dict):
        raise UnfitCopy("The copy has no head.")
    return found

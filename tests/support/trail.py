"""The trail, read back: bodies as documents, personal values with their subjects' keys."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Select, select

from authserver.audit.anchors.values import Denial, Why
from authserver.audit.models import AuditEvent, AuditSubject
from authserver.core.crypto import Place, pack, unseal
from tests.support.world import World

_RECORDED = select(AuditEvent.tenant_id, AuditEvent.type, AuditEvent.body, AuditEvent.leaf)


@dataclass(frozen=True)
class Recorded:
    """One event: the row as it is stored, and its body read."""

    tenant_id: str
    type: str
    body: bytes
    leaf: bytes

    @property
    def document(self) -> dict[str, Any]:
        """Return what the body says."""
        return orjson.loads(self.body)


def events(world: World, tenant_id: str, type_: str | None = None) -> list[Recorded]:
    """Return the events of a tenant's trail, oldest first."""
    query = _RECORDED.where(AuditEvent.tenant_id == tenant_id).order_by(AuditEvent.id)
    return _found(world, query if type_ is None else query.where(AuditEvent.type == type_))


def everywhere(world: World, type_: str) -> list[Recorded]:
    """Return the events of a type in every tenant's trail, each trail's oldest first."""
    query = _RECORDED.where(AuditEvent.type == type_)
    return _found(world, query.order_by(AuditEvent.tenant_id, AuditEvent.id))


def _found(world: World, query: Select[str, str, bytes, bytes]) -> list[Recorded]:
    with world.services.database.read() as view:
        return [Recorded(*row) for row in view.platform().execute(query)]


def personal(world: World, event: Recorded) -> dict[str, str]:
    """Return the personal values of an event, decrypted with the keys of those they are about."""
    document = event.document
    with world.services.database.read() as view:
        rows = view.platform().execute(select(AuditSubject.ref, AuditSubject.wrapped_key)).all()
    keys = {row.ref: row.wrapped_key for row in rows}
    opened = {}
    for name, value in document["personal"].items():
        place = Place("audit_subjects", "wrapped_key", value["of"])
        key = world.services.keyring.decrypt(keys[value["of"]], place)
        context = pack(document["id"], name)
        opened[name] = unseal(key, b64decode(value["sealed"]), context).decode()
    return opened


def principal(world: World, ref: str) -> str:
    """Return whom a reference of the trail means."""
    with world.services.database.read() as view:
        query = select(AuditSubject.principal_id).where(AuditSubject.ref == ref)
        return view.platform().scalars(query).one()


def contradict(world: World, anchor: str, number: int = 4713) -> None:
    """Let an anchor have a checkpoint that the database has not: nothing is signed any more."""
    found = world.services.proving.anchors.contradictions.found
    denial = Denial(number, Why.ROLLED_BACK)
    world.services.database.write(lambda tx: found(tx, anchor, denial))

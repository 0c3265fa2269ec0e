"""The making of a copy in the background: a part with each step, the mail with the last one."""

from hashlib import sha256

from sqlalchemy import select

from authserver.accounts.directory import snapshot
from authserver.accounts.notices import to_person
from authserver.accounts.standing import held
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.audit.whence import written
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.core.problems import NotFound
from authserver.delivery.outbox import enqueue
from authserver.jobs.values import JobView, Step
from authserver.privacy.exports.models import DataExport, DataExportPart
from authserver.privacy.exports.service import part_place
from authserver.privacy.exports.values import KIND, LIFE, PURPOSE
from authserver.privacy.exports.writing import Whose, Writing
from authserver.privacy.links import new_token

PATH = "/account/privacy/export"


class ExportPerson:
    """Makes copies."""

    kind = KIND

    def __init__(self, writing: Writing, *, trail: Trail, keyring: Keyring, clock: Clock) -> None:
        """Take what writes, what encrypts, and the trail."""
        self._writing = writing
        self._trail = trail
        self._keyring = keyring
        self._clock = clock

    def step(self, transaction: Transaction, job: JobView) -> Step:
        """Write the next part. Raises NotFound once the account is not there any more."""
        wanted = select(DataExport).where(DataExport.id == job.settings["export_id"])
        row = transaction.tenant(job.tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("The copy is not wanted any more.")
        whose = Whose(row.id, job.tenant_id, row.user_id)
        if not row.parts:
            self._add(transaction, row, self._writing.beginning(transaction, whose))
            return Step(rows=1)
        text, row.after = self._writing.events(transaction, whose, row.after)
        self._add(transaction, row, text)
        if row.after is not None:
            return Step(rows=1)
        self._finish(transaction, job, row, whose=whose)
        return Step(rows=1, finished=True)

    def _add(self, transaction: Transaction, row: DataExport, text: bytes) -> None:
        row.parts += 1
        part_id = new_id("pxp")
        part = DataExportPart(
            id=part_id,
            export_id=row.id,
            number=row.parts,
            content=self._keyring.encrypt(text, part_place(part_id)),
        )
        session = transaction.tenant(row.tenant_id)
        session.add(part)
        session.flush()

    def _finish(
        self, transaction: Transaction, job: JobView, row: DataExport, *, whose: Whose
    ) -> None:
        digest, size = self._digest(transaction, row)
        now, token = self._clock.now(), new_token()
        row.signature = self._writing.signature(transaction, whose, digest=digest, size=size)
        row.token_hash = fingerprint(token, PURPOSE)
        row.ready_at, row.expires_at = now, now + LIFE
        transaction.tenant(row.tenant_id).flush()
        self._mail(transaction, row, token)
        event = Event(
            EventType.DATA_EXPORT_READY,
            row.tenant_id,
            job.begun.actor,
            subject=row.user_id,
            resource=f"data_export:{row.id}",
            facts={"sha256": digest, "size": size},
        )
        self._trail.record(transaction, event)

    def _digest(self, transaction: Transaction, row: DataExport) -> tuple[str, int]:
        wanted = select(DataExportPart).where(DataExportPart.export_id == row.id)
        digest, size = sha256(), 0
        for part in transaction.tenant(row.tenant_id).scalars(
            wanted.order_by(DataExportPart.number)
        ):
            text = self._keyring.decrypt(part.content, part_place(part.id))
            digest.update(text)
            size += len(text)
        return digest.hexdigest(), size

    def _mail(self, transaction: Transaction, row: DataExport, token: str) -> None:
        user = held(transaction, row.tenant_id, row.user_id)
        home = self._writing.home(transaction, row.tenant_id)
        values = {
            "link": f"{home.issuer}{PATH}?about={token}",
            "until": written(self._clock.now() + LIFE),
        }
        message = to_person(snapshot(user), "data_export_ready", values)
        enqueue(transaction, message, keyring=self._keyring, now=self._clock.now())

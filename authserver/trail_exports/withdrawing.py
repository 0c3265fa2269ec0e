"""Files with personal values in clear are deleted once somebody was erased who may be in them.

What a file holds is under a key of the server, not of the people in it: destroying one's own key
makes the trail unreadable, and not a copy that was made before.
"""

from dataclasses import dataclass

from sqlalchemy import exists, or_, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.jobs.models import Job
from authserver.jobs.service import Jobs
from authserver.jobs.values import OPEN
from authserver.trail_exports.models import TrailExport, TrailExportPart
from authserver.trail_exports.service import RESOURCE, forget_parts
from authserver.trail_exports.values import PERSON_ERASED


@dataclass(frozen=True)
class Withdrawal:
    """Takes files back."""

    jobs: Jobs
    trail: Trail

    def withdraw(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> int:
        """Delete every such file of a tenant, made or being made; return how many there were.

        To be called when the person's key is gone for whoever looks: what is written from then on
        holds nothing of theirs, and what was being written until then is waited for.
        """
        wanted = select(TrailExport.id, TrailExport.job_id).where(
            TrailExport.personal,
            or_(
                exists().where(Job.id == TrailExport.job_id, Job.state.in_(OPEN)),
                exists().where(TrailExportPart.export_id == TrailExport.id),
            ),
        )
        found = transaction.tenant(tenant_id).execute(wanted.order_by(TrailExport.id)).all()
        for export_id, job_id in found:
            self._withdraw(transaction, tenant_id, export_id, job_id=job_id, actor=actor)
        return len(found)

    def _withdraw(
        self,
        transaction: Transaction,
        tenant_id: str,
        export_id: str,
        *,
        job_id: str,
        actor: Actor,
    ) -> None:
        self.jobs.take_back(transaction, tenant_id, job_id, why=PERSON_ERASED)
        wanted = select(TrailExport).where(TrailExport.id == export_id)
        session = transaction.tenant(tenant_id)
        row = session.scalars(wanted.execution_options(populate_existing=True)).one()
        row.ready_at = None
        session.flush()
        forget_parts(transaction, tenant_id, export_id)
        event = Event(
            EventType.TRAIL_EXPORT_WITHDRAWN,
            tenant_id,
            actor,
            resource=f"{RESOURCE}:{export_id}",
            facts={"reason": PERSON_ERASED},
        )
        self.trail.record(transaction, event)

"""The pieces of a copy until it is taken: a file that is encrypted already."""

from sqlalchemy import ForeignKeyConstraint, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id
from authserver.jobs.models import OWNER


class TenantCopyPart(Base, TenantScoped):
    """A piece of the file that a job made, in order of `number` from 1.

    It is under the passphrase of who asked, which nobody has here once the job is over.
    """

    __tablename__ = "tenant_copy_parts"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        ForeignKeyConstraint(["tenant_id", "job_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    job_id: Mapped[str] = technical(Id)
    number: Mapped[int] = technical(Integer)
    # Of many people, encrypted, and gone within a day: one of them leaves it whole.
    content: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.KEEP)

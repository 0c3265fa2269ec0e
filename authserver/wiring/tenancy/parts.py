"""The services of what tenants have, as the API, the console and the commands use them."""

from dataclasses import dataclass
from typing import Self

from authserver.copies.reading import CopyReader
from authserver.copies.writing import CopyWriter
from authserver.jobs.service import Jobs
from authserver.moving.service import Arrivals, Copies
from authserver.tenants.archive import Archive
from authserver.tenants.branding.service import TenantLogos
from authserver.tenants.limits.flags import Flags
from authserver.tenants.limits.service import Limits
from authserver.tokens.issuers.service import OwnIssuers
from authserver.wiring.services import Services
from authserver.wiring.tenancy.limits import make_limits


@dataclass(frozen=True)
class Tenancy:
    """What changes tenants beside their settings."""

    limits: Limits
    flags: Flags
    logos: TenantLogos
    issuers: OwnIssuers
    archive: Archive
    writer: CopyWriter
    reader: CopyReader
    copies: Copies
    arrivals: Arrivals

    @classmethod
    def of(cls, services: Services) -> Self:
        """Build it."""
        trail, clock = services.trail, services.clock
        jobs = Jobs(services.keyring, clock)
        return cls(
            limits=make_limits(trail, clock),
            flags=Flags(trail),
            logos=TenantLogos(trail, clock),
            issuers=OwnIssuers(trail, services.keys, platform_url=services.settings.issuer),
            archive=Archive(services.tenants, trail, clock),
            writer=CopyWriter(services.database, services.keyring, trail=trail, clock=clock),
            reader=CopyReader(services.database, services.keyring, trail, keys=services.keys),
            copies=Copies(jobs, trail, clock),
            arrivals=Arrivals(jobs),
        )

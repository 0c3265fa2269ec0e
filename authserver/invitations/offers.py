"""What an invitation offers to whoever follows its link."""

from dataclasses import dataclass

from authserver.invitations.inviters import Found
from authserver.invitations.models import Invitation
from authserver.links.newcomers import House
from authserver.roles.policy import Grantor


@dataclass(frozen=True)
class Offer:
    """What somebody is invited to. `inviter` is a name, empty where the operator invited."""

    invitation_id: str
    house: House
    email: str
    address: str
    roles: tuple[str, ...]
    inviter: str
    grantor: Grantor | None


def offer_of(row: Invitation, here: House, found: Found | None) -> Offer:
    """Return what an invitation offers in a tenant, and who invited."""
    grantor = Grantor(found.inviter.user_id, found.inviter.permissions) if found else None
    return Offer(
        invitation_id=row.id,
        house=here,
        email=row.email,
        address=row.address,
        roles=tuple(row.roles),
        inviter=found.name if found else "",
        grantor=grantor,
    )

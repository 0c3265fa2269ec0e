"""The sequencer, checkpoints and their keys: part of the wiring."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from authserver.audit.anchors.service import Anchors
from authserver.audit.bundles.writing import BundleWriter
from authserver.audit.checkpoints.keys import TrailKeys
from authserver.audit.checkpoints.making import CheckpointMaker
from authserver.audit.checkpoints.reading import CheckpointReader
from authserver.audit.contacts.service import TrailContacts
from authserver.audit.contacts.telling import ContactTelling
from authserver.audit.sequencer import Sequencer
from authserver.audit.sequencing.proofs import TenantProofs
from authserver.settings import Settings
from authserver.tenants.service import instance_of
from authserver.wiring.signing_in import Ground
from authserver.wiring.trail.anchoring import make_kept
from authserver.wiring.trail.contacts import make_contacts


@dataclass(frozen=True)
class Proving:
    """What proves the trail."""

    keys: TrailKeys
    sequencer: Sequencer
    checkpoints: CheckpointReader
    proofs: TenantProofs
    bundles: BundleWriter
    anchors: Anchors
    contacts: TrailContacts
    telling: ContactTelling


def make_proving(ground: Ground) -> Proving:
    """Return what gives numbers, signs and proves. Only the server's processes start it.

    Raises SettingsError.
    """
    keys = TrailKeys(
        keyring=ground.keyring,
        trail=ground.trail,
        clock=ground.clock,
        origin=origin_of(ground.settings),
        post_quantum=ground.settings.trail_post_quantum == "on",
        owner=instance_of,
    )
    kept = make_kept(ground, keys)
    maker = CheckpointMaker(keys, ground.trail, ground.clock, check=kept.contradictions.check)
    sequencer = Sequencer(ground.database, ground.trail, maker, compare=kept.comparison.steps)
    anchors = kept.sent(leads=lambda: sequencer.leads)
    sequencer.signed = anchors.worker.wake
    checkpoints, proofs = CheckpointReader(), TenantProofs()
    bundles = BundleWriter(keys, checkpoints, proofs)
    telling = ContactTelling(ground.database, ground.keyring, ground.clock)
    return Proving(
        keys, sequencer, checkpoints, proofs, bundles, anchors, make_contacts(ground), telling
    )


def origin_of(settings: Settings) -> str:
    """Return the name under which an installation's checkpoints are signed first."""
    return settings.trail_origin or f"{urlsplit(settings.issuer).netloc}/trail"

"""What a process does on its own, put together."""

from authserver import ciphertexts, retention
from authserver.clients.rotation.service import SecretExpiry
from authserver.jobs.service import Jobs
from authserver.ops.chores import Chores, Hourly
from authserver.ops.pruning import Pruner
from authserver.ops.reencryption import Reencryption
from authserver.privacy.erasure.starting import Starting
from authserver.privacy.keeping.service import Keeping
from authserver.wiring.clients.keeping import SelfService
from authserver.wiring.signing_in import Ground


def make_chores(ground: Ground, self_service: SelfService, expiry: SecretExpiry) -> Chores:
    """Return the chores; hourly ones do a little at a time."""
    database, keyring, clock = ground.database, ground.keyring, ground.clock
    erasures = Starting(database, Jobs(keyring, clock), clock)
    return Chores(
        Pruner(database, clock, retention.kinds(ground.settings)),
        Reencryption(database, keyring, ciphertexts.COLUMNS),
        (
            Hourly("clients_pruned", self_service.registrations.prune),
            Hourly("secret_expiries_told", expiry.tell),
            Hourly("erasures_begun", erasures.begin_due),
            Hourly("erased_overwritten", erasures.overwrite),
            Hourly("events_over", Keeping(database, ground.trail, clock).bury),
        ),
    )

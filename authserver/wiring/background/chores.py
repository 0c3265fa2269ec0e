"""What a process does on its own, put together."""

from collections.abc import Mapping
from typing import Any

from authserver import ciphertexts, retention
from authserver.jobs.service import Jobs
from authserver.ops.chores import Chores, Hourly
from authserver.ops.pruning import Pruner
from authserver.ops.reencryption import Reencryption
from authserver.privacy.erasure.starting import Starting
from authserver.privacy.keeping.service import Keeping
from authserver.wiring.signing_in import Ground


def make_chores(ground: Ground, registers: Mapping[str, Any]) -> Chores:
    """Return the chores; hourly ones do a little at a time."""
    database, keyring, clock = ground.database, ground.keyring, ground.clock
    erasures = Starting(database, Jobs(keyring, clock), clock)
    return Chores(
        Pruner(database, clock, retention.kinds(ground.settings)),
        Reencryption(database, keyring, ciphertexts.COLUMNS),
        (
            Hourly("clients_pruned", registers["self_service"].registrations.prune),
            Hourly("secret_expiries_told", registers["expiry"].tell),
            Hourly("trail_contacts_told", registers["proving"].telling.tell),
            Hourly("erasures_begun", erasures.begin_due),
            Hourly("erased_overwritten", erasures.overwrite),
            Hourly("events_over", Keeping(database, ground.trail, clock).bury),
        ),
    )

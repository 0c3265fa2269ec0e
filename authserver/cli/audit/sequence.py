"""`authserver audit sequence`: what the server's sequencer does, by hand."""

from functools import partial

import click

from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.sequencing.placing import TrailChangedError
from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.ending import wait_to_be_ended
from authserver.cli.opened import opened
from authserver.core import log
from authserver.core.problems import Refused
from authserver.settings import Settings
from authserver.wiring.services import Services


@make_command("sequence", example="authserver audit sequence --once")
@click.option("--once", is_flag=True, help="Number all there is, sign a checkpoint, and end.")
def sequence(settings: Settings, *, once: bool) -> Report:
    """Give events their numbers and sign checkpoints, until SIGTERM or Ctrl-C.

    The server does the same beside its work; one process at a time leads. With --once the command
    takes the lead from whoever has it, and gives it back; anchors get their checkpoints from the
    server, or from `authserver audit anchors send`.
    """
    services = opened(settings)
    if not once:
        text = "Numbering the trail's events; Ctrl-C ends it."
        return Report({"sequencing": True}, text, then=partial(_work, services))
    try:
        placed, made = services.proving.sequencer.once()
    except (InconsistentError, TrailChangedError) as error:
        raise Refused(f"The trail is inconsistent: {error}.") from error
    document = {
        "numbered": placed,
        "checkpoint": made.number,
        "events": made.events,
        "tenants": made.heads,
        "time": made.at.isoformat(),
    }
    text = f"{placed} events got numbers; checkpoint {made.number} is over {made.events} events."
    return Report(document, text)


def _work(services: Services) -> None:
    log.configure(services.settings.log_level)
    sequencer, anchors = services.proving.sequencer, services.proving.anchors.worker
    sequencer.start()
    anchors.start()
    wait_to_be_ended()
    anchors.stop()
    sequencer.finish()
    services.database.close()

"""`authserver worker`: what the server does on its own, in a process of its own."""

from functools import partial

from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.ending import wait_to_be_ended
from authserver.cli.opened import opened
from authserver.core import log
from authserver.settings import Settings
from authserver.wiring.people.jobs import make_job_worker
from authserver.wiring.services import Services


@make_command("worker", example="authserver worker")
def command(settings: Settings) -> Report:
    """Send mail until it gets SIGTERM or Ctrl-C; the mail at hand is finished.

    It also tells clients that sessions ended, where they registered for it, delivers webhooks,
    moves streams of the trail on, and does long work such as imports of people. It gives the events
    of the trail their numbers, signs checkpoints and sends them to anchors.

    Once an hour it also deletes what is over, as `authserver db prune` does, and once a day it
    looks whether the records of tenants' domains are still there.

    For a server that runs with AUTHSERVER_WORKER=external. Any number of workers share the outbox:
    none sends what another one sends.
    """
    services = opened(settings)
    way = services.mail.way
    document = {"mail": way, "worker": settings.worker}
    return Report(document, f"Sending mail: {way}; Ctrl-C ends it.", then=partial(_work, services))


def _work(services: Services) -> None:
    log.configure(services.settings.log_level)
    beside = (
        services.logout,
        services.webhooks.worker,
        services.streams.worker,
        services.proving.sequencer,
        services.proving.anchors.worker,
        make_job_worker(services),
    )
    for worker in (*beside, services.mail):
        worker.start()
    wait_to_be_ended()
    services.mail.finish()
    for worker in beside:
        worker.stop()
    services.database.close()

"""`authserver audit anchors`: where checkpoints are kept, and what contradicts the database."""

from typing import Any

import click

from authserver.audit.anchors.contradictions import Contradiction
from authserver.audit.anchors.standing import Standing
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.problems import Refused
from authserver.settings import Settings
from authserver.tenants.service import instance_of
from authserver.wiring.services import Services


@click.group("anchors", epilog="\b\nExample:\n  authserver audit anchors list")
def command() -> None:
    """See and compare the places that keep checkpoints (docs/trail.md, Anchors)."""


@make_command("list", group=command, example="authserver audit anchors list --json")
def list_anchors(settings: Settings) -> Report:
    """List anchors and witnesses: how far each is, why one stands still, what one denies."""
    return _report(opened(settings))


@make_command("compare", group=command, example="authserver audit anchors compare")
def compare(settings: Settings) -> Report:
    """Ask every anchor for what it has, and compare that with the database, as a start does.

    Ends with 1 where one has a checkpoint that the database has not.
    """
    services = opened(settings)
    for _ in services.proving.anchors.comparison.steps():
        pass
    report = _report(services)
    if report.document["contradictions"]:
        raise Refused(report.text)
    return report


@make_command("send", group=command, example="authserver audit anchors send")
def send(settings: Settings) -> Report:
    """Send every anchor the checkpoints that it has not yet, once; the server does it by itself."""
    services = opened(settings)
    sent = services.proving.anchors.worker.round()
    return Report({"sent": sent}, f"{sent} checkpoints were taken.")


@make_command(
    "accept", group=command, example='authserver audit anchors accept --reason "Restored, INC-7"'
)
@click.option("--reason", required=True, help="Why; it stands in the trail for good.")
def accept(settings: Settings, *, reason: str) -> Report:
    """Let checkpoints be signed again although an anchor contradicts the database.

    Look first at what `list` shows: after a restored backup, what came after it is lost, and this
    says so for ever. Anchors keep the evidence, and a witness signs nothing more of this log.
    """
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise Refused("Say why, in one line.")
    services = opened(settings)
    found = services.database.write(
        lambda transaction: services.proving.anchors.contradictions.accept(
            transaction, operator(instance_of(transaction)), reason=reason
        )
    )
    document = {"accepted": [_contradiction(one) for one in found]}
    return Report(document, "\n".join(f"Accepted: {_denied(one)}" for one in found))


def _report(services: Services) -> Report:
    anchors = services.proving.anchors
    with services.database.read() as view:
        standings, found = anchors.all(view), anchors.contradictions.standing(view)
    document = {
        "anchors": [{**_standing(one), "url": anchors.urls[one.name]} for one in standings],
        "contradictions": [_contradiction(one) for one in found],
    }
    lines = [_line(one, anchors.urls[one.name]) for one in standings]
    none = ["AUTHSERVER_TRAIL_ANCHORS and AUTHSERVER_TRAIL_WITNESSES name none."]
    return Report(document, "\n".join([*(lines or none), *map(_denied, found)]))


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "name": one.name,
        "number": one.number,
        "waiting": one.waiting,
        "moved_at": one.moved_at and one.moved_at.isoformat(),
        "failing_since": one.failing_since and one.failing_since.isoformat(),
        "error": one.error,
    }


def _contradiction(one: Contradiction) -> dict[str, Any]:
    return {**vars(one), "found_at": one.found_at.isoformat()}


def _line(one: Standing, url: str) -> str:
    why = f"  failing since {one.failing_since:%Y-%m-%d %H:%M}: {one.error}" if one.error else ""
    return f"{one.name}  {url}  has {one.number}, {one.waiting} waiting{why}"


def _denied(one: Contradiction) -> str:
    what = "was rolled back" if one.why == "rolled_back" else "has another history"
    return (
        f"CONTRADICTION: {one.anchor} has checkpoint {one.number}; the database had"
        f" {one.newest} and {what}."
    )

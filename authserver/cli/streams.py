"""`authserver streams`: how far streams of the trail are, and having one go back."""

from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.settings import Settings
from authserver.streaming.reading import Standing


@click.group("streams", epilog="\b\nExample:\n  authserver streams list")
def command() -> None:
    """See how far the streams of AUTHSERVER_TRAIL_STREAMS are (docs/streaming.md)."""


@make_command("list", group=command, example="authserver streams list --json")
def list_streams(settings: Settings) -> Report:
    """List streams: where they lead, what waits since when, and why one stands still."""
    services = opened(settings)
    with services.database.read() as view:
        standings = services.streams.standings(view)
    found = [
        {**_document(standing), "url": target.url}
        for target, standing in zip(services.streams.targets, standings, strict=True)
    ]
    text = "\n".join(map(_line, found)) or "AUTHSERVER_TRAIL_STREAMS names no streams."
    return Report({"streams": found}, text)


@make_command(
    "rewind", group=command, example="authserver streams rewind siem --tenant acme --after 0"
)
@click.argument("name")
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option(
    "--after",
    "seq",
    type=click.IntRange(0),
    required=True,
    help="The number of the event after which it goes on; 0 is the beginning.",
)
def rewind(settings: Settings, *, name: str, slug: str, seq: int) -> Report:
    """Have a stream take events of a tenant again, from the one after that number on."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.streams.rewind(
            transaction, name, tenant.id, seq=seq, actor=operator(tenant.id)
        ),
    )
    document = {"stream": name, "tenant": slug, "after": seq}
    return Report(document, f"{name} goes on after number {seq} of {slug}.")


def _document(one: Standing) -> dict[str, Any]:
    moments = {
        name: value and value.isoformat()
        for name, value in (
            ("oldest", one.oldest),
            ("moved_at", one.moved_at),
            ("failing_since", one.failing_since),
        )
    }
    return {"name": one.name, "waiting": one.waiting, **moments, "error": one.error}


def _line(one: dict[str, Any]) -> str:
    why = f"  failing since {one['failing_since']}: {one['error']}" if one["error"] else ""
    return f"{one['name']}  {one['url']}  {one['waiting']} waiting{why}"

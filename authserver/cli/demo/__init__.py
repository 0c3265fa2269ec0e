"""`authserver demo`: everything at once on one machine, with data to play with."""

import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from urllib.parse import urlsplit

import click

from authserver.cli import spared
from authserver.cli.command import NotReady, Report
from authserver.cli.command import command as make_command
from authserver.cli.ports import check_free
from authserver.core.problems import Refused
from authserver.demo.config import (
    AUDIENCE,
    FILE,
    RELYING_PARTY,
    RESOURCE_SERVER,
    VARIABLE,
    DemoConfig,
    find,
)
from authserver.demo.people import PASSWORD, PEOPLE, app_uri
from authserver.demo.processes import DemoEnded, Processes, ending_later
from authserver.settings import Settings, variable

_APPLICATIONS = {
    "relying-party": "authserver.demo.relying_party",
    "resource-server": "authserver.demo.resource_server",
}


@make_command("demo", example="authserver demo")
@click.option("--load-only", is_flag=True, help="Load the data and start nothing.")
@click.option(
    "--scale", is_flag=True, help="Load a large installation to measure, and start nothing."
)
@click.option(
    "--people",
    type=click.IntRange(2_000),
    default=1_000_000,
    show_default=True,
    help="How many people --scale loads: half of them into one tenant.",
)
def command(settings: Settings, *, load_only: bool, scale: bool, people: int) -> Report:
    """Set up, load demo data, and run the server with two demo applications.

    Running it again finds everything as it was left. Ctrl-C ends it. With --scale there is a tenant
    for every thousand people and a client for every hundred; it takes PostgreSQL, and some minutes.
    """
    if not settings.is_loopback:
        raise Refused("The demo's passwords are public: it is for a loopback issuer only.")
    if scale:
        return _scale(settings, people)
    if load_only:
        config = _load(settings)
        return Report(_document(config), _text(config))
    for address in (settings.issuer, RELYING_PARTY, RESOURCE_SERVER):
        check_free("127.0.0.1", _port(address))
    processes = _processes(settings)
    click.get_current_context().with_resource(processes)
    config = _begin(settings, processes)
    return Report(_document(config), _text(config), then=partial(_stay, processes))


def _scale(settings: Settings, people: int) -> Report:
    with spared(), ending_later():
        from authserver.cli.demo.data import load_scale  # noqa: PLC0415  as below

    loaded = load_scale(settings, people, lambda text: click.echo(text, err=True))
    there = f"{loaded.tenants:,} tenants, {loaded.people:,} people, {loaded.clients:,} clients"
    if not loaded.made:
        return Report({"made": False}, "A large installation is there already.")
    return Report({**asdict(loaded), "password": PASSWORD}, f"Made: {there}.")


def _load(settings: Settings) -> DemoConfig:
    # Slow to import: on a second start, the applications begin meanwhile.
    with spared(), ending_later():
        from authserver.cli.demo.data import load_demo  # noqa: PLC0415

    return load_demo(settings)


def _processes(settings: Settings) -> Processes:
    data_dir = settings.data_dir.absolute()
    here = {
        variable("data_dir"): str(data_dir),
        variable("dev_mail"): "on",
        VARIABLE: str(data_dir / FILE),
    }
    return Processes(data_dir / "log", os.environ | here)


def _begin(settings: Settings, processes: Processes) -> DemoConfig:
    """Load the data and start everything; return when it runs.

    The applications begin with what was left, and once more where that changed. The server is
    this program, which has imported it to load the data, and goes on in a child.
    """
    left = find(settings.data_dir / FILE)
    if left is not None:
        _start_applications(processes)
    config = _load(settings)
    processes.fork("server", _server(settings))
    if config != left:
        _start_applications(processes)
    try:
        processes.wait_until_ready([config.issuer, RELYING_PARTY, RESOURCE_SERVER])
    except DemoEnded as ended:
        raise NotReady(str(ended)) from ended
    return config


def _server(settings: Settings) -> Callable[[], None]:
    """Return what serves, with everything imported that it needs."""
    with spared(), ending_later():
        from authserver import workers  # noqa: PLC0415  the same
        from authserver.wiring.fetching import threads  # noqa: PLC0415

        workers.import_application()
    port = _port(settings.issuer)
    return partial(workers.serve, "127.0.0.1", port, workers=1, threads=threads(settings))


def _start_applications(processes: Processes) -> None:
    for name, module in _APPLICATIONS.items():
        processes.start(name, module)


def _port(address: str) -> int:
    return urlsplit(address).port or 80


def _stay(processes: Processes) -> None:
    try:
        processes.wait()
    except KeyboardInterrupt:
        return
    except DemoEnded as ended:
        raise NotReady(str(ended)) from ended


def _document(config: DemoConfig) -> dict[str, object]:
    people = [
        {
            "email": p.email,
            "tenant": p.tenant,
            "roles": [*p.roles],
            "guest_of": p.home,
            "authenticator": app_uri(p),
        }
        for p in PEOPLE
    ]
    return {
        "issuer": config.issuer,
        "relying_party": RELYING_PARTY,
        "resource_server": RESOURCE_SERVER,
        "mail": f"{config.issuer}/dev/mail",
        "audience": AUDIENCE,
        "password": PASSWORD,
        "people": people,
    }


def _text(config: DemoConfig) -> str:
    people = [
        f"    {p.email:<22} {p.tenant:<8} {', '.join(p.roles)}"
        + (f" (a guest, at home in {p.home})" if p.home else "")
        + (" (and a code of the app below)" if p.has_app else "")
        for p in PEOPLE
    ]
    apps = [f"    {app_uri(p)}" for p in PEOPLE if p.has_app]
    partner = config.partner
    return "\n".join(
        [
            "",
            f"  Demo application       {RELYING_PARTY}   <- begin here",
            f"  Authorization server   {config.issuer}",
            f"  Demo API               {RESOURCE_SERVER}",
            f"  Mails that were sent   {config.issuer}/dev/mail",
            "",
            f"  Sign in with the password {PASSWORD} as",
            *people,
            "",
            "  An authenticator app for the demo only: everybody knows this secret",
            *apps,
            "",
            "  A partner fetches a token:",
            f"    curl -u {partner.client_id}:{partner.client_secret} \\",
            f"      -d grant_type=client_credentials {config.issuer}/oauth/token",
            "",
            "  Ctrl-C ends it; starting again loses nothing.",
        ]
    )

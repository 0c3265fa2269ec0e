"""`authserver demo`: everything at once on one machine, with data to play with."""

import os
from dataclasses import asdict
from functools import partial
from urllib.parse import urlsplit

import click

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
from authserver.wiring.fetching import threads
from authserver.workers import program_of

_BEHIND = 5
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
    left = find(settings.data_dir / FILE)
    if left is not None and not _goes_on(settings, processes, left):
        left = None
    config = left or _begin(settings, processes)
    return Report(_document(config), _text(config), then=partial(_stay, settings, processes, left))


def _scale(settings: Settings, people: int) -> Report:
    from authserver.cli.demo.data import load_scale  # noqa: PLC0415  as below

    loaded = load_scale(settings, people, lambda text: click.echo(text, err=True))
    there = f"{loaded.tenants:,} tenants, {loaded.people:,} people, {loaded.clients:,} clients"
    if not loaded.made:
        return Report({"made": False}, "A large installation is there already.")
    return Report({**asdict(loaded), "password": PASSWORD}, f"Made: {there}.")


def _load(settings: Settings) -> DemoConfig:
    # Slow to import: on a second start, the processes begin meanwhile.
    with ending_later():
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
    """Load the data, then start everything; return when it runs."""
    config = _load(settings)
    processes.start("server", "authserver.cli", "serve", "--port", str(_port(settings.issuer)))
    _start_applications(processes)
    try:
        processes.wait_until_ready(_addresses(config))
    except DemoEnded as ended:
        raise NotReady(str(ended)) from ended
    return config


def _goes_on(settings: Settings, processes: Processes, left: DemoConfig) -> bool:
    """Start what was left, believed until it proves wrong; tell whether it runs.

    The server takes longest, so it begins before anything is looked at. What is wrong with it,
    whoever loads the data says in plain words.
    """
    port = _port(settings.issuer)
    processes.start("server", *program_of("127.0.0.1", port, 1, threads(settings)))
    if left.issuer != settings.issuer or not _is_as_left(settings, left):
        processes.end("server")  # it is far from serving yet
        return False
    os.nice(_BEHIND)  # what else begins here does so beside the server
    _start_applications(processes)
    try:
        processes.wait_until_ready(_addresses(left))
    except DemoEnded:
        return False
    return True


def _is_as_left(settings: Settings, left: DemoConfig) -> bool:
    # Slow to import: the server begins meanwhile.
    with ending_later():
        from authserver.cli.demo.left import is_as_left  # noqa: PLC0415

    return is_as_left(settings, left)


def _start_applications(processes: Processes) -> None:
    for name, module in _APPLICATIONS.items():
        processes.start(name, module)


def _addresses(config: DemoConfig) -> list[str]:
    return [config.issuer, RELYING_PARTY, RESOURCE_SERVER]


def _port(address: str) -> int:
    return urlsplit(address).port or 80


def _stay(settings: Settings, processes: Processes, left: DemoConfig | None) -> None:
    """Run until Ctrl-C. What a newer program adds to what was left, nobody has to wait for."""
    try:
        if left is not None:
            with ending_later():
                loaded = _load(settings)
            if loaded != left:
                _start_applications(processes)
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

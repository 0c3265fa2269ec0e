"""`authserver demo`: everything at once on one machine, with data to play with."""

import os
from urllib.parse import urlsplit

import click

from authserver.cli.command import NotReady, Report
from authserver.cli.command import command as make_command
from authserver.cli.init import initialise
from authserver.cli.opened import opened
from authserver.core.problems import Refused
from authserver.demo.config import (
    AUDIENCE,
    FILE,
    RELYING_PARTY,
    RESOURCE_SERVER,
    VARIABLE,
    DemoConfig,
    known_credentials,
)
from authserver.demo.data import PASSWORD, PEOPLE, Tools, load
from authserver.demo.processes import DemoEnded, Processes
from authserver.settings import Settings, variable


@make_command("demo", example="authserver demo")
@click.option("--load-only", is_flag=True, help="Load the data and start nothing.")
def command(settings: Settings, *, load_only: bool) -> Report:
    """Set up, load demo data, and run the server with two demo applications.

    Running it again finds everything as it was left. Ctrl-C ends it.
    """
    if not settings.is_loopback:
        raise Refused("The demo's passwords are public: it is for a loopback issuer only.")
    initialise(settings)
    config = load_demo(settings)
    document, text = _document(config), _text(config)
    if load_only:
        return Report(document, text)
    processes = _start(settings)
    return Report(document, text, then=lambda: _wait(processes))


def load_demo(settings: Settings) -> DemoConfig:
    """Load the demo data and write the file by which the demo applications find it."""
    services = opened(settings)
    path = settings.data_dir / FILE
    tools = Tools(
        services.database,
        services.hasher,
        tenants=services.tenants,
        accounts=services.accounts,
        roles=services.roles,
        clients=services.clients,
    )
    config = DemoConfig(issuer=settings.issuer, **load(tools, known_credentials(path)))
    config.write(path)
    services.database.engine.dispose()
    return config


def _start(settings: Settings) -> Processes:
    """Start the server and the demo applications; return when all of them answer."""
    data_dir = settings.data_dir.absolute()
    here = {variable("data_dir"): str(data_dir), VARIABLE: str(data_dir / FILE)}
    processes = Processes(data_dir / "log", os.environ | here)
    click.get_current_context().with_resource(processes)
    port = str(urlsplit(settings.issuer).port or 80)
    try:
        processes.start("server", "authserver.cli", "serve", "--port", port)
        processes.start("relying-party", "authserver.demo.relying_party")
        processes.start("resource-server", "authserver.demo.resource_server")
        processes.wait_until_ready([settings.issuer, RELYING_PARTY, RESOURCE_SERVER])
    except DemoEnded as ended:
        raise NotReady(str(ended)) from ended
    return processes


def _wait(processes: Processes) -> None:
    try:
        processes.wait()
    except KeyboardInterrupt:
        return
    except DemoEnded as ended:
        raise NotReady(str(ended)) from ended


def _document(config: DemoConfig) -> dict[str, object]:
    people = [{"email": p.email, "tenant": p.tenant, "roles": [*p.roles]} for p in PEOPLE]
    return {
        "issuer": config.issuer,
        "relying_party": RELYING_PARTY,
        "resource_server": RESOURCE_SERVER,
        "audience": AUDIENCE,
        "password": PASSWORD,
        "people": people,
    }


def _text(config: DemoConfig) -> str:
    people = [f"    {p.email:<22} {p.tenant:<8} {', '.join(p.roles)}" for p in PEOPLE]
    partner = config.partner
    return "\n".join(
        [
            "",
            f"  Demo application       {RELYING_PARTY}   <- begin here",
            f"  Authorization server   {config.issuer}",
            f"  Demo API               {RESOURCE_SERVER}",
            "",
            f"  Sign in with the password {PASSWORD} as",
            *people,
            "",
            "  A partner fetches a token:",
            f"    curl -u {partner.client_id}:{partner.client_secret} \\",
            f"      -d grant_type=client_credentials {config.issuer}/oauth/token",
            "",
            "  Ctrl-C ends it; starting again loses nothing.",
        ]
    )

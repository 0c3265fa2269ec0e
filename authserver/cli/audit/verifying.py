"""`authserver audit verify`: is the trail what was signed? Ends with 0, 1, 2 or 3.

The verifier is the one that others take away (authserver/sdk): the same verdict for a trail in the
database as for a file of it.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click
from sqlalchemy import select

from authserver.audit.sequencing.kept import MissingError
from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Database
from authserver.core.problems import Problem, Refused
from authserver.oauth.trail.keys import shown
from authserver.sdk import trail_verifier as verifier
from authserver.sdk.trail_verifier import Trust, Verdict
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services

_WORST = ("usage", "tampered", "incomplete", "verified")
_FILE = click.Path(dir_okay=False, path_type=Path)


class _Ended(SystemExit):
    """A verdict's exit code, which is not a refusal's."""


class _Command(click.Command):
    """A command whose refusals are no verdicts: they end with 3, as wrong usage does."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401  click's
        """Read the arguments."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            error.show()
            raise SystemExit(verifier.EXIT["usage"]) from error

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's
        """Run the command."""
        try:
            return super().invoke(ctx)
        except _Ended:
            raise
        except SystemExit as end:
            raise SystemExit(verifier.EXIT["usage"] if end.code else 0) from end


@make_command("verify", example="authserver audit verify --tenant globex")
@click.option("--tenant", "slug", help="Only this tenant's trail; otherwise every tenant's.")
@click.option("--from", "since", type=int, help="Only what came after this checkpoint.")
@click.option("--bundle", type=_FILE, help="An exported file instead of the database.")
@click.option("--keys", type=_FILE, help="Keys saved from /.well-known/audit-keys.")
@click.option(
    "--anchors",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder with checkpoints that were kept elsewhere.",
)
@click.option("--witnesses", type=_FILE, help="A file with keys of witnesses, one a line.")
def _verify(  # noqa: PLR0913  the options
    settings: Settings,
    *,
    slug: str | None,
    since: int | None,
    bundle: Path | None,
    keys: Path | None,
    anchors: Path | None,
    witnesses: Path | None,
) -> Report:
    """Verify the trail: every hash, every number, every signature.

    Ends with 0 where all is verified, 1 where something was changed (its first number is named), 2
    where something needed for the proof is missing, 3 where it cannot be tried.

    Without --keys, the keys are those whose private half this installation has. With --bundle no
    installation is needed, and nothing is believed that comes from one.
    """
    if bundle is not None and (slug is not None or since is not None):
        raise Problem("A bundle says whose trail it is, and from where.")
    try:
        trust = Trust(
            verifier.read_keys(keys) if keys else None,
            verifier.read_anchors(anchors) if anchors else (),
            verifier.read_witnesses(witnesses) if witnesses else {},
        )
        if bundle is None:
            return _report(_trails(opened(settings), trust, slug, since=since))
        return _report({str(bundle): _of_file(bundle, trust)})
    except verifier.Usage as usage:
        raise Problem(f"{usage}") from usage


verify = _Command(
    "verify", callback=_verify.callback, params=_verify.params, help=_verify.help,
    epilog=_verify.epilog,
)  # fmt: skip


def _of_file(bundle: Path, trust: Trust) -> Verdict:
    try:
        with bundle.open("rb") as file:
            return verifier.verify(verifier.read_pieces(file), trust)
    except OSError as error:
        raise verifier.Usage(f"{bundle} cannot be read: {error.strerror}") from error


def _trails(
    services: Services, trust: Trust, slug: str | None, *, since: int | None
) -> dict[str, Verdict]:
    with services.database.read() as view:
        every = view.platform().scalars(select(Tenant).order_by(Tenant.slug))
        found = [get_by_slug(view, slug)] if slug else every.all()
        tenants = [(tenant.slug, tenant.id) for tenant in found]
        if trust.keys is None:
            own = [verifier.saved_key(shown(key)) for key in services.proving.keys.own(view)]
            trust = Trust(own, trust.anchors, trust.witnesses)
    return {slug: _of_tenant(services, id_, trust, since=since) for slug, id_ in tenants}


def _of_tenant(services: Services, tenant_id: str, trust: Trust, *, since: int | None) -> Verdict:
    database: Database = services.database
    also = [anchor.number for anchor in trust.anchors]
    try:
        with database.read() as view:
            plan = services.proving.bundles.plan(view, tenant_id, since=since, also=also)
        return verifier.verify(services.proving.bundles.lines(database, plan), trust)
    except Refused as refused:
        message = f"INCOMPLETE: {refused.description}"
        return Verdict("incomplete", ["uncovered"], tenant=tenant_id, message=message)
    except (MissingError, ValueError) as error:
        # What proves the trail is not there any more: no line can say where.
        return Verdict("tampered", ["root"], tenant=tenant_id, message=f"TAMPERED: {error}")


def _report(verdicts: dict[str, Verdict]) -> Report:
    status = min((one.status for one in verdicts.values()), key=_WORST.index, default="verified")
    trails = [{"trail": name, **asdict(one)} for name, one in verdicts.items()]
    lines = [f"{name}: {one.message}" for name, one in verdicts.items()]
    notes = [note for one in verdicts.values() for note in one.notes]

    def end() -> NoReturn:
        raise _Ended(verifier.EXIT[status])

    return Report(
        {"status": status, "trails": trails}, "\n\n".join(["\n".join(lines), *notes]), then=end
    )

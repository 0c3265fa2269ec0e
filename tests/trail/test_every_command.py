"""Every command that changes something records it."""

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from authserver.cli import main
from authserver.clients.registering.models import SelfRegistration
from authserver.core.jose import SigningKey, generate_private_key
from authserver.delivery.models import OutboxMessage
from authserver.invitations.models import Invitation
from authserver.webhooks.models import WebhookDelivery
from tests.admin.bodies import CANARIES, MAIL, NAME, SECRET
from tests.flows.protocol_story import ProtocolStory
from tests.support import linked
from tests.support.dns import NameServer, name_server
from tests.support.pictures import picture
from tests.support.registering import registrar
from tests.support.source import ROOT
from tests.support.world import MASTER_KEY, PASSWORD, World
from tests.trail.commands import ELSEWHERE, LOOKS, SESSION, SILENT
from tests.trail.recording import Recorder
from tests.unit.cli.test_every_command import EVERY

pytestmark = [pytest.mark.any_database, pytest.mark.attack("AUD-11")]

_DECLARED = "version: 1\ntenants:\n  declared:\n    name: Declared\n    type: customer\n"
_CORP = "--tenant globex --kind oidc --server https://id.corp.example --label Corp"
_CI = "build --tenant globex --issuer https://ci.example --subject client --scope orders:read"


class Operator:
    """Types the session; what lines name is in `known`."""

    def __init__(self, world: World, folder: Path, server: NameServer) -> None:
        self.world, self.folder, self.server = world, folder, server
        self.recorder = Recorder(world)
        self.recorder.secrets |= set(CANARIES)
        self.known = {
            "folder": str(folder),
            "mail": MAIL,
            "name": shlex.quote(NAME),
            "password": PASSWORD,
            "secret_phrase": SECRET,
            "corp": f"{_CORP} --client-id ours --secret-stdin",
            **{
                who: f"--tenant globex --email {MAIL}-{who}@example.com"
                for who in ("ada", "bob", "carol")
            },
        }

    def type(self, line: str) -> bool:
        """Do what a line says; tell whether that added an event."""
        if line.startswith("@"):
            getattr(self, line[1:])()
            return True
        line, _, keeps = line.partition(" => ")
        line, _, reads = line.partition(" < ")
        before = self.recorder.count()
        done = self.run(line, f"{reads.format_map(self.known)}\n")
        assert done.exit_code == 0, (line, done.output)
        answer = orjson.loads(done.stdout)
        self.recorder.heard(done.stdout_bytes)
        here, _, there = keeps.partition("=")
        self.known |= {here: answer[there]} if here else {}
        if line.startswith("domains add"):
            self.server.put(answer["record_name"], f'TXT "{answer["record_value"]}"')
        return self.recorder.count() > before

    def run(self, line: str, stdin: str) -> Result:
        if line.startswith("assertions create"):
            shop, keys = self.known["shop"], self.folder / "jwks.json"
            self.known["ci"] = f"{_CI} --jwks {keys} --client {shop} --machine a=b={shop}"
        words = shlex.split(line.format_map(self.known))
        return CliRunner().invoke(main, [*words, "--json"], input=stdin)

    def write(self, statement: Any) -> None:
        self.world.services.database.write(
            lambda tx: tx.platform().execute(
                statement, execution_options={"synchronize_session": False}
            )
        )

    # --- what lines are prepared by

    def mails_failed(self) -> None:
        self.write(update(OutboxMessage).values(failed_at=self.world.clock.now()))

    def webhooks_failed(self) -> None:
        self.write(update(WebhookDelivery).values(failed_at=self.world.clock.now()))

    def an_invitation_waited(self) -> None:
        self.world.clock.move(days=-1)
        self.write(update(Invitation).values(sent_at=self.world.clock.now()))
        self.world.clock.reset()

    def a_client_registered(self) -> None:
        at = registrar(self.world)
        self.known |= {"own": at.registered()["client_id"], "owner": at.tenant.slug}

    def nobody_used_it(self) -> None:
        self.world.clock.move(days=-900)
        self.write(update(SelfRegistration).values(used_at=self.world.clock.now()))
        self.world.clock.reset()

    def an_identity_is_linked(self) -> None:
        tenant = self.world.tenant()
        person = self.world.user(tenant)
        identity = linked.link(self.world, person, linked.connect(self.world, tenant))
        self.known["identity"] = identity

    def a_logout_failed(self) -> None:
        ProtocolStory(self.world).undelivered()[1]()

    def somebody_was_erased(self) -> None:
        erased = {"erasures": [{"user_id": self.known["carol_id"], "state": "done"}]}
        (self.folder / "erasures.json").write_text(json.dumps(erased))


@pytest.fixture(name="operator")
def _operator(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    settings, key = world.services.settings, SigningKey(generate_private_key("ES256"), "ES256")
    for name in [name for name in os.environ if name.startswith("AUTHSERVER_")]:
        monkeypatch.delenv(name)
    (tmp_path / "logo.png").write_bytes(picture("PNG", (30, 30)))
    for name, text in {
        "people.csv": f"email,name\n{MAIL}-7@example.com,{NAME}\n",
        "more.csv": f"email,name\n{MAIL}-8@example.com,{NAME}\n",
        "passphrase": SECRET,
        "declared.yaml": _DECLARED,
        "jwks.json": json.dumps({"keys": [key.public_jwk]}),
    }.items():
        (tmp_path / name).write_text(text)
    mask = os.umask(0o022)
    with name_server() as server:
        for name, value in {
            "DATABASE_URL": settings.sqlalchemy_url,
            "DATA_DIR": str(settings.data_dir),
            "ISSUER": settings.issuer,
            "MASTER_KEY": MASTER_KEY,
            "DNS_SERVER": server.address,
            "TRAIL_STREAMS": f"siem=file:{tmp_path}/siem.ndjson",
        }.items():
            monkeypatch.setenv(f"AUTHSERVER_{name}", value)
        yield Operator(world, tmp_path, server)
    os.umask(mask)


def test_every_command_that_changes_something_adds_an_event_that_says_no_secret(
    operator: Operator,
) -> None:
    silent = [line for line in SESSION.strip().splitlines() if not operator.type(line)]
    assert silent == []
    assert operator.recorder.in_clear() == {}


def test_every_command_is_typed_or_it_is_said_why_not() -> None:
    every = {" ".join(path) for path in EVERY}
    typed = {
        one for one in every for line in SESSION.splitlines() if f"{line} ".startswith(f"{one} ")
    }
    looks = {
        f"{group} {name}".strip()
        for group, names in LOOKS.items()
        for name in names.split() or [""]
    }
    lists = [typed, looks, SILENT.keys(), ELSEWHERE.keys()]
    assert set().union(*lists) == every
    assert sum(map(len, lists)) == len(every), "each in one of them"


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_takes_an_installation_of_its_own_is_looked_for_there(command: str) -> None:
    path, type_ = ELSEWHERE[command]
    text = (ROOT / "tests" / path).read_text()
    assert f'"{type_.value}"' in text or f"EventType.{type_.name}" in text

"""An installation in which every kind of ciphertext is, and its master keys."""

import base64
from dataclasses import replace

from sqlalchemy import LargeBinary, select

from authserver import schema
from authserver.audit.anchors.values import Denial, Why
from authserver.core.crypto import KEY_ID, Keyring
from authserver.core.database.engine import Transaction
from authserver.jobs.values import Begun
from authserver.people.importing.reading import Format
from authserver.people.importing.service import NewImport
from authserver.tenants.service import installation_id
from authserver.trail_exports.values import Ask
from authserver.trail_exports.values import Format as ExportFormat
from authserver.webhooks.service import NewWebhook
from authserver.wiring.people.jobs import make_imports, make_job_worker
from authserver.wiring.trail.exporting import make_exports
from tests.admin.callers import program
from tests.api_keys.making import of_service
from tests.support import linked
from tests.support.account import FIREFOX, agree, enter
from tests.support.browser import Browser, Party
from tests.support.factors import Keeper, set_policy
from tests.support.world import MASTER_KEY as OLD
from tests.support.world import TenantFixture, UserFixture, World

NEW = base64.b64encode(b"n" * 32).decode()
BOTH = f"{NEW}\n{OLD}"
OLD_ID, NEW_ID = (Keyring.parse(key).ids[0] for key in (OLD, NEW))


class Full:
    """An installation in which every kind of ciphertext is."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenant = world.tenant(own_issuer=True)
        set_policy(world, self.tenant, trusted_device_days=7, client_secret_jwt=True)
        self.keeper = Keeper(world, self.tenant)
        self.keeper.add()
        self.client = world.client(self.tenant)
        world.client(self.tenant, auth_method="client_secret_jwt")
        self.trusted = Browser(world)
        self.trusted.http.environ_base.update(HTTP_USER_AGENT=FIREFOX)
        assert self.keeper.sign_in(self.trusted, trust="yes").status_code == 200
        self.connection = linked.connect(world, self.tenant)
        self.identity = linked.link(world, self.keeper.user, self.connection)
        self.token = linked.keep(world, self.keeper.user, self.identity)
        created = {"slug": f"{self.tenant.slug}-2", "name": "Second", "type": "customer"}
        operator = program(world, "tenants:write")
        assert operator.call("POST", "/tenants", created, Idempotency_Key="k").status_code == 201
        machine = world.client(self.tenant, "service", scopes=["orders:read"])
        of_service(world, machine, "orders:read").own_tenant()
        assert world.services.api_keys.uses.write() == 1
        self.copied = world.user(self.tenant)
        tell_and_copy(world, self.copied)
        begin_an_import(world, self.tenant)
        take_the_trail(world, self.tenant)
        accept_a_denial(world)
        television = Party(world, world.client(self.tenant, "device"))
        assert television.send("device_authorization", {}).status_code == 200

    def move(self, world: World) -> None:
        """Go on at another process."""
        self.keeper.world = self.world = world
        for browser in (self.keeper.browser, self.trusted):
            browser.world, browser.http.application = world, world.app


def tell_and_copy(world: World, user: UserFixture) -> None:
    """Let there be a webhook, a key of the trail, and a copy of somebody's data."""
    tenant = user.tenant
    services, actor = world.services, replace(world.operator, principal=tenant.id)
    asked = NewWebhook("https://told.example/", ("user.*",))
    services.database.write(
        lambda tx: services.webhooks.service.create(tx, tenant.id, asked, actor=actor)
    )
    services.proving.sequencer.once()
    browser = Browser(world)
    enter(browser, user, "privacy")
    assert agree(browser, "privacy", "copy").status_code == 303
    assert make_job_worker(services).work_off() == 1


def take_the_trail(world: World, tenant: TenantFixture) -> None:
    """Let there be a file of the trail."""
    begun = Begun("operator", tenant.id, tenant.id, "req_1")
    ask, actor = Ask(ExportFormat.JSONL), replace(world.operator, principal=tenant.id)
    world.services.database.write(
        lambda tx: make_exports(world.services).ask(tx, tenant.id, ask, begun=begun, actor=actor)
    )
    assert make_job_worker(world.services).work_off() >= 1


def accept_a_denial(world: World) -> None:
    """Let an anchor deny the database, and let an operator accept that."""
    denials = world.services.proving.anchors.contradictions
    actor = replace(world.operator, principal=installation_id(world.services.database))

    def job(transaction: Transaction) -> None:
        assert denials.found(transaction, "far", Denial(99, Why.ROLLED_BACK))
        denials.accept(transaction, actor, reason="restored")

    world.services.database.write(job)


def begin_an_import(world: World, tenant: TenantFixture) -> None:
    """Leave rows to a worker."""
    imports, begun = make_imports(world.services), Begun("operator", tenant.id, tenant.id, "req_1")

    def job(transaction: Transaction) -> None:
        begun_job = imports.begin(transaction, tenant.id, NewImport(Format.JSONL, begun))
        imports.add(
            transaction, begun_job, 1, text='{"email": "ada@globex.example", "name": "Ada"}'
        )

    world.services.database.write(job)


def counted(world: World) -> dict[str, dict[bytes, int]]:
    return {name: dict(keys) for name, keys in world.services.chores.reencryption.count().items()}


def renew(world: World) -> int:
    return sum(step.renewed for step in world.services.chores.reencryption.renew())


def ids_in(world: World) -> set[bytes]:
    """Return what stands where a ciphertext names its key, in every binary value there is."""
    found = set()
    with world.services.database.engine.connect() as raw:
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    found |= {
                        bytes(value[KEY_ID]) for value in raw.scalars(select(column)) if value
                    }
    return found
